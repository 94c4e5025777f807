"""The best whole series on a clinic's free times, exact on finish date and minutes off the wished time; or why none.

Gates never limit the search: they say how many infusions the desk books by default, and which reviews lie between.
"""

from __future__ import annotations

import time as system_time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time

from scheduling.capacity import ClinicSnapshot
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.date_paths import Path, PathSearch, best_paths
from scheduling.dose_windows import DoseWindows
from scheduling.free_starts import FreeStarts
from scheduling.repacking import COST_OF_REPACK, RoomByRepack
from scheduling.reviews_between import ReviewsBetween
from scheduling.series_layers import SeriesLayers
from scheduling.series_proposals import SeriesProposals
from scheduling.series_terms import (
    DoseRequest,
    PatientTimes,
    Proposal,
    ProposedVisit,
    SearchResult,
    SeriesTerms,
    Wish,
)
from scheduling.spacing import OpenDaysUnknown
from scheduling.what_binds import what_binds
from scheduling.why_not import WhyNot, rule_binds

__all__ = [
    "DoseRequest",
    "PatientTimes",
    "Proposal",
    "ProposedVisit",
    "SearchResult",
    "SeriesTerms",
    "WhyNot",
    "Wish",
    "propose",
]

DEADLINE_SECONDS = 2.0
# What is said when time ran out: with the best so far, and with nothing.
TIME_LIMITS = ("time_limit", "time_limit_nothing")
# What the exact search leaves of its time to a narrow one, which finds something where the exact one found nothing.
LEFT_FOR_NARROW = 0.2
STATES_WHEN_NARROW = 8


def propose(
    clinic: ClinicSnapshot,
    terms: SeriesTerms,
    patient: PatientTimes,
    wish: Wish,
    now: datetime,
    count: int,
    *,
    deadline_seconds: float = DEADLINE_SECONDS,
    clock: Callable[[], float] = system_time.monotonic,
    begun: float | None = None,
    capacity: ClinicCapacity | None = None,
    explain: bool = True,
) -> SearchResult:
    """The `count` best ways to place all of `terms.doses`, none starting before `now`.

    Ranked by finish date, minutes off the wished wall time in all, dates, starts. For a series the proposals have
    distinct dates; for one infusion they are distinct starts, in time order when no time is wished. Starts by repack
    (`ProposedVisit.moves`) are offered only in series that finish on an earlier date than any without, or where nothing
    else fits; they rank by fewest such starts before minutes off. Soft sides of rules are kept by all proposals, or
    given up by all when nothing fits otherwise (`outside_soft` says where). With no proposal, the problems say what
    binds. After `deadline_seconds` of `clock`, counted from `begun` (None: from now), the best so far is returned with
    a problem of TIME_LIMITS. `capacity` may be the counted form of `clinic`, kept from an earlier search. Without
    `explain` nothing is said of what binds, which is done sooner.
    """
    ends = (clock() if begun is None else begun) + deadline_seconds
    exact_until = ends - deadline_seconds * LEFT_FOR_NARROW
    search = _Search(
        capacity or ClinicCapacity(clinic), terms, patient, wish, now, count, lambda: clock() >= exact_until
    )
    has_soft = any(spacing.soft for spacing in terms.spacings)
    result = search.run(hard_only=False, explain=explain and not has_soft)
    if not result.proposals and not search.was_late and has_soft:
        result = search.run(hard_only=True, explain=explain)
    if search.was_late:
        result = result if result.proposals else search.narrow(lambda: clock() >= ends)
        late = rule_binds(TIME_LIMITS[not result.proposals], seconds=f"{deadline_seconds:g}")
        return replace(result, problems=(*result.problems, late))
    return result


class _Search:
    """One search: what is asked, and the free starts counted so far."""

    def __init__(
        self,
        capacity: ClinicCapacity,
        terms: SeriesTerms,
        patient: PatientTimes,
        wish: Wish,
        now: datetime,
        count: int,
        is_late: Callable[[], bool],
    ) -> None:
        self.capacity, self.terms, self.wish, self.now = capacity, terms, wish, now
        self.count, self.is_late, self.was_late = count, is_late, False
        self.doses = sorted(terms.doses, key=lambda dose: dose.number)
        self.starts = FreeStarts(capacity, patient, wish.weekdays, now)
        self.room = RoomByRepack(self.starts, is_late)
        last = max({*terms.known, *(dose.number for dose in terms.doses)})
        between = {number: phases for number, phases in terms.reviews.items() if number < last}
        self.reviews = ReviewsBetween(capacity, self.starts, between)
        self.proposals = SeriesProposals(capacity, terms, self.doses, self.room, self.reviews)

    def run(self, *, hard_only: bool, explain: bool) -> SearchResult:
        try:
            windows = DoseWindows(self.capacity, self.terms, self.now, hard_only=hard_only)
        except OpenDaysUnknown:
            return SearchResult((), (rule_binds("open_days", self.doses[0].number),))
        missing = windows.missing_anchors()
        if missing:
            return SearchResult((), tuple(rule_binds("anchor", rule.number, anchor=rule.anchor) for rule in missing))
        wished = None if self.wish.time is None else _minutes(self.wish.time)
        direct, wished = self._best(windows, wished, repack=False, end=windows.last)
        found = direct.found
        end = found[0][1][-1] - 1 if found else windows.last
        if not self.is_late() and self.room.is_possible({dose.phases for dose in self.doses}, end):
            earlier, at = self._best(windows, wished if self.wish.time else None, repack=True, end=end)
            if earlier.found:
                if found and at != wished:
                    found = self._best(windows, at, repack=False, end=windows.last)[0].found
                found = (earlier.found + found)[: self.count]
        proposals = tuple(self.proposals.proposal(path) for path in found)
        self.was_late, problems = self.is_late(), tuple[WhyNot, ...]()
        if explain and not proposals and not self.was_late:
            problems = what_binds(windows, self.starts, self.reviews, direct, self.is_late)
        return SearchResult(proposals, problems)

    def narrow(self, is_late: Callable[[], bool]) -> SearchResult:
        """One series that need not be the best; nothing when even that takes too long, or there is none this way."""
        self.is_late = is_late
        wished = None if self.wish.time is None else _minutes(self.wish.time)
        try:
            windows = DoseWindows(self.capacity, self.terms, self.now, hard_only=True)
        except OpenDaysUnknown:
            return SearchResult(())
        found = self._paths(windows, wished, 1, narrow=STATES_WHEN_NARROW).found
        return SearchResult(tuple(self.proposals.proposal(path) for path in found))

    def _best(
        self, windows: DoseWindows, wished: int | None, *, repack: bool, end: int
    ) -> tuple[PathSearch, int | None]:
        """The best paths that finish by day `end`, with the minute of the day they were measured against."""
        if len(self.doses) == 1:
            return self._openings(windows, wished, repack=repack, end=end), wished
        if wished is None:
            return self._at_best_time(windows, repack=repack, end=end)
        return self._paths(windows, wished, self.count, repack=repack, end=end), wished

    def _paths(
        self,
        windows: DoseWindows,
        wished: int | None,
        keep: int,
        *,
        repack: bool = False,
        end: int | None = None,
        narrow: int | None = None,
    ) -> PathSearch:
        room = self.room if repack else None
        layers = SeriesLayers(windows, self.starts, self.reviews, room, wished).all(self.doses)
        days = range(windows.first, (windows.last if end is None else end) + 1)
        return best_paths(layers, days, keep, windows.over_all(), self.is_late, narrow=narrow)

    def _openings(self, windows: DoseWindows, wished: int | None, *, repack: bool, end: int) -> PathSearch:
        """For one infusion: every start of each day, not only the best one."""
        room = self.room if repack else None
        layers = SeriesLayers(windows, self.starts, self.reviews, room, wished)
        layer = layers.all(self.doses)[0]
        found = PathSearch(1)
        for day in range(layer.first_day, min(layer.last_day, end) + 1):
            if self.is_late() or len(found.found) >= self.count:
                break
            found.allowed[0].add(day)
            found.found += [(off, (day,), (step,)) for off, step in layers.openings(self.doses[0], day)]
        del found.found[self.count :]
        return found

    def _at_best_time(self, windows: DoseWindows, *, repack: bool, end: int) -> tuple[PathSearch, int | None]:
        """Proposals at the time of day whose best series is the best of all, the earliest of such times.

        The distance to a time is least at one of the starts themselves, so only times that occur are tried; those that
        could not be better whatever the days are left out.
        """
        earliest = self._paths(windows, None, 1, repack=repack, end=end)
        if not earliest.found:
            return earliest, None
        repacked = earliest.found[0][0] // COST_OF_REPACK * COST_OF_REPACK
        finish, days = earliest.found[0][1][-1], earliest.found[0][1]
        layers = SeriesLayers(windows, self.starts, self.reviews, self.room if repack else None, None)
        minutes = layers.minutes(self.doses, earliest.allowed)
        least = {
            minute: repacked + sum(min((abs(minute - one) for one in layer), default=0) for layer in minutes)
            for minute in set().union(*minutes)
        }
        best: tuple[Path, int] | None = None
        for minute in sorted(least, key=lambda one: (least[one], one)):
            if self.is_late() or (best is not None and least[minute] > best[0][0]):
                break
            found = self._paths(windows, minute, 1, repack=repack, end=finish).found
            if found and (best is None or (found[0], minute) < best):
                best = (found[0], minute)
            if best is not None and best[0][:2] == (repacked, days):
                break  # nothing is nearer than 0 minutes off on the earliest days, and the minutes left are later
        if best is None:
            return earliest, None
        return self._paths(windows, best[1], self.count, repack=repack, end=end), best[1]


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute
