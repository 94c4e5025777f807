"""An old link that no longer says what is true: it shows nothing, and the news goes to the contact on file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Lower

from notifications.clinic_rules import read_rules
from notifications.links import is_superseded, visits_told
from notifications.models import MAY_HAVE_ARRIVED, Message, Notice, NoticeState, NoticeVisit
from notifications.models.notice import AGAIN
from notifications.notice_facts import ChannelName, Purpose, Reachable, Standing
from notifications.notice_rules import goes_at, notice_key, one_a_channel
from notifications.reaching import read_reachable
from notifications.visits_to_tell import standing_of
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Appointment, Patient, Status

WAITING = (NoticeState.PLANNED, NoticeState.CLAIMED)


@dataclass(frozen=True, slots=True)
class News:
    """When the news goes, quiet hours minded, or has gone; `by_call`: somebody calls, as the patient wants it."""

    at: datetime
    has_gone: bool
    by_call: bool


def send_news(*, message: Message, by: Actor, now: datetime) -> News | None:
    """Sends what became of the visits that a superseded message told to where the patient is reached now, once a day.

    None where nothing can be sent: the link is not superseded, nobody may write to the patient, or today's try came to
    nothing. What is on its way already is not sent twice. Records `link.news_sent`.
    """
    patient, clinic = message.patient, message.clinic
    permissions.check(by, "link.send_again", organisation_id=patient.organisation_id, clinic_id=clinic.pk)
    with transaction.atomic():
        # Two presses at once: the second finds what the first wrote.
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        zone = ZoneInfo(clinic.time_zone)
        reachable = read_reachable(patient, zone, by_text=clinic.sends_texts)
        address = _where(message, one_a_channel(reachable))
        visits = _changed(message, now) if is_superseded(message, now=now) else []
        if address is None or not visits:
            return None
        if (waiting := _under_way(visits, address)) is not None:
            return _news(waiting, address, now)
        day = f"{now.astimezone(zone):%Y-%m-%d}"
        subject = [(visit.pk, visit.told_version) for visit in visits]
        key = notice_key(
            subject=subject, purpose=Purpose.CHANGED, step=day, channel=address.channel, recipient=address.id
        )
        notice, is_new = Notice.objects.get_or_create(
            notice_key=key + AGAIN,
            defaults={
                "patient": patient, "clinic": visits[0].clinic, "purpose": Purpose.CHANGED, "step": day,
                "channel": address.channel, "address_id": address.id, "due_at": now,
                "useful_until": visits[0].period.lower, "planned_at": now, "changed_at": now,
            },
        )  # fmt: skip
        if is_new:
            _tell(notice, visits)
            entry = Entry(
                "link.news_sent", clinic_id=clinic.pk, patient_id=patient.pk, data={"notice": notice.pk}, tell=True
            )
            events.record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return _news(notice, address, now)


def _news(notice: Notice, address: Reachable, now: datetime) -> News | None:
    by_call = address.channel is ChannelName.CALL
    if notice.state in MAY_HAVE_ARRIVED:
        return News(notice.changed_at, has_gone=True, by_call=by_call)
    if notice.state not in WAITING:
        return None
    at = goes_at(
        purpose=Purpose(notice.purpose),
        step=notice.step,
        visits=[],
        due_at=notice.due_at,
        useful_until=notice.useful_until,
        now=now,
        hours=read_rules([notice.clinic_id])[notice.clinic_id].quiet,
        zone=address.zone,
    )
    return News(max(at, now), has_gone=False, by_call=by_call) if at else None


def _where(message: Message, reachable: Sequence[Reachable]) -> Reachable | None:
    """The same way the patient came, where that still works."""
    same = [address for address in reachable if address.channel == ChannelName(message.channel)]
    return next(iter([*same, *reachable]), None)


def _changed(message: Message, now: datetime) -> list[Appointment]:
    visits = visits_told(message).filter(status=Status.BOOKED, period__startswith__gt=now)
    told = NoticeVisit.objects.filter(notice__message=message).annotate(starts_now=Lower("appointment__period"))
    same = told.filter(starts_at=F("starts_now"), clinic=F("appointment__clinic"))
    moved = visits.exclude(pk__in=same.values("appointment")).select_related("order", "clinic")
    return [visit for visit in moved if standing_of(visit) in (Standing.FIRM, Standing.TENTATIVE)]


def _under_way(visits: Sequence[Appointment], address: Reachable) -> Notice | None:
    waiting = NoticeVisit.objects.filter(
        notice__address=address.id,
        notice__state__in=WAITING,
        notice__purpose__in=(Purpose.CHANGED, Purpose.BOOKING_CONFIRMATION),
        appointment__in=[visit.pk for visit in visits],
        told_version=F("appointment__told_version"),
    )
    first = waiting.select_related("notice").order_by("notice__due_at", "pk").first()
    return first.notice if first else None


def _tell(notice: Notice, visits: Sequence[Appointment]) -> None:
    NoticeVisit.objects.bulk_create(
        NoticeVisit(
            notice=notice,
            appointment=visit,
            told_version=visit.told_version,
            starts_at=visit.period.lower,
            clinic_id=visit.clinic_id,
        )
        for visit in visits
    )
