"""One visit of a proposed series at another time, and what that does to the others. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from scheduling.can_come import CanCome
from scheduling.capacity import STEP_MINUTES, Phase
from scheduling.clinic_time import ClinicTime
from scheduling.days_ahead import days_ahead, look
from scheduling.intervals import Interval
from scheduling.models import Clinic, Order
from scheduling.openings_to_move import series_beside
from scheduling.options import options_of
from scheduling.picks import AnyPick, Pick, ReviewPick
from scheduling.problems import FAR_DAYS
from scheduling.proposals import days_of, times_of
from scheduling.series_terms import Proposal, ProposedReview, ProposedVisit, SearchResult, SeriesTerms, Wish
from scheduling.visit_shape import shape_of

LOOKED_AT = 400
# Days shown, and on how many of them the later visits are moved along: each is a search.
MOST_DAYS = 6
MOST_MOVED = 4


class NotOfThisSeries(Exception):
    """What was picked is no part of what is left to book of the order."""


@dataclass(frozen=True, slots=True)
class OtherTime:
    """The series with one visit at `start`; `moved` are the infusions that move with it."""

    start: datetime
    proposal: Proposal
    moved: tuple[int, ...] = ()


def other_times(
    *, order: Order, clinic: Clinic, picks: Sequence[AnyPick], number: int, can: CanCome, now: datetime
) -> list[OtherTime]:
    """Other free times of infusion `number` of a proposal, in order of time: all at which the others stay; and of days
    on which they can't, the time nearest to the present time of day, with the later ones moved along as little as the
    search can. Refuses with NotOfThisSeries."""
    look_around = _Around(order, clinic, picks, number, can, now)
    stay = look_around.others_stay()
    days = {look_around.clock.local_day(one.start) for one in stay}
    moved = look_around.others_move(without=days) if len(days) < MOST_DAYS else []
    return sorted([*stay, *moved], key=lambda one: one.start)


def as_proposal(*, order: Order, clinic: Clinic, picks: Sequence[AnyPick], now: datetime) -> Proposal:
    """What was picked as a proposal to show: whether it can be had is found when it is booked. Refuses with
    NotOfThisSeries."""
    numbers = [pick.number for pick in picks if isinstance(pick, Pick)]
    return _Around(order, clinic, picks, numbers[0] if numbers else 0, CanCome(), now).whole({}, {})


class _Around:
    """A proposal with one of its infusions taken out."""

    def __init__(
        self, order: Order, clinic: Clinic, picks: Sequence[AnyPick], number: int, can: CanCome, now: datetime
    ) -> None:
        self.clinic, self.number, self.now, self.clock = clinic, number, now, ClinicTime(clinic.time_zone)
        self.starts = {pick.number: pick.start for pick in picks if isinstance(pick, Pick)}
        self.reviews = {pick.after: pick.start for pick in picks if isinstance(pick, ReviewPick)}
        self.series = series_beside(order, options_of(order, now=now), len(self.starts), now=now)
        # Weekdays and hours of the wish stand for the series; a time for this one visit is chosen by eye.
        self.can = replace(can, weekdays=None, hours={})
        if number not in self.starts or not {*self.starts} <= {*self.series.to_book} or self._unknown_reviews():
            raise NotOfThisSeries
        self.terms = self.series.search_terms(sorted(self.starts))

    def _unknown_reviews(self) -> bool:
        return not {*self.reviews} <= {*self.series.reviews_to_place}

    @property
    def wall(self) -> time:
        return self.clock.local(self.starts[self.number]).time()

    def others_stay(self) -> list[OtherTime]:
        others = {number: start for number, start in self.starts.items() if number != self.number}
        found = self._one(others, self._around_reviews(self.reviews), Wish(), LOOKED_AT)
        visits = [one.visits[0] for one in found.proposals if one.visits[0].start != self.starts[self.number]]
        days = sorted({self.clock.local_day(visit.start) for visit in visits}, key=self._far)[:MOST_DAYS]
        shown = [visit for visit in visits if self.clock.local_day(visit.start) in days]
        return [OtherTime(visit.start, self.whole({self.number: visit}, {})) for visit in shown]

    def others_move(self, *, without: set[date]) -> list[OtherTime]:
        """With those before it left where they are, and those behind it placed anew."""
        before = {number: start for number, start in self.starts.items() if number < self.number}
        earlier = {after: start for after, start in self.reviews.items() if after < self.number}
        if len(before) == len(self.starts) - 1:
            return []
        found = self._one(before, self._around_reviews(earlier), Wish(self.wall), LOOKED_AT)
        nearest: dict[date, ProposedVisit] = {}
        for one in found.proposals:
            visit = one.visits[0]
            day = self.clock.local_day(visit.start)
            known = nearest.get(day)
            if day not in without and (known is None or self._off(visit.start) < self._off(known.start)):
                nearest[day] = visit
        days = sorted(nearest, key=self._far)[:MOST_MOVED]
        tried = [self._with_the_rest(before, nearest[day]) for day in days]
        return [one for one in tried if one is not None]

    def _with_the_rest(self, before: Mapping[int, datetime], visit: ProposedVisit) -> OtherTime | None:
        behind = [number for number in self.starts if number > self.number]
        terms = self._terms(behind, {**before, self.number: visit.start})
        terms = replace(
            terms, reviews={after: one for after, one in self.terms.reviews.items() if after >= self.number}
        )
        busy = [Interval(visit.start, visit.end)]
        found = self._find(terms, behind, busy, Wish(self.wall), 1)
        if not found.proposals:
            return None
        rest = found.proposals[0]
        visits = {self.number: visit, **{one.number: one for one in rest.visits}}
        moved = tuple(one.number for one in rest.visits if one.start != self.starts[one.number])
        return OtherTime(visit.start, self.whole(visits, {one.after: one for one in rest.reviews}), moved)

    def whole(self, visits: Mapping[int, ProposedVisit], reviews: Mapping[int, ProposedReview]) -> Proposal:
        """The proposal with these in place of what was picked."""
        all_visits = [visits.get(number) or self._visit(number) for number in sorted(self.starts)]
        all_reviews = [reviews.get(after) or self._review(after) for after in sorted(self.reviews)]
        last = max(visit.start for visit in all_visits)
        return Proposal(self.clock.local_day(last), 0, tuple(all_visits), (), tuple(all_reviews))

    def _visit(self, number: int) -> ProposedVisit:
        start = self.starts[number]
        return ProposedVisit(number, start, start + presence(self.series.phases(number)), None, None, (), ())

    def _review(self, after: int) -> ProposedReview:
        start = self.reviews[after]
        return ProposedReview(after, start, start + presence(self.series.reviews_to_place[after]), (), ())

    def _one(self, known: Mapping[int, datetime], busy: Sequence[Interval], wish: Wish, count: int) -> SearchResult:
        """Where this infusion alone could be, the known ones being where they are."""
        there = [Interval(start, start + presence(self.series.phases(number))) for number, start in known.items()]
        return self._find(self._terms([self.number], known), [self.number], [*there, *busy], wish, count)

    def _terms(self, numbers: Sequence[int], known: Mapping[int, datetime]) -> SeriesTerms:
        doses = tuple(dose for dose in self.terms.doses if dose.number in numbers)
        return replace(self.terms, doses=doses, booked={**self.terms.booked, **known}, reviews={})

    def _find(
        self, terms: SeriesTerms, numbers: Sequence[int], busy: Sequence[Interval], wish: Wish, count: int
    ) -> SearchResult:
        series = self.series
        taken = (*series.patient_busy, *series.kept_apart, *busy)
        times = times_of(self.can, terms, self.clinic, busy=taken, now=self.now)
        days = days_ahead(self.clock, self.now, series, sorted(self.starts))
        return look(days, days_of(self.clinic, self.now), terms, times, wish, self.now, count)

    def _around_reviews(self, reviews: Mapping[int, datetime]) -> list[Interval]:
        """When this infusion can't be, since a review would no longer lie between."""
        spans = []
        for after, start in reviews.items():
            if after < self.number:
                spans.append(Interval(self.now, start + presence(self.series.reviews_to_place[after])))
            else:
                spans.append(Interval(start, start + timedelta(days=FAR_DAYS)))
        return spans

    def _far(self, day: date) -> int:
        return abs((day - self.clock.local_day(self.starts[self.number])).days)

    def _off(self, start: datetime) -> int:
        wall = self.wall
        return abs(self.clock.minute_of_day(start) - wall.hour * 60 - wall.minute)


def presence(phases: tuple[Phase, ...]) -> timedelta:
    """How long the patient is there."""
    return timedelta(minutes=shape_of(phases).presence * STEP_MINUTES)
