"""Booking: one write path for all edges. What is picked is booked whole or not at all.

Order of a write: idempotency key, locks, a fresh look at what is free, the check, the rows, their events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scheduling import permissions
from scheduling.availability import snapshot
from scheduling.capacity import Busy, Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.holds import release_expired
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import AgainstTheOrder, BusyNow, JustTaken, TooNear, lock_for, writing
from scheduling.models import Appointment, Clinic, Order, Patient, VisitKind, VisitType
from scheduling.places import NoPlaceLeft
from scheduling.problems import Refused, because, find_problems, out_of_time, presence, visit_problems
from scheduling.proposals import patient_busy, reasons_not_to_book
from scheduling.series import Series, read_series
from scheduling.visit_rows import NewVisit, write_visits
from scheduling.why_not import WhyNot


class BookingRefused(Refused):
    """The visits can't be booked as asked; nothing was booked. `problems` say why."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One infusion of an order and the start chosen for it. Refuses an instant without an offset (ValueError)."""

    number: int
    start: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError("a start needs an offset")


def book_series(
    *, order: Order, clinic: Clinic, picks: Sequence[Pick], by: Actor, now: datetime, key: str = ""
) -> list[Appointment]:
    """Books the picked infusions, all or none. The same `key` again gives the same appointments and books nothing.

    Refuses with BookingRefused. Chair and nurse are chosen here, under the lock. Infusions behind a review that stands
    are booked as waiting for it. Records `appointment.booked` for each.
    """
    permissions.check(by, "appointment.book", organisation_id=order.organisation_id, clinic_id=clinic.pk)
    starts = {pick.number: pick.start.astimezone(UTC) for pick in picks}
    wrong = _wrong_picks(picks, now=now)
    if wrong:
        raise BookingRefused(wrong)
    said = [[number, start.isoformat()] for number, start in sorted(starts.items())]
    request = {"verb": "book_series", "order": order.pk, "clinic": clinic.pk, "picks": said}
    with _refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return list(Appointment.objects.filter(pk__in=answer).order_by("period"))
        clinic = _lock(clinic, order.patient_id, list(starts.values()), now=now)
        visits = _checked(order, clinic, starts, now=now)
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
    permissions.check(by, "appointment.book", organisation_id=patient.organisation_id, clinic_id=clinic.pk)
    if visit_type.clinic_id != clinic.pk or visit_type.kind == VisitKind.INFUSION:
        raise BookingRefused([because("not_offered")])
    if wrong := out_of_time(start, now=now):
        raise BookingRefused([because(wrong)])
    start = start.astimezone(UTC)
    said = {"patient": patient.pk, "clinic": clinic.pk, "visit_type": visit_type.pk, "start": start.isoformat()}
    with _refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request={"verb": "book_visit", **said}, now=now)
        if answer is not None:
            return Appointment.objects.get(pk=answer)
        clinic = _lock(clinic, patient.pk, [start], now=now)
        patient.refresh_from_db()
        phases = Phase.list_from(visit_type.phases)
        visit = NewVisit(
            patient=patient,
            kind=visit_type.kind,
            period=presence(start, phases),
            phases=phases,
            claims=_claims_of_one(patient, clinic, start, phases, now=now),
            mode=visit_type.mode,
            visit_type_id=visit_type.pk,
        )
        appointments = write_visits([visit], clinic=clinic, by=by, now=now)
        _record_booked(appointments, by=by, now=now)
        keep_answer(by=by, key=key, answer=appointments[0].pk)
    return appointments[0]


@contextmanager
def _refusing_plainly() -> Iterator[None]:
    """The database's last guards, met in spite of the lock and the check, become refusals like any other."""
    try:
        yield
    except (JustTaken, NoPlaceLeft) as error:
        raise BookingRefused([because("taken_by_other")]) from error
    except TooNear as error:
        raise BookingRefused([because("too_near")]) from error
    except AgainstTheOrder as error:
        raise BookingRefused([because("against_order")]) from error
    except BusyNow as error:
        raise BookingRefused([because("busy")]) from error


def _wrong_picks(picks: Sequence[Pick], *, now: datetime) -> list[WhyNot]:
    """What can be said of picks before any lock: none, one twice, one out of all time."""
    if not picks:
        return [because("nothing_picked")]
    twice = [number for number, count in Counter(pick.number for pick in picks).items() if count > 1]
    out = [(pick.number, rule) for pick in picks if (rule := out_of_time(pick.start, now=now))]
    return [because("picked_twice", number) for number in twice] + [because(rule, number) for number, rule in out]


def _lock(clinic: Clinic, patient_id: int, starts: list[datetime], *, now: datetime) -> Clinic:
    """Waits for the locks on the patient and the days, lets go what was kept too long, and reads the clinic anew."""
    clock = ClinicTime(clinic.time_zone)
    days = {clock.local_day(start) for start in starts}
    lock_for(patient_ids=[patient_id], clinic_id=clinic.pk, days=days)
    release_expired(clinic=clinic, patient_id=patient_id, now=now)
    fresh = Clinic.objects.get(pk=clinic.pk)
    if fresh.time_zone != clinic.time_zone:
        raise BusyNow  # the locked days were those of another zone
    return fresh


def _checked(order: Order, clinic: Clinic, starts: dict[int, datetime], *, now: datetime) -> list[NewVisit]:
    """The visits to write, seen fresh under the lock; refuses with BookingRefused."""
    order = Order.objects.select_related("patient").get(pk=order.pk)
    reasons = reasons_not_to_book(order, clinic)
    if reasons:
        raise BookingRefused(reasons)
    series = read_series(order, now=now)
    clock = ClinicTime(clinic.time_zone)
    days = sorted(clock.local_day(start) for start in starts.values())
    first = series.first_day_needed(days[0], clock)
    around = snapshot(clinic=clinic, first_day=first, last_day=days[-1], now=now)
    capacity = ClinicCapacity(around)
    busy = patient_busy(order.patient, now=now)
    problems = find_problems(series=series, starts=starts, capacity=capacity, patient_busy=busy, now=now)
    if problems:
        raise BookingRefused(problems)
    visits: list[NewVisit] = []
    for number in sorted(starts):
        if len(set(days)) < len(days):
            # Each visit is placed on what the ones before it left, for some of them share a day.
            taken = around.busy + tuple(claim for visit in visits for claim in visit.claims)
            capacity = ClinicCapacity(replace(around, busy=taken))
        assigned = capacity.assign(starts[number], series.phases(number))
        if assigned is None:
            raise BookingRefused([because("chairs", number)])
        visits.append(_infusion(series, number, starts[number], assigned.claims))
    return visits


def _infusion(series: Series, number: int, start: datetime, claims: tuple[Busy, ...]) -> NewVisit:
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
    patient: Patient, clinic: Clinic, start: datetime, phases: tuple[Phase, ...], *, now: datetime
) -> tuple[Busy, ...]:
    """What one visit takes; refuses with BookingRefused when it can't start then."""
    if patient.is_gone:
        raise BookingRefused([because("patient_gone")])
    day = ClinicTime(clinic.time_zone).local_day(start)
    capacity = ClinicCapacity(snapshot(clinic=clinic, first_day=day, last_day=day, now=now))
    problems = visit_problems(start, phases, capacity, patient_busy(patient, now=now), now=now)
    assigned = capacity.assign(start, phases)
    if problems or assigned is None:
        raise BookingRefused(problems or [because("chairs")])
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
