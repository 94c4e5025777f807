"""The best whole series on a clinic's free times, exact on finish date and minutes off the wished time; or why none.

Direct starts only. Gates never limit the search: they say how many infusions the desk books by default.
"""

from __future__ import annotations

import time as system_time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time

from scheduling.capacity import STEP_SECONDS, ClinicSnapshot, Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.date_paths import Layer, Option, Path, PathSearch, best_paths
from scheduling.dose_windows import DoseWindows
from scheduling.free_starts import FreeStarts
from scheduling.series_terms import (
    DoseRequest,
    PatientTimes,
    Proposal,
    ProposedVisit,
    SearchResult,
    SeriesTerms,
    Wish,
)
from scheduling.spacing import OpenDaysUnknown, broken_rules
from scheduling.visit_shape import shape_of
from scheduling.why_not import WhyNot, no_free_start, rule_binds

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
    "starts_for_one",
]

DEADLINE_SECONDS = 2.0


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
    capacity: ClinicCapacity | None = None,
) -> SearchResult:
    """The `count` best ways to place all of `terms.doses`, none starting before `now`.

    Ranked by finish date, minutes off the wished wall time in all, dates, starts. For a series the proposals have
    distinct dates; for one infusion they are distinct starts, in time order when no time is wished. Soft sides of rules
    are kept by all proposals, or given up by all when nothing fits otherwise (`outside_soft` says where). With no
    proposal, the problems say what binds. After `deadline_seconds` of `clock` the best so far is returned with a
    problem "time_limit" (or "time_limit_nothing"). `capacity` may be the counted form of `clinic`, kept from an earlier
    search.
    """
    ends = clock() + deadline_seconds
    search = _Search(capacity or ClinicCapacity(clinic), terms, patient, wish, now, count, lambda: clock() >= ends)
    result = search.run(hard_only=False)
    if not result.proposals and not search.is_late() and any(spacing.soft for spacing in terms.spacings):
        result = search.run(hard_only=True)
    if search.is_late():
        rule = "time_limit" if result.proposals else "time_limit_nothing"
        late = rule_binds(rule, seconds=f"{deadline_seconds:g}")
        return replace(result, problems=(*result.problems, late))
    return result


def starts_for_one(
    clinic: ClinicSnapshot,
    phases: tuple[Phase, ...],
    patient: PatientTimes,
    wish: Wish,
    now: datetime,
    count: int,
    *,
    not_before: date | None = None,
    not_after: date | None = None,
    capacity: ClinicCapacity | None = None,
) -> SearchResult:
    """The `count` best openings for one appointment of no series: in time order, or by day and nearness to the wish."""
    terms = SeriesTerms((DoseRequest(1, phases),), not_before=not_before, not_after=not_after)
    return propose(clinic, terms, patient, wish, now, count, capacity=capacity)


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
        self.count, self.is_late = count, is_late
        self.doses = tuple(sorted(terms.doses, key=lambda dose: dose.number))
        self.starts = FreeStarts(capacity, patient, wish.weekdays, now)
        self._visits: dict[tuple[int, int], ProposedVisit] = {}

    def run(self, *, hard_only: bool) -> SearchResult:
        """One pass, with soft sides kept, or given up when `hard_only`."""
        try:
            windows = DoseWindows(self.capacity, self.terms, self.now, hard_only=hard_only)
        except OpenDaysUnknown:
            return SearchResult((), (rule_binds("open_days"),))
        missing = windows.missing_anchors()
        if missing:
            return SearchResult((), tuple(rule_binds("anchor", rule.number, anchor=rule.anchor) for rule in missing))
        wished = self.wish.time
        if len(self.doses) == 1:
            found = self._openings(windows)
        elif wished is None:
            found, wished = self._at_best_time(windows)
        else:
            found = self._paths(windows, _minutes(wished), self.count)
        proposals = tuple(self._proposal(path) for path in found.found)
        problems = () if proposals or self.is_late() else self._why_not(found, windows)
        return SearchResult(proposals, problems, wished)

    # ------------------------------------------------------------------------------------------------ paths of days

    def _options(self, windows: DoseWindows, dose: DoseRequest, wished: int | None) -> Callable[[int], list[Option]]:
        """The dose's starts on a day, nearest to the wished minute first, then earliest; minutes off are 0 without."""
        timed, whole = windows.is_timed(dose.number), shape_of(dose.phases).whole
        free = self.starts.of(dose.phases)

        def options(day: int) -> list[Option]:
            if not windows.allows_day(dose.number, day):
                return []
            found = [
                (0 if wished is None else abs(minute - wished), step)
                for minute, step in free(day)
                if not timed or windows.allows_start(dose.number, step, whole)
            ]
            return sorted(found) if timed or len(self.doses) == 1 else [min(found)] if found else []

        return options

    def _layers(self, windows: DoseWindows, wished: int | None) -> list[Layer]:
        layers = []
        for index, dose in enumerate(self.doses):
            first, last = windows.day_bounds(dose.number)
            shares = index > 0 and windows.may_share_day(self.doses[index - 1].number, dose.number)
            layers.append(
                Layer(
                    first,
                    last,
                    self._options(windows, dose, wished),
                    windows.links(dose.number),
                    windows.is_timed(dose.number),
                    shares,
                    shape_of(dose.phases).whole,
                )
            )
        return layers

    def _paths(
        self,
        windows: DoseWindows,
        wished: int | None,
        keep: int,
        *,
        last: int | None = None,
        without: str | None = None,
    ) -> PathSearch:
        layers, rules = self._layers(windows, wished), windows.over_all()
        if without == "within_days":
            rules = replace(rules, within_days=None)
        elif without == "per_week":
            rules = replace(rules, per_week=None)
        end = windows.last if last is None else last
        return best_paths(layers, range(windows.first, end + 1), keep, rules, self.is_late)

    def _openings(self, windows: DoseWindows) -> PathSearch:
        """For one infusion: every start of each day, not only the best one."""
        wished = None if self.wish.time is None else _minutes(self.wish.time)
        layer = self._layers(windows, wished)[0]
        found = PathSearch(1)
        for day in range(layer.first_day, layer.last_day + 1):
            if self.is_late() or len(found.found) >= self.count:
                break
            found.allowed[0].add(day)
            found.found += [(off, (day,), (step,)) for off, step in layer.options(day)]
        del found.found[self.count :]
        return found

    def _at_best_time(self, windows: DoseWindows) -> tuple[PathSearch, time | None]:
        """Proposals at the time of day whose best series is the best of all, the earliest of such times.

        The distance to a time is least at one of the starts themselves, so only times that occur are tried.
        """
        earliest = self._paths(windows, None, 1)
        if not earliest.found:
            return earliest, None
        finish, days = earliest.found[0][1][-1], earliest.found[0][1]
        seen = sorted(set().union(*earliest.allowed))
        times = {minute for dose in self.doses for day in seen for minute, _ in self.starts.of(dose.phases)(day)}
        best: tuple[Path, int] | None = None
        for minute in sorted(times):
            found = self._paths(windows, minute, 1, last=finish).found
            if found and (best is None or found[0] < best[0]):
                best = (found[0], minute)
            if self.is_late() or (best is not None and best[0][:2] == (0, days)):
                break
        if best is None:
            return earliest, None
        return self._paths(windows, best[1], self.count), time(best[1] // 60, best[1] % 60)

    # ------------------------------------------------------------------------------------------------ what comes back

    def _proposal(self, path: Path) -> Proposal:
        off, days, steps = path
        visits = tuple(self._visit(dose, step) for dose, step in zip(self.doses, steps, strict=True))
        outside: tuple[int, ...] = ()
        if any(spacing.soft for spacing in self.terms.spacings):
            starts = self.terms.known | {visit.number: visit.start for visit in visits}
            broken = broken_rules(
                starts, self.terms.spacings, self.capacity.clock, open_days=self.capacity.snapshot.open_days
            )
            outside = tuple(sorted({one.number for one in broken if one.soft}))
        return Proposal(date.fromordinal(days[-1]), off, visits, outside)

    def _visit(self, dose: DoseRequest, step: int) -> ProposedVisit:
        if (dose.number, step) not in self._visits:
            self._visits[dose.number, step] = self._assign(dose, step)
        return self._visits[dose.number, step]

    def _assign(self, dose: DoseRequest, step: int) -> ProposedVisit:
        start = datetime.fromtimestamp(step * STEP_SECONDS, UTC)
        assigned = self.capacity.assign(start, dose.phases)
        if assigned is None:
            raise AssertionError(f"a counted start at {start} could not be assigned")
        end = datetime.fromtimestamp((step + shape_of(dose.phases).presence) * STEP_SECONDS, UTC)
        return ProposedVisit(
            dose.number, start, end, assigned.chair, assigned.nurse, assigned.prescribers, assigned.claims
        )

    def _why_not(self, found: PathSearch, windows: DoseWindows) -> tuple[WhyNot, ...]:
        """The first infusion that no path reaches, and what binds there."""
        index = next(index for index, reached in enumerate(found.reached) if not reached)
        dose = self.doses[index]
        if found.had_start[index]:
            return (self._rule_that_binds(dose.number, windows),)
        days = [
            day
            for day in (
                self.capacity.day(date.fromordinal(one))
                for one in sorted(found.allowed[index])
                if windows.allows_day(dose.number, one)
            )
            if day is not None
        ]
        if not days:
            return (rule_binds("window", dose.number),)
        return no_free_start(dose.number, dose.phases, days, self.starts.limits(dose.phases))

    def _rule_that_binds(self, number: int, windows: DoseWindows) -> WhyNot:
        for rule, value in (("within_days", self.terms.within_days), ("per_week", self.terms.per_week)):
            if value is not None and self._paths(windows, None, 1, without=rule).found:
                return rule_binds(rule, days=value, count=value)
        return rule_binds("spacing", number)


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute
