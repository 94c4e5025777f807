"""What an order's rules ask of the starts of its infusions, said one rule at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from scheduling.capacity import ClinicSnapshot
from scheduling.clinic_time import ClinicTime
from scheduling.series_terms import SeriesTerms
from scheduling.spacing import Back, Spacing

FAR = 10**6
Starts = Mapping[int, datetime]


def anchor_of(spacing: Spacing, number: int, present: set[int]) -> int | None:
    lower = [one for one in present if one < number]
    if spacing.after == "previous":
        return max(lower, default=None)
    if spacing.after == "first":
        return min(lower, default=None)
    return number - spacing.after.infusions if isinstance(spacing.after, Back) else int(spacing.after)


@dataclass(frozen=True)
class Entry:
    """One rule on one infusion, with its anchor's number; `soft` are the sides that may be given up."""

    anchor: int
    number: int
    unit: str
    least: int | None
    most: int | None
    soft: frozenset[str]

    def sides(self, *, soft: bool) -> tuple[int, int]:
        """The least and the most that count, with the soft sides or without."""
        least = self.least if self.least is not None and (soft or "min" not in self.soft) else 0
        most = self.most if self.most is not None and (soft or "max" not in self.soft) else FAR
        return least, most


class Rules:
    """The rules of an order, for the infusions placed beside those that stand; rules between infusions that stand
    already are nobody's business."""

    def __init__(self, clinic: ClinicSnapshot, terms: SeriesTerms) -> None:
        self.clinic, self.terms = clinic, terms
        self.phases = {dose.number: dose.phases for dose in terms.doses}
        self.numbers = sorted({*self.phases, *terms.given, *terms.booked})
        self.entries = list(self._entries({*self.numbers}))

    def _entries(self, present: set[int]) -> Iterator[Entry]:
        for number in self.numbers:
            mine = [
                (one, anchor_of(one, number, present)) for one in self.terms.spacings if one.dose in ("each", number)
            ]
            named = {(anchor, one.unit) for one, anchor in mine if one.dose == number}
            for one, anchor in mine:
                if anchor not in present or anchor >= number:
                    continue
                if one.dose == number or (anchor, one.unit) not in named:
                    yield Entry(anchor, number, one.unit, one.min, one.max, one.soft)

    def broken(self, placed: Starts, *, soft: bool) -> Iterator[str]:
        """What the starts of the infusions placed break; `soft` says that soft sides count, too."""
        starts = {**self.terms.booked, **self.terms.given, **placed}
        days = {number: local_day(self.clinic.clock, start) for number, start in starts.items()}
        yield from self._broken_order(placed, starts, days, soft=soft)
        for one in self.entries:
            if one.number in placed or one.anchor in placed:
                apart = self._distance(one, starts, days)
                least, most = one.sides(soft=soft)
                if not least <= apart <= most:
                    yield f"{one.number} lies {apart} {one.unit} after {one.anchor}, not {least} to {most}"
        yield from self._broken_over_all(placed, days)

    def outside_soft(self, placed: Starts) -> tuple[int, ...]:
        """The infusions for which a soft side is not kept."""
        starts = {**self.terms.booked, **self.terms.given, **placed}
        days = {number: local_day(self.clinic.clock, start) for number, start in starts.items()}
        found = set()
        for one in self.entries:
            apart = self._distance(one, starts, days)
            (least, most), (hard_least, hard_most) = one.sides(soft=True), one.sides(soft=False)
            if (apart < least and least != hard_least) or (apart > most and most != hard_most):
                found.add(one.number)
        return tuple(sorted(found))

    def _distance(self, one: Entry, starts: Starts, days: Mapping[int, date]) -> float:
        if one.unit == "hours":
            return (starts[one.number].astimezone(UTC) - starts[one.anchor].astimezone(UTC)) / timedelta(hours=1)
        first, last = days[one.anchor], days[one.number]
        if one.unit == "days":
            return (last - first).days
        return sum(bool(hours) for day, hours in self.clinic.open.items() if first < day <= last)

    def _broken_order(self, placed: Starts, starts: Starts, days: Mapping[int, date], *, soft: bool) -> Iterator[str]:
        """Infusions keep their order on different days. Neighbours may share a day where hours, and no days, are said
        between them: then the earlier one's chair is turned over first."""
        for earlier, later in pairwise(self.numbers):
            if earlier not in placed and later not in placed:
                continue
            if self.may_share_a_day(earlier, later, soft=soft):
                whole = timedelta(minutes=sum(phase.minutes for phase in self.phases.get(earlier, ())))
                if starts[later] <= starts[earlier] or starts[later] < starts[earlier] + whole:
                    yield f"{later} begins before {earlier} is over"
            elif days[later] <= days[earlier]:
                yield f"{later} does not lie on a later day than {earlier}"

    def may_share_a_day(self, earlier: int, later: int, *, soft: bool) -> bool:
        between = [one for one in self.entries if (one.anchor, one.number) == (earlier, later)]
        return any(one.unit == "hours" for one in between) and not any(
            one.unit != "hours" and one.sides(soft=soft)[0] for one in between
        )

    def _broken_over_all(self, placed: Starts, days: Mapping[int, date]) -> Iterator[str]:
        terms = self.terms
        if terms.within_days is not None:
            for number in placed:
                if any(abs((days[number] - day).days) >= terms.within_days for day in days.values()):
                    yield f"{number} does not lie within {terms.within_days} days"
        if terms.per_week is not None:
            weeks = Counter(week_of(day) for day in days.values())
            for number in placed:
                if weeks[week_of(days[number])] > terms.per_week:
                    yield f"{number} is one too many in its week"
        for number in placed:
            if terms.not_before and days[number] < terms.not_before:
                yield f"{number} is before {terms.not_before}"
            if terms.not_after and days[number] > terms.not_after:
                yield f"{number} is after {terms.not_after}"


def week_of(day: date) -> tuple[int, int]:
    year, week, _ = day.isocalendar()
    return year, week


@lru_cache(maxsize=4096)
def local_day(clock: ClinicTime, instant: datetime) -> date:
    return clock.local_day(instant)
