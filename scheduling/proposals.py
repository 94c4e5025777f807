"""Looking for times: the best ways to book a series, and openings for one visit. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Exists

from scheduling.availability import snapshot
from scheduling.can_come import CanCome
from scheduling.capacity import STEP_MINUTES, ClinicSnapshot, Phase
from scheduling.clinic_time import ClinicTime
from scheduling.days_ahead import days_ahead, look
from scheduling.intervals import Interval
from scheduling.models import Appointment, Clinic, Order, OrderState, Patient, VisitType
from scheduling.problems import because
from scheduling.repeat_misses import open_questions_about
from scheduling.series import read_series
from scheduling.series_terms import PatientTimes, SearchResult, SeriesTerms, Wish
from scheduling.visit_shape import shape_of
from scheduling.why_not import WhyNot


def propose_series(
    *, order: Order, clinic: Clinic, wish: Wish, how_many: int | None, count: int, now: datetime
) -> SearchResult:
    """The `count` best ways to book the next `how_many` infusions (None: up to the next review) at `clinic`.

    No proposals but a problem when the order is not active, not for this clinic, has nothing left to book, or waits for
    its prescriber after missed visits.
    """
    reasons = reasons_not_to_book_more(order, clinic)
    if reasons:
        return SearchResult((), tuple(reasons))
    series = read_series(order, now=now)
    numbers = series.to_book[: max(how_many or series.book_by_default, 1)]
    if not numbers:
        return SearchResult((), (because("already_settled", len(series.terms)),))
    patient = PatientTimes(busy=(*series.patient_busy, *series.kept_apart))
    days = days_ahead(ClinicTime(clinic.time_zone), now, series, numbers)
    return look(days, days_of(clinic, now), series.search_terms(numbers), patient, wish, now, count)


def propose_visit(
    *, patient: Patient, clinic: Clinic, visit_type: VisitType, wish: Wish, count: int, now: datetime
) -> SearchResult:
    """The `count` next openings for a consultation, review or nurse visit; in time order when no time is wished."""
    times = PatientTimes(busy=tuple(patient_busy(patient, now=now)))
    terms = SeriesTerms.of_one_visit(Phase.list_from(visit_type.phases))
    return look(days_ahead(ClinicTime(clinic.time_zone), now), days_of(clinic, now), terms, times, wish, now, count)


def reasons_not_to_book(order: Order, clinic: Clinic) -> list[WhyNot]:
    """What stands against booking anything from this order at this clinic, whatever the time."""
    return _reasons(order, is_here=order.sites.filter(pk=clinic.pk).exists())


def reasons_not_to_book_more(order: Order, clinic: Clinic) -> list[WhyNot]:
    """The same, and what stands against booking more than is booked: missed visits ask the prescriber first."""
    here = order.sites.filter(pk=clinic.pk).annotate(waits=Exists(open_questions_about(order)))
    waits = list(here.values_list("waits", flat=True))
    reasons = _reasons(order, is_here=bool(waits))
    return reasons or ([because("missed_visits")] if any(waits) else [])


def _reasons(order: Order, *, is_here: bool) -> list[WhyNot]:
    reasons = []
    if order.state != OrderState.ACTIVE:
        reasons.append(because("order_not_active"))
    if order.patient.is_gone:
        reasons.append(because("patient_gone"))
    if not is_here:
        reasons.append(because("not_for_clinic"))
    return reasons


def reasons_not_to_pencil(order: Order, clinic: Clinic) -> list[WhyNot]:
    """What stands against keeping times for an unsigned draft at this clinic, whatever the time."""
    reasons = []
    if order.state != OrderState.DRAFT or order.discarded_at is not None:
        reasons.append(because("not_a_draft"))
    if order.patient.is_gone:
        reasons.append(because("patient_gone"))
    if not order.sites.filter(pk=clinic.pk).exists():
        reasons.append(because("not_for_clinic"))
    return reasons


def patient_busy(patient: Patient, *, now: datetime, without: Collection[int] = ()) -> list[Interval]:
    """When the patient is at any clinic of the organisation from `now` on; visits with ids in `without` left out."""
    visits = Appointment.objects.filter(patient=patient, live=True, period__endswith__gt=now)
    visits = visits.exclude(held_until__lte=now).exclude(pk__in=list(without))
    return [Interval(period.lower, period.upper) for period in visits.values_list("period", flat=True)]


def times_of(
    can: CanCome | None, terms: SeriesTerms, clinic: Clinic, *, busy: Iterable[Interval], now: datetime
) -> PatientTimes:
    """When the patient can come, by what was said of it and what they have already."""
    if can is None:
        return PatientTimes(busy=tuple(busy))
    longest = max(shape_of(dose.phases).presence for dose in terms.doses) * STEP_MINUTES
    said = can.times(ClinicTime(clinic.time_zone), now=now, presence=longest)
    return replace(said, busy=(*busy, *said.busy))


def days_of(clinic: Clinic, now: datetime) -> Callable[[date, date], ClinicSnapshot]:
    """Reads the clinic from one clinic-local day to another, both counted."""
    return lambda first, last: snapshot(clinic=clinic, first_day=first, last_day=last, now=now)
