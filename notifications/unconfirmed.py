"""Who has not confirmed a visit: seen by the desk ahead of it, and a day before it a call to make until it is."""

from __future__ import annotations

from collections.abc import Container
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat, TruncDate

from notifications.calls import CallEnd, CallIsMade, ask_to_call, settle_call
from notifications.closings import read_closings
from notifications.models import CallKind, CallTask, NoticeState, NoticeVisit
from notifications.notice_facts import Purpose
from scheduling import permissions
from scheduling.events import Actor
from scheduling.models import Appointment, Clinic, Closure, OrderState, Status, VisitKind
from scheduling.visits import confirm

# Early enough for the place to find somebody else.
BEFORE = timedelta(hours=24)
# Who was asked a moment ago may still answer.
ANSWERS_WITHIN = timedelta(hours=4)
# As far as the next day with visits is looked for.
LOOK_AHEAD = timedelta(days=5)
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
        task = call_about(visit, by=by, now=now)
        asked += task.opened_at == now
    return asked


def key_of(visit: Appointment) -> str:
    """One call for each time at which a visit stands."""
    return f"{CallKind.NOT_CONFIRMED}/{visit.pk}v{visit.told_version}"


def unconfirmed_at(clinic: Clinic, now: datetime) -> QuerySet[Appointment]:
    """Visits of today and of the next day with visits that nobody has confirmed and no person has called about since
    they stand at that time. Those on which the clinic is closed are to be moved instead."""
    zone = ZoneInfo(clinic.time_zone)
    booked = Appointment.objects.filter(clinic=clinic, status=Status.BOOKED, period__overlap=(now, now + LOOK_AHEAD))
    of_day = booked.annotate(day=TruncDate("period__startswith", tzinfo=zone))
    today = now.astimezone(zone).date()
    next_day = of_day.filter(day__gt=today).order_by("day").values("day")[:1]
    is_near = Q(day=today) | Q(day=Subquery(next_day))
    number, told = (Cast(OuterRef(name), TextField()) for name in ("pk", "told_version"))
    key = Concat(Value(f"{CallKind.NOT_CONFIRMED}/"), number, Value("v"), told, output_field=TextField())
    called = CallTask.objects.filter(task_key=key, closed_by__isnull=False)
    closed = Closure.objects.filter(clinic=clinic, period__overlap=OuterRef("period"))
    there = _not_confirmed(of_day.filter(is_near, period__startswith__gt=now))
    return there.exclude(Exists(called)).exclude(Exists(closed))


def later_called(clinic: Clinic, now: datetime) -> Exists:
    """Whether the call about a visit of `unconfirmed_at` was put off until later than now."""
    calls = CallTask.objects.filter(clinic=clinic, kind=CallKind.NOT_CONFIRMED, closed_at=None, due_at__gt=now)
    return Exists(calls.filter(visit=OuterRef("pk")))


def call_about(visit: Appointment, *, by: Actor, now: datetime) -> CallTask:
    """The call about a visit that is not confirmed: the one there is, or asked for now by whoever begins to work on it.
    Records `call.asked` then."""
    permissions.check(by, "call.work", organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)
    return ask_to_call(
        key=key_of(visit),
        kind=CallKind.NOT_CONFIRMED,
        clinic=visit.clinic,
        patient=visit.patient,
        visit_id=visit.pk,
        useful_until=visit.period.lower,
        by=by,
        now=now,
    )


def confirmed_in_call(*, visit: Appointment, told_version: int | None, by: Actor, now: datetime) -> None:
    """Somebody spoke with the patient, who comes: the visit is confirmed at the desk, and the call about it is done.

    Refuses as `visits.confirm` does, with NotAllowed where calls are not theirs, and with CallIsMade; then neither is
    written. Records `appointment.confirmed`, `call.settled`, and `call.asked` where nobody had asked for the call.
    """
    permissions.check(by, "call.work", organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)
    with transaction.atomic():
        confirm(appointment=visit, how="desk", by=by, now=now, told_version=told_version)
        settle_call(task=call_about(visit, by=by, now=now), ended=CallEnd.SPOKE, by=by, now=now)


def _not_confirmed(visits: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Those that somebody could confirm and nobody has: firm, of an order that is not paused, of a patient of today."""
    there = visits.filter(
        status=Status.BOOKED,
        is_tentative=False,
        confirmed_at=None,
        patient__deceased_at=None,
        patient__merged_into=None,
    )
    return there.exclude(kind=VisitKind.KEPT).exclude(order__state=OrderState.PAUSED)


def _unconfirmed(now: datetime) -> QuerySet[Appointment]:
    asked = NoticeVisit.objects.filter(
        appointment=OuterRef("pk"),
        told_version=OuterRef("told_version"),
        notice__purpose__in=ASKS,
        notice__state__in=(NoticeState.SENT, NoticeState.DELIVERED),
        notice__message__written_at__lte=now - ANSWERS_WITHIN,
    )
    ahead = _not_confirmed(Appointment.objects.all())
    return ahead.filter(Exists(asked), period__startswith__gt=now, period__startswith__lte=now + BEFORE)


def _close_others(left: Container[str], *, by: Actor, now: datetime) -> set[int | None]:
    """Closes the calls about visits that are confirmed, changed or over; gives whose are among `left`."""
    rows = CallTask.objects.filter(kind=CallKind.NOT_CONFIRMED, closed_at=None)
    # A person may have begun to call about a visit before the day before it, or where no message asked.
    open_still = _still_not_confirmed(rows.values("visit"), now)
    stay = set()
    for task in rows.select_related("clinic", "notice"):
        if task.task_key in left:
            stay.add(task.patient_id)
        elif task.task_key not in open_still:
            with suppress(CallIsMade):
                settle_call(task=task, ended=CallEnd.NOT_NEEDED, by=by, now=now)
    return stay


def _still_not_confirmed(called: QuerySet[CallTask, Any], now: datetime) -> set[str]:
    rows = list(_not_confirmed(Appointment.objects.filter(pk__in=called, period__startswith__gt=now)))
    closed = read_closings(rows, now)
    return {key_of(row) for row in rows if row.pk not in closed}
