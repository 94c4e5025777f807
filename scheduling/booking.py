"""Booking: one write path for all edges. What is picked is booked whole or not at all.

Order of a write: idempotency key, locks, a fresh look at what is free, the check, the rows, their events.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from scheduling import permissions
from scheduling.availability import snapshot
from scheduling.capacity import Busy as Claimed
from scheduling.capacity import ClinicSnapshot, Phase
from scheduling.clinic_time import ClinicTime
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.events import Actor, Entry, record
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import Busy, JustTaken, booking_transaction, lock_for
from scheduling.models import Appointment, Clinic, Order, Patient, VisitKind, VisitType
from scheduling.problems import Refused, because, find_problems, presence
from scheduling.proposals import patient_busy, reasons_not_to_book
from scheduling.series import Series, read_series
from scheduling.visit_rows import NewVisit, write_visits


class BookingRefused(Refused):
    """The visits can't be booked as asked; nothing was booked. `problems` say why."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One infusion of an order and the start instant chosen for it."""

    number: int
    start: datetime


def book_series(
    *, order: Order, clinic: Clinic, picks: Sequence[Pick], by: Actor, now: datetime, key: str = ""
) -> list[Appointment]:
    """Books the picked infusions, all or none. The same `key` again gives the same appointments and books nothing.

    Refuses with BookingRefused. Chair and nurse are chosen here, under the lock. Infusions behind a review that stands
    are booked as waiting for it. Records `appointment.booked` for each.
    """
    permissions.check(by, "appointment.book")
    request = {"order": order.pk, "clinic": clinic.pk, "picks": [[p.number, p.start.isoformat()] for p in picks]}
    with _refusing_plainly(), booking_transaction():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return list(Appointment.objects.filter(pk__in=answer).order_by("period"))
        starts = {pick.number: pick.start for pick in picks}
        around = _fresh_look(clinic, [order.patient_id], list(starts.values()), now=now)
        visits = _checked(order, clinic, starts, around, now=now)
        appointments = write_visits(visits, clinic=clinic, by=by, now=now)
        _record_booked(appointments, by=by, now=now)
        keep_answer(by=by, key=key, answer=[appointment.pk for appointment in appointments])
    return appointments


def book_visit(
    *, patient: Patient, clinic: Clinic, visit_type: VisitType, start: datetime, by: Actor, now: datetime, key: str = ""
) -> Appointment:
    """Books one visit that is no infusion (consultation, review, nurse visit). Refuses with BookingRefused.

    Records `appointment.booked`.
    """
    permissions.check(by, "appointment.book")
    request = {"patient": patient.pk, "visit_type": visit_type.pk, "start": start.isoformat()}
    phases = Phase.list_from(visit_type.phases)
    with _refusing_plainly(), booking_transaction():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return Appointment.objects.get(pk=answer)
        around = _fresh_look(clinic, [patient.pk], [start], now=now)
        patient.refresh_from_db()
        visit = NewVisit(
            patient=patient,
            kind=visit_type.kind,
            period=presence(start, phases),
            phases=phases,
            claims=_claims_of_one(patient, around, start, phases, now=now),
            mode=visit_type.mode,
            visit_type_id=visit_type.pk,
        )
        appointments = write_visits([visit], clinic=clinic, by=by, now=now)
        _record_booked(appointments, by=by, now=now)
        keep_answer(by=by, key=key, answer=appointments[0].pk)
    return appointments[0]


@contextmanager
def _refusing_plainly() -> Iterator[None]:
    """The database's last guards, met in spite of the lock, become refusals like any other."""
    try:
        yield
    except JustTaken as error:
        raise BookingRefused([because("taken_by_other")]) from error
    except Busy as error:
        raise BookingRefused([because("busy")]) from error


def _fresh_look(clinic: Clinic, patient_ids: list[int], starts: list[datetime], *, now: datetime) -> ClinicSnapshot:
    """Waits for the locks on the patients and on the days, then reads what is free on them."""
    clock = ClinicTime(clinic.time_zone)
    days = sorted({clock.local_day(start) for start in starts}) or [clock.local_day(now)]
    lock_for(patient_ids=patient_ids, clinic_id=clinic.pk, days=days)
    return snapshot(clinic=clinic, first_day=days[0], last_day=days[-1], now=now)


def _checked(
    order: Order, clinic: Clinic, starts: dict[int, datetime], around: ClinicSnapshot, *, now: datetime
) -> list[NewVisit]:
    """The visits to write, seen fresh under the lock; refuses with BookingRefused."""
    order = Order.objects.select_related("patient").get(pk=order.pk)
    reasons = reasons_not_to_book(order, clinic) or ([] if starts else [because("nothing_picked")])
    if reasons:
        raise BookingRefused(reasons)
    series = read_series(order, now=now)
    busy = patient_busy(order.patient, now=now)
    problems = find_problems(series=series, starts=starts, capacity=ClinicCapacity(around), patient_busy=busy, now=now)
    if problems:
        raise BookingRefused(problems)
    visits: list[NewVisit] = []
    for number in sorted(starts):
        # Each visit is placed on what the ones before it left, for two of them may share a day.
        taken = around.busy + tuple(claim for visit in visits for claim in visit.claims)
        capacity = ClinicCapacity(replace(around, busy=taken))
        assigned = capacity.assign(starts[number], series.phases(number))
        if assigned is None:
            raise BookingRefused([because("just_taken", number, "chairs")])
        visits.append(_infusion(series, number, starts[number], assigned.claims))
    return visits


def _infusion(series: Series, number: int, start: datetime, claims: tuple[Claimed, ...]) -> NewVisit:
    terms, gap, phases = series.terms[number], series.gaps[number], series.phases(number)
    return NewVisit(
        patient=series.order.patient,
        kind=VisitKind.INFUSION,
        period=presence(start, phases),
        phases=phases,
        claims=claims,
        is_tentative=series.waits_for_review(number),
        dose={
            "order_id": series.order.pk,
            "dose_id": terms.dose_id,
            "dose_number": number,
            "terms_id": terms.pk,
            "therapy": terms.therapy,
            "gap_id": gap.pk,
            "gap_days": gap.days,
            "gap_minutes": gap.minutes,
        },
    )


def _claims_of_one(
    patient: Patient, around: ClinicSnapshot, start: datetime, phases: tuple[Phase, ...], *, now: datetime
) -> tuple[Claimed, ...]:
    """What one visit takes; refuses with BookingRefused when it can't start then."""
    capacity = ClinicCapacity(around)
    day = capacity.day(capacity.clock.local_day(start))
    refusals = day.refusals(start, phases) if day else ()
    problems = [because("visit_not_free", resource=resource) for resource in refusals]
    if patient.is_gone:
        problems.append(because("patient_gone"))
    if start < now:
        problems.append(because("visit_past"))
    if any(busy.overlaps(presence(start, phases)) for busy in patient_busy(patient, now=now)):
        problems.append(because("visit_patient_busy"))
    assigned = capacity.assign(start, phases)
    if problems or assigned is None:
        raise BookingRefused(problems or [because("visit_not_free", resource="chairs")])
    return assigned.claims


def _record_booked(appointments: Sequence[Appointment], *, by: Actor, now: datetime) -> None:
    entries = [
        Entry(
            "appointment.booked",
            clinic_id=appointment.clinic_id,
            appointment_id=appointment.pk,
            order_id=appointment.order_id,
            patient_id=appointment.patient_id,
            data={"number": appointment.dose_number},
            tell=True,
        )
        for appointment in appointments
    ]
    record(organisation_id=appointments[0].organisation_id, entries=entries, by=by, now=now)
