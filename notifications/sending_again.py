"""A message that surely did not arrive, sent once more because a person wants it: only where that can't double it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from notifications.calls import CallEnd, settle_call
from notifications.channels.outcomes import REASONS
from notifications.consent import consenting
from notifications.models import CallTask, Notice, NoticeState, NoticeVisit
from notifications.models.notice import AGAIN
from notifications.reaching import is_address_of
from scheduling import events, permissions
from scheduling.events import Actor, Entry


class WhyNotAgain(StrEnum):
    """Why a message is not sent again. In every case a call is the way on."""

    MAY_HAVE_ARRIVED = "may_have_arrived"
    TOO_LATE = "too_late"
    CHANGED = "changed"
    NOT_THERE = "not_there"
    DONE = "done"


class NotAgain(Exception):
    """It may not be sent again; `why` says why not."""

    def __init__(self, why: WhyNotAgain) -> None:
        self.why = why
        super().__init__(why)


def why_not_again(notice: Notice, *, now: datetime) -> WhyNotAgain | None:
    """None where sending again is safe: the provider surely has not delivered it, and all of it still holds."""
    if notice.state != NoticeState.FAILED:
        return WhyNotAgain.MAY_HAVE_ARRIVED
    if notice.useful_until <= now:
        return WhyNotAgain.TOO_LATE
    reason = REASONS.get(notice.reason)
    if reason is not None and reason.stops_address:
        return WhyNotAgain.NOT_THERE
    if not is_address_of(notice.patient, notice.address) or notice.address_id not in consenting([notice.address_id]):
        return WhyNotAgain.NOT_THERE
    told = notice.told_visits.select_related("appointment")
    if any(one.appointment.told_version != one.told_version for one in told):
        return WhyNotAgain.CHANGED
    return WhyNotAgain.DONE if Notice.objects.filter(notice_key=f"{notice.notice_key}{AGAIN}").exists() else None


def send_again(*, notice: Notice, by: Actor, now: datetime) -> list[Notice]:
    """Plans notices like this one and those that went with it in one message, due at once; their attempt looks at all
    facts anew. The old ones stay as they were, and the call about them is settled.

    Refuses with NotAgain where it may have arrived, is of no use any more, tells of what has changed, has nowhere to go
    or was sent again before. Records `message.sent_again`.
    """
    clinic = notice.clinic
    permissions.check(by, "message.send_again", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with transaction.atomic():
        # Two who press at once: the second finds what the first wrote.
        together = Notice.objects.select_for_update(of=("self",)).select_related("patient", "address")
        same = Q(message=notice.message_id) if notice.message_id else Q(pk=notice.pk)
        rows = list(together.filter(same).order_by("pk"))
        for row in rows:
            why = why_not_again(row, now=now)
            if why is not None:
                raise NotAgain(why)
        again = [_like(row, now) for row in rows]
        for call in CallTask.objects.filter(notice__in=rows, closed_at=None).select_related("clinic", "notice"):
            settle_call(task=call, ended=CallEnd.SENT_AGAIN, by=by, now=now)
        entry = Entry(
            "message.sent_again",
            clinic_id=clinic.pk,
            patient_id=notice.patient_id,
            data={"notices": [row.pk for row in rows], "again": [row.pk for row in again]},
        )
        events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return again


def _like(row: Notice, now: datetime) -> Notice:
    again = Notice.objects.create(
        notice_key=f"{row.notice_key}{AGAIN}", patient=row.patient, clinic_id=row.clinic_id, purpose=row.purpose,
        step=row.step, channel=row.channel, address=row.address, due_at=now, useful_until=row.useful_until,
        words=row.words, reply_id=row.reply_id, planned_at=now, changed_at=now,
    )  # fmt: skip
    NoticeVisit.objects.bulk_create(
        NoticeVisit(
            notice=again,
            appointment_id=told.appointment_id,
            told_version=told.told_version,
            starts_at=told.starts_at,
            clinic_id=told.clinic_id,
        )
        for told in row.told_visits.all()
    )
    return again
