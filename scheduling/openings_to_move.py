"""Where a visit, the rest of a series, or what is held could move to. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from scheduling.availability import snapshot
from scheduling.capacity import ClinicSnapshot, Phase
from scheduling.clinic_time import ClinicTime
from scheduling.intervals import Interval
from scheduling.losses import Loss, nothing_lost
from scheduling.models import Appointment, Clinic, Order, Status
from scheduling.options import options_of
from scheduling.problems import FAR_DAYS, because
from scheduling.proposals import SEARCH_DAYS, patient_busy, reasons_not_to_book
from scheduling.review_visits import because_of_review
from scheduling.series import Series, read_series
from scheduling.series_search import propose, starts_for_one
from scheduling.series_terms import PatientTimes, SearchResult, Wish


def openings_to_move(
    *, appointment: Appointment, wish: Wish, count: int, now: datetime, loss: Loss = nothing_lost
) -> SearchResult:
    """The `count` next starts that this visit could take, itself left out of what is taken: for a booked visit, and for
    one that was cancelled or missed and is to be had again. In time order when no time is wished. With `loss`, as if
    what it takes away were gone already.

    Says why when there is none, as the search for a series does.
    """
    order, clinic = appointment.order, appointment.clinic
    if order is None:
        if appointment.visit_type is None:
            return SearchResult((), (because("not_offered"),))
        phases = Phase.list_from(appointment.visit_type.phases)
        busy = patient_busy(appointment.patient, now=now, without=[appointment.pk])
        around = loss(_around(clinic, now, without=[appointment.pk]))
        return starts_for_one(around, phases, PatientTimes(busy=tuple(busy)), wish, now, count)
    if reasons := reasons_not_to_book(order, clinic):
        return SearchResult((), tuple(reasons))
    series = read_series(order, now=now, without=[appointment.pk])
    busy = [*series.patient_busy]
    if appointment.dose_number is not None:
        numbers = [appointment.dose_number]
        times = PatientTimes(busy=(*busy, *series.kept_apart, *_beyond_reviews(series, numbers, now)))
        around = loss(_around(clinic, now, without=[appointment.pk], series=series, numbers=numbers))
        return propose(around, series.search_terms(numbers), times, wish, now, count)
    after = appointment.review_after
    if after is None or after not in series.reviews_to_place:
        return SearchResult((), (because_of_review("review_not_due", after or 0),))
    times = PatientTimes(busy=(*busy, *_beyond_infusions(series, after, now)))
    around = loss(_around(clinic, now, without=[appointment.pk], series=series))
    return starts_for_one(around, series.reviews_to_place[after], times, wish, now, count)


def proposals_to_move_rest(
    *, order: Order, clinic: Clinic, from_number: int, wish: Wish, count: int, now: datetime
) -> SearchResult:
    """The `count` best ways to place anew all booked infusions from `from_number` on, with the reviews between them and
    before the first; those visits are left out of what is taken."""
    if reasons := reasons_not_to_book(order, clinic):
        return SearchResult((), tuple(reasons))
    booked = Appointment.objects.filter(order=order, status=Status.BOOKED)
    numbers = sorted(
        number for number in booked.filter(dose_number__gte=from_number).values_list("dose_number", flat=True) if number
    )
    if not numbers:
        return SearchResult((), (because("not_the_rest", from_number),))
    moving = [
        *booked.filter(dose_number__gte=from_number).values_list("pk", flat=True),
        *booked.filter(review_after__gte=from_number - 1).values_list("pk", flat=True),
    ]
    series = read_series(order, now=now, without=moving)
    times = PatientTimes(busy=(*series.patient_busy, *series.kept_apart))
    around = _around(clinic, now, without=moving, series=series, numbers=numbers)
    return propose(around, series.search_terms(numbers), times, wish, now, count)


def propose_beside(
    *,
    order: Order,
    clinic: Clinic,
    wish: Wish,
    how_many: int | None,
    count: int,
    now: datetime,
    instead_of: Sequence[Appointment] = (),
) -> SearchResult:
    """As `propose_series`, for an order of which times are held: other ways to book the same infusions.

    What is held keeps its chairs, for a second option; of kept times in `instead_of` they count as free.
    """
    if reasons := reasons_not_to_book(order, clinic):
        return SearchResult((), tuple(reasons))
    held = [visit.pk for option in options_of(order, now=now) for visit in option.visits]
    series = read_series(order, now=now, without=held)
    numbers = series.to_book[: max(how_many or series.book_by_default, 1)]
    if not numbers:
        return SearchResult((), (because("already_settled", len(series.terms)),))
    times = PatientTimes(busy=(*series.patient_busy, *series.kept_apart))
    free = [visit.pk for visit in instead_of]
    around = _around(clinic, now, without=free, series=series, numbers=numbers)
    return propose(around, series.search_terms(numbers), times, wish, now, count)


def _around(
    clinic: Clinic,
    now: datetime,
    *,
    without: Collection[int],
    series: Series | None = None,
    numbers: Iterable[int] = (),
) -> ClinicSnapshot:
    clock = ClinicTime(clinic.time_zone)
    today = clock.local_day(now)
    first = series.first_day_needed(today, clock) if series else today
    days = min(SEARCH_DAYS + (series.longest_days(list(numbers)) if series else 0), FAR_DAYS)
    return snapshot(clinic=clinic, first_day=first, last_day=today + timedelta(days=days), now=now, without=without)


def _beyond_reviews(series: Series, numbers: Collection[int], now: datetime) -> list[Interval]:
    """When these infusions can't be, since reviews that stand would no longer lie between."""
    spans = []
    for after, period in series.review_times.items():
        if after in numbers:
            spans += _from(period.start, now)
        elif any(number > after for number in numbers):
            spans += _until(period.end, now)
    return spans


def _beyond_infusions(series: Series, after: int, now: datetime) -> list[Interval]:
    """When the review after an infusion can't be: before that one, and after the next."""
    starts = {**series.booked, **series.given}
    before = [start for number, start in starts.items() if number <= after]
    later = [start for number, start in starts.items() if number > after]
    spans = _until(max(before), now) if before else []
    return spans + (_from(min(later), now) if later else [])


def _until(instant: datetime, now: datetime) -> list[Interval]:
    return [Interval(now, instant)] if instant > now else []


def _from(instant: datetime, now: datetime) -> list[Interval]:
    return [Interval(instant, max(instant, now) + timedelta(days=2 * FAR_DAYS))]
