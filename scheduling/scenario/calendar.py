"""The days of a search on the clinic's calendar: weekly times as instants, and when the clinic is open."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from scheduling.clinic_time import ClinicTime, WallRange, weekday_key
from scheduling.intervals import Interval, merge, subtract

Week = Mapping[str, Sequence[WallRange]]


@dataclass(frozen=True)
class Calendar:
    """Clinic-local days from `first` to `last`, both counted."""

    clock: ClinicTime
    first: date
    last: date
    _known: dict[tuple[date, WallRange], Interval | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=index) for index in range((self.last - self.first).days + 1)]

    @property
    def whole(self) -> Interval:
        """All of it, with a day more: a turnover may run past the last midnight."""
        return Interval(self.clock.day_start(self.first), self.clock.day_start(self.last + timedelta(days=2)))

    def of_week(self, week: Week) -> list[Interval]:
        """Weekly times on each day, in the order of days."""
        return [period for day in self.days for period in self._on(day, week)]

    def opening(
        self, hours: Week, closed: Sequence[Interval], closed_days: frozenset[date]
    ) -> dict[date, tuple[Interval, ...]]:
        """When the clinic is open on each day; an empty tuple is a closed day."""
        merged = merge(closed)
        starts, ends = [period.start for period in merged], [period.end for period in merged]
        found: dict[date, tuple[Interval, ...]] = {}
        for day in self.days:
            ranges = [] if day in closed_days else self._on(day, hours)
            if ranges and merged:
                # Only the closures near the day, so that a long list of them costs nothing on the other days.
                first = bisect_right(ends, min(one.start for one in ranges))
                after = bisect_left(starts, max(one.end for one in ranges))
                ranges = subtract(ranges, merged[first:after])
            found[day] = tuple(ranges)
        return found

    def _on(self, day: date, week: Week) -> list[Interval]:
        found = (self._period(day, wall) for wall in week.get(weekday_key(day), ()))
        return [period for period in found if period is not None]

    def _period(self, day: date, wall: WallRange) -> Interval | None:
        """Staff share their hours, so each is brought to instants once."""
        if (day, wall) not in self._known:
            self._known[day, wall] = self.clock.on_day(day, wall)
        return self._known[day, wall]
