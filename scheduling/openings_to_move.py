"""Where a visit, the rest of a series, or what is held could move to. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from scheduling.availability import snapshot
from scheduling.can_come import CanCome
from scheduling.capacity import ClinicSnapshot, Phase
from scheduling.clinic_time import ClinicTime
from scheduling.days_ahead import days_ahead
from scheduling.days_ahead import look as look_ahead
from scheduling.intervals import Interval
from scheduling.losses import Loss, nothing_lost
from scheduling.models import Appointment, Clinic, Order, Patient, Status
from scheduling.options import Option, options_of
from scheduling.problems import FAR_DAYS, because
from scheduling.proposals import patient_busy, reasons_not_to_book, reasons_not_to_book_more, times_of
from scheduling.review_visits import because_of_review
from scheduling.series import Series, read_series
from scheduling.series_terms import PatientTimes, ProposedVisit, SearchResult, SeriesTerms, Wish

# How far from its present time a visit is looked for nearby, and how many starts are looked at.
NEAR_DAYS = 14
NEAR_LOOK = 400


def openings_to_move(
    *, appointment: Appointment, wish: Wish, count: int, now: datetime, loss: Loss = nothing_lost
) -> SearchResult:
    """The `count` next starts that this visit could take, itself left out of what is taken: for a booked visit, and for
    one that was cancelled or missed and is to be had again. In time order when no time is wished. With `loss`, as if
    what it takes away were gone already.

    Says why when there is none, as the search for a series does; also where what is not booked would be refused, since
    after missed visits the prescriber is asked first.
    """
    return openings_of(appointment, wish, count, Look(now, without=(appointment.pk,), loss=loss))


def nearest_openings(
    *, appointment: Appointment, count: int, now: datetime, loss: Loss = nothing_lost
) -> list[ProposedVisit]:
    """The `count` starts nearest to where this visit is now, in order of time, none of them more than NEAR_DAYS away.

    With `loss` as if the clinic had lost that already.
    """
    start = appointment.period.lower
    near = Interval(start - timedelta(days=NEAR_DAYS), start + timedelta(days=NEAR_DAYS))
    found = openings_of(appointment, Wish(), NEAR_LOOK, Look(now, (appointment.pk,), near, loss))
    visits = [proposal.visits[0] for proposal in found.proposals if proposal.visits[0].start != start]
    return sorted(sorted(visits, key=lambda one: abs(one.start - start))[:count], key=lambda one: one.start)


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
    look = Look(now, moving)
    times = look.patient_times(order.patient, series.kept_apart)
    return look.find(clinic, series.search_terms(numbers), times, wish, count, series, numbers)


def series_beside(order: Order, options: Sequence[Option], how_many: int | None, *, now: datetime) -> Series:
    """The order's series for a search beside what is held: held infusions count as not there, since they are what is
    booked in another way. Where none of them would be, they stay, and so does their distance, as `hold_series` has it.
    """
    held = [visit for option in options for visit in option.visits]
    series = read_series(order, now=now, without=[visit.pk for visit in held])
    numbers = series.to_book[: max(how_many or series.book_by_default, 1)]
    first = [visit for option in options if not option.is_second for visit in option.visits]
    if not first or any(visit.dose_number in numbers for visit in first):
        return series
    return read_series(order, now=now, without=[visit.pk for visit in held if visit not in first])


def propose_beside(
    *,
    order: Order,
    clinic: Clinic,
    wish: Wish,
    how_many: int | None,
    count: int,
    now: datetime,
    instead_of: Sequence[Appointment] = (),
    series: Series | None = None,
    can: CanCome | None = None,
) -> SearchResult:
    """As `propose_series`, for an order of which times are held: other ways to book the same infusions.

    `can`: when the patient can come at all, beside the wish. What is held keeps its chairs, for a second option; of
    kept times in `instead_of` they count as free. `series` is `series_beside`, of whoever has read it and knows that
    more of the order may be booked here.
    """
    if series is None:
        if reasons := reasons_not_to_book_more(order, clinic):
            return SearchResult((), tuple(reasons))
        series = series_beside(order, options_of(order, now=now), how_many, now=now)
    numbers = series.to_book[: max(how_many or series.book_by_default, 1)]
    if not numbers:
        return SearchResult((), (because("already_settled", len(series.terms)),))
    look, terms = Look(now, [visit.pk for visit in instead_of]), series.search_terms(numbers)
    times = times_of(can, terms, clinic, busy=(*series.patient_busy, *series.kept_apart), now=now)
    return look.find(clinic, terms, times, wish, count, series, numbers)


@dataclass(frozen=True, slots=True)
class Look:
    """From when a search looks, which visits it leaves out, where it stays, and what is lost."""

    now: datetime
    without: Collection[int] = ()
    near: Interval | None = None
    loss: Loss = nothing_lost

    def find(
        self,
        clinic: Clinic,
        terms: SeriesTerms,
        patient: PatientTimes,
        wish: Wish,
        count: int,
        series: Series | None = None,
        numbers: Sequence[int] = (),
    ) -> SearchResult:
        """The best ways at this clinic, for infusions `numbers` of a series."""
        clock = ClinicTime(clinic.time_zone)
        days = days_ahead(clock, self.now, series, numbers)
        if self.near:
            today = clock.local_day(self.now)
            last = min(max(clock.local_day(self.near.end), today), today + timedelta(days=FAR_DAYS))
            days = replace(days, near=last, last=last)

        def read(first: date, last: date) -> ClinicSnapshot:
            there = snapshot(clinic=clinic, first_day=first, last_day=last, now=self.now, without=self.without)
            return self.loss(there)

        return look_ahead(days, read, terms, patient, wish, self.now, count)

    def patient_times(self, patient: Patient, spans: Iterable[Interval] = ()) -> PatientTimes:
        """When the patient is taken: by other visits, in these spans, and outside of where the look stays."""
        busy = patient_busy(patient, now=self.now, without=self.without)
        near = [*_until(self.near.start, self.now), *_from(self.near.end, self.now)] if self.near else []
        return PatientTimes(busy=(*busy, *spans, *near))


def openings_of(appointment: Appointment, wish: Wish, count: int, look: Look) -> SearchResult:
    """The starts that this visit could take as the look has it; says why when there is none."""
    order, clinic, now = appointment.order, appointment.clinic, look.now
    if order is None:
        return _openings_of_no_order(appointment, wish, count, look)
    # What is booked may move; anything else is to be booked anew.
    reasons_against = reasons_not_to_book if appointment.status == Status.BOOKED else reasons_not_to_book_more
    if reasons := reasons_against(order, clinic):
        return SearchResult((), tuple(reasons))
    series = read_series(order, now=now, without=look.without)
    number, after = appointment.dose_number, appointment.review_after or 0
    if number is not None:
        if number not in series.to_book:
            return SearchResult((), (because("already_settled", number),))
        times = look.patient_times(order.patient, [*series.kept_apart, *_beyond_reviews(series, [number], now)])
        return look.find(clinic, series.search_terms([number]), times, wish, count, series, [number])
    if after not in series.reviews_to_place:
        return SearchResult((), (because_of_review("review_not_due", after),))
    times = look.patient_times(order.patient, _beyond_infusions(series, after, now))
    return look.find(clinic, SeriesTerms.of_one_visit(series.reviews_to_place[after]), times, wish, count, series)


def _openings_of_no_order(appointment: Appointment, wish: Wish, count: int, look: Look) -> SearchResult:
    if appointment.visit_type is None:
        return SearchResult((), (because("not_offered"),))
    phases, times = Phase.list_from(appointment.visit_type.phases), look.patient_times(appointment.patient)
    return look.find(appointment.clinic, SeriesTerms.of_one_visit(phases), times, wish, count)


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
