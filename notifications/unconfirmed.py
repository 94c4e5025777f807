"""Who was asked to confirm a visit and has not, a day before it: a call to make, until it is confirmed or changed."""

from __future__ import annotations

from collections.abc import Container
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.calls import CallEnd, CallIsMade, ask_to_call, settle_call
from notifications.closings import read_closings
from notifications.models import CallKind, CallTask, NoticeState, NoticeVisit
from notifications.notice_facts import Purpose
from scheduling.events import Actor
from scheduling.models import Appointment, OrderState, Status, VisitKind

# Early enough for the place to find somebody else.
BEFORE = timedelta(hours=24)
# Who was asked a moment ago may still answer.
ANSWERS_WITHIN = timedelta(hours=4)
ASKS = (Purpose.BOOKING_CONFIRMATION, Purpose.CHANGED, Purpose.REMINDER, Purpose.INSTRUCTIONS)


def ask_about_unconfirmed(*, by: Actor, now: datetime) -> int:
    """One call a patient for the first visit of the next 24 hours that they were asked to confirm, hours ago at least,
    and have not; gives how many are new. Calls about visits that are confirmed, changed or cancelled are closed.

    A visit the clinic is closed over, one still tentative and one of a paused order ask nobody. Records `call.asked`
    and `call.settled`.
    """
    rows = list(_unconfirmed(now).select_related("clinic", "patient").order_by("period", "pk"))
    closed = read_closings(rows, now)
    left = {key_of(row): row for row in rows if row.pk not in closed}
    opened = _close_others(left, by=by, now=now)
    # What a person has settled stays so.
    known = CallTask.objects.filter(Q(closed_at=None) | Q(closed_by__isnull=False), task_key__in=left)
    known_keys = set(known.values_list("task_key", flat=True))
    asked = 0
    for key, visit in left.items():
        if key in known_keys or visit.patient_id in opened:
            continue
        opened.add(visit.patient_id)
        task = ask_to_call(
            key=key,
            kind=CallKind.NOT_CONFIRMED,
            clinic=visit.clinic,
            patient=visit.patient,
            visit_id=visit.pk,
            useful_until=visit.period.lower,
            by=by,
            now=now,
        )
        asked += task.opened_at == now
    return asked


def key_of(visit: Appointment) -> str:
    """One call for each time at which a visit stands."""
    return f"{CallKind.NOT_CONFIRMED}/{visit.pk}v{visit.told_version}"


def _unconfirmed(now: datetime) -> QuerySet[Appointment]:
    asked = NoticeVisit.objects.filter(
        appointment=OuterRef("pk"),
        told_version=OuterRef("told_version"),
        notice__purpose__in=ASKS,
        notice__state__in=(NoticeState.SENT, NoticeState.DELIVERED),
        notice__message__written_at__lte=now - ANSWERS_WITHIN,
    )
    ahead = Appointment.objects.filter(
        status=Status.BOOKED,
        is_tentative=False,
        confirmed_at=None,
        patient__deceased_at=None,
        patient__merged_into=None,
    )
    ahead = ahead.filter(period__startswith__gt=now, period__startswith__lte=now + BEFORE)
    return ahead.exclude(kind=VisitKind.KEPT).exclude(order__state=OrderState.PAUSED).filter(Exists(asked))


def _close_others(left: Container[str], *, by: Actor, now: datetime) -> set[int | None]:
    """Closes the calls whose visit is not among these; gives whose stay open."""
    stay = set()
    for task in CallTask.objects.filter(kind=CallKind.NOT_CONFIRMED, closed_at=None).select_related("clinic", "notice"):
        if task.task_key in left:
            stay.add(task.patient_id)
            continue
        with suppress(CallIsMade):
            settle_call(task=task, ended=CallEnd.NOT_NEEDED, by=by, now=now)
    return stay
