"""What is to be known of a patient's visits beyond their times: closures over them, how to prepare, check-ins, and what
somebody has told the patient themselves. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery

from notifications.models import DutyShift, ToldInPerson
from notifications.notice_facts import CheckIn, Closing, InPerson, Preparation, Visit
from notifications.preparing import prepare
from notifications.telling import MAY_WAKE, SENT_NOW
from scheduling.models import (
    Appointment,
    Closure,
    Event,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Patient,
    Status,
)  # fmt: skip

# How far back neighbours count for a dense series, with room.
LOOK_BACK = timedelta(days=14)
CLOSED = "clinic.closed"


def preparation_for(row: Appointment) -> Preparation | None:
    """How to prepare for a visit; `row` comes with the version of its terms."""
    return prepare(row.terms.version.content, row.period.lower) if row.terms is not None else None


def read_closings(rows: Sequence[Appointment], now: datetime) -> dict[int, Closing]:
    """By visit id the first closure that it falls into."""
    if not rows:
        return {}
    closures = list(
        Closure.objects.filter(clinic__in={row.clinic_id for row in rows}, period__endswith__gt=now).order_by("pk")
    )
    if not closures:
        return {}
    ids = [closure.pk for closure in closures]
    said = Event.objects.filter(verb__in=(CLOSED, MAY_WAKE), clinic__in={one.clinic_id for one in closures})
    events = {(event.verb, event.data["closure"]): event.recorded_at for event in said.filter(data__closure__in=ids)}
    return {
        row.pk: Closing(closure.pk, events.get((CLOSED, closure.pk)), (MAY_WAKE, closure.pk) in events)
        for closure in reversed(closures)
        for row in rows
        if row.clinic_id == closure.clinic_id
        and row.period.lower < closure.period.upper
        and closure.period.lower < row.period.upper
    }


def open_check_ins(patient: Patient, now: datetime) -> QuerySet[FollowUp]:
    """Those that are to come, and those that were due so lately that they may have to be told."""
    return FollowUp.objects.filter(
        order__patient=patient,
        kind=FollowUpKind.CHECK_IN,
        state=FollowUpState.OPEN,
        due_at__gt=now - LOOK_BACK,
    )


def read_check_ins(patient: Patient, visits: Sequence[Visit], now: datetime) -> list[CheckIn]:
    """The check-ins that are open, each with the visit it was ordered for."""
    by_id = {visit.id: visit for visit in visits}
    given = Appointment.objects.filter(
        pk__in=by_id, order=OuterRef("order"), dose_number=OuterRef("after_number"), given_at__isnull=False
    ).exclude(status=Status.ENTERED_IN_ERROR)
    rows = open_check_ins(patient, now).annotate(visit_id=Subquery(given.values("pk")[:1])).order_by("pk")
    return [
        CheckIn(by_id[row.visit_id], row.offset_days, _covered(row.due_at, by_id[row.visit_id].clinic_id))
        for row in rows
        if row.visit_id in by_id and row.due_at is not None
    ]


def _covered(due_at: datetime, clinic_id: int) -> datetime:
    """When a clinician is on duty to read an answer: then, or from the start of the next duty on. A clinic without a
    roster after that time asks when it was ordered."""
    shifts = DutyShift.objects.filter(clinic=clinic_id, ends_at__gt=due_at).order_by("starts_at")
    starts_at = shifts.values_list("starts_at", flat=True).first()
    return max(due_at, starts_at) if starts_at else due_at


def read_in_person(patient: Patient, visits: Sequence[Visit]) -> list[InPerson]:
    """What somebody told the patient themselves: of a visit, or of what became of an order and so of its visits."""
    rows = list(ToldInPerson.objects.filter(patient=patient).order_by("pk"))
    if not rows:
        return []
    orders = dict(
        Appointment.objects.filter(pk__in=[visit.id for visit in visits if visit.by_clinician]).values_list(
            "pk", "order_id"
        )
    )
    of_visits = [
        InPerson(row.visit_id, row.told_version, row.told_at, row.and_send)
        for row in rows
        if row.visit_id is not None and row.told_version is not None
    ]
    of_orders = [
        InPerson(visit.id, visit.told_version, row.told_at, row.and_send)
        for row in rows
        for visit in visits
        if row.order_id is not None and orders.get(visit.id) == row.order_id and visit.known_since <= row.told_at
    ]
    return of_visits + of_orders


def read_hurried_at(patient: Patient) -> datetime | None:
    """When somebody last had this patient's waiting messages sent at once."""
    pressed = Event.objects.filter(patient=patient, verb=SENT_NOW).order_by("-recorded_at")
    return pressed.values_list("recorded_at", flat=True).first()
