"""Searches with one change each, for finding the smallest change that helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from scheduling.capacity import Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.series_search import propose
from scheduling.series_terms import Proposal
from scheduling.what_if import Asked, Change, changed

NOON = time(12, 0)


class OutOfTime(Exception):
    """The time for looking is over."""


class Trials:
    """What was asked in vain, and how it fares with changes, until `ends` of `clock`."""

    def __init__(
        self, asked: Asked, now: datetime, ends: float, clock: Callable[[], float], capacity: ClinicCapacity
    ) -> None:
        self.asked, self.now, self.ends, self.clock, self.capacity = asked, now, ends, clock, capacity

    def tried(self, change: Change) -> Proposal | None:
        """The best series with this change, by finish date; None when there is none. Raises OutOfTime."""
        what = changed(self.asked, change)
        return self.searched(what, self.capacity if what.clinic is self.asked.clinic else ClinicCapacity(what.clinic))

    def searched(self, what: Asked, capacity: ClinicCapacity) -> Proposal | None:
        """As tried, for a question and a counted clinic."""
        left = self.ends - self.clock()
        if left <= 0:
            raise OutOfTime
        # Without a wished time the search looks for the best one, which does not change the finish date.
        wish = replace(what.wish, time=what.wish.time or NOON)
        result = propose(
            what.clinic,
            what.terms,
            what.patient,
            wish,
            self.now,
            1,
            deadline_seconds=left,
            clock=self.clock,
            capacity=capacity,
            explain=False,
        )
        if not result.proposals and any(problem.rule == "time_limit_nothing" for problem in result.problems):
            raise OutOfTime
        return result.proposals[0] if result.proposals else None

    def nearest(self, ladder: Sequence[Change]) -> tuple[int, Proposal] | None:
        """The first change that helps, of changes each of which allows all that the ones before it allow."""
        found = self.tried(ladder[-1]) if ladder else None
        if found is None:
            return None
        low, high = 0, len(ladder) - 1
        while low < high:
            middle = (low + high) // 2
            smaller = self.tried(ladder[middle])
            if smaller is None:
                low = middle + 1
            else:
                high, found = middle, smaller
        return high, found

    def on_few_days(
        self, days: Sequence[date], change_on: Callable[[Sequence[date]], Change]
    ) -> tuple[list[date], Proposal] | None:
        """A change that helps on these days on as few of them as it takes: without any one it would not help."""
        kept, found = [*days], self.tried(change_on(days)) if days else None
        if found is None:
            return None
        for day in days:
            rest = [other for other in kept if other != day]
            without = self.tried(change_on(rest)) if rest else None
            if without is not None:
                kept, found = rest, without
        return kept, found

    @property
    def days(self) -> list[date]:
        """The open days that are searched."""
        terms, today = self.asked.terms, self.capacity.clock.local_day(self.now)
        first, last = terms.not_before or today, terms.not_after or date.max
        return sorted(
            day for day, hours in self.asked.clinic.open.items() if hours and max(first, today) <= day <= last
        )

    @property
    def visits(self) -> set[tuple[Phase, ...]]:
        """The kinds of visits to place, each by its phases."""
        return {dose.phases for dose in self.asked.terms.doses}

    def days_it_takes(self, found: Proposal) -> list[date]:
        """The days of a series on which the clinic as it is has no such start."""
        phases = {dose.number: dose.phases for dose in self.asked.terms.doses}
        days = []
        for visit in found.visits:
            day = self.capacity.day(self.capacity.clock.local_day(visit.start))
            if day is not None and not day.start_bits(phases[visit.number]) >> day.step(visit.start) & 1:
                days.append(day.day)
        return days
