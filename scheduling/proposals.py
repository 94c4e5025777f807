"""Looking for times: the best ways to book a series, and openings for one visit. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from scheduling.availability import snapshot
from scheduling.capacity import ClinicSnapshot, Phase
from scheduling.clinic_time import ClinicTime
from scheduling.intervals import Interval
from scheduling.models import Appointment, Clinic, Order, OrderState, Patient, VisitType
from scheduling.problems import FAR_DAYS, because
from scheduling.series import Series, read_series
from scheduling.series_search import propose, starts_for_one
from scheduling.series_terms import PatientTimes, SearchResult, Wish
from scheduling.why_not import WhyNot

# How far ahead the first infusion may lie; the others as far behind it as the order lets them.
SEARCH_DAYS = 60


def propose_series(
    *, order: Order, clinic: Clinic, wish: Wish, how_many: int | None, count: int, now: datetime
) -> SearchResult:
    """The `count` best ways to book the next `how_many` infusions (None: up to the next review) at `clinic`.

    No proposals but a problem when the order is not active, not for this clinic, or has nothing left to book.
    """
    reasons = reasons_not_to_book(order, clinic)
    if reasons:
        return SearchResult((), tuple(reasons))
    series = read_series(order, now=now)
    numbers = series.to_book[: max(how_many or series.book_by_default, 1)]
    if not numbers:
        return SearchResult((), (because("already_settled", len(series.terms)),))
    patient = PatientTimes(busy=(*series.patient_busy, *series.kept_apart))
    return propose(days_ahead(clinic, now, series, numbers), series.search_terms(numbers), patient, wish, now, count)


def propose_visit(
    *, patient: Patient, clinic: Clinic, visit_type: VisitType, wish: Wish, count: int, now: datetime
) -> SearchResult:
    """The `count` next openings for a consultation, review or nurse visit; in time order when no time is wished."""
    times = PatientTimes(busy=tuple(patient_busy(patient, now=now)))
    return starts_for_one(days_ahead(clinic, now), Phase.list_from(visit_type.phases), times, wish, now, count)


def reasons_not_to_book(order: Order, clinic: Clinic) -> list[WhyNot]:
    """What stands against booking anything from this order at this clinic, whatever the time."""
    reasons = []
    if order.state != OrderState.ACTIVE:
        reasons.append(because("order_not_active"))
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


def days_ahead(
    clinic: Clinic, now: datetime, series: Series | None = None, numbers: Sequence[int] = ()
) -> ClinicSnapshot:
    """The clinic on the days that a search looks at; for a series those that these infusions of it may need."""
    clock = ClinicTime(clinic.time_zone)
    today = clock.local_day(now)
    first = series.first_day_needed(today, clock) if series else today
    days = min(SEARCH_DAYS + (series.longest_days(numbers) if series else 0), FAR_DAYS)
    return snapshot(clinic=clinic, first_day=first, last_day=today + timedelta(days=days), now=now)
