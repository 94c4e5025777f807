"""A clinic's days, each counted when a search first asks for it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from math import ceil, floor

from scheduling.capacity import LONGEST_TURNOVER_MINUTES, STEP_SECONDS, ClinicSnapshot, Phase
from scheduling.clinic_time import ClinicTime
from scheduling.day_capacity import Assignment, DayCapacity, Taken
from scheduling.intervals import Interval, merge

LATE_SECONDS = LONGEST_TURNOVER_MINUTES * 60


class ClinicCapacity:
    """All days of a snapshot, each counted when first asked for. One object may serve many searches."""

    def __init__(self, snapshot: ClinicSnapshot) -> None:
        self.snapshot = snapshot
        self.clock: ClinicTime = snapshot.clock
        known = snapshot.open_days
        count = (known.last - known.first).days + 1
        self.days = [known.first + timedelta(days=index) for index in range(count)]
        self._index = {day: index for index, day in enumerate(self.days)}
        self._edges = [self.clock.day_start(day).timestamp() for day in (*self.days, known.last + timedelta(days=1))]
        # A turnover may run past midnight, so a day that closes late also sees what the next morning has taken.
        self._late = [
            any(hours.end.timestamp() > self._edges[index + 1] - LATE_SECONDS for hours in snapshot.open.get(day, ()))
            for index, day in enumerate(self.days)
        ]
        self._filed: list[list[tuple[str, str, float, float]]] = [[] for _ in self.days]
        self._cache: dict[date, DayCapacity] = {}
        self._file_all()

    def _file_all(self) -> None:
        snapshot, edges, filed, late = self.snapshot, self._edges, self._filed, self._late
        for busy in snapshot.busy:
            # Nearly all lie within one day: thousands of claims take this short way, the rest `_file`.
            period = busy.period
            start, end = period.start.timestamp(), period.end.timestamp()
            index = bisect_right(edges, start) - 1
            if 0 < index < len(filed) and end <= edges[index + 1] and not late[index - 1]:
                filed[index].append((busy.role, busy.resource_id, start, end))
            else:
                self._file(busy.role, busy.resource_id, start, end)
        for chair in snapshot.chairs:
            for period in chair.out:
                self._file("out", chair.id, period.start.timestamp(), period.end.timestamp())
        for nurse in snapshot.nurses:
            for period in nurse.absent:
                self._file("absent", nurse.id, period.start.timestamp(), period.end.timestamp())
            self._file_presence("shift", nurse.id, nurse.shifts)
        for prescriber in snapshot.prescribers:
            self._file_presence("on-site", prescriber.id, prescriber.on_site)

    def _file_presence(self, role: str, resource_id: str, periods: Iterable[Interval]) -> None:
        """Presence counts only in steps that it fills whole; what is taken fills every step it touches."""
        for period in merge(periods):
            start = ceil(period.start.timestamp() / STEP_SECONDS) * STEP_SECONDS
            end = floor(period.end.timestamp() / STEP_SECONDS) * STEP_SECONDS
            if start < end:
                self._file(role, resource_id, start, end)

    def _file(self, role: str, resource_id: str, start: float, end: float) -> None:
        """Under each day it touches, cut to that day and its late turnovers."""
        edges = self._edges
        index = bisect_right(edges, start) - 1
        if index > 0 and self._late[index - 1] and start < edges[index] + LATE_SECONDS:
            index -= 1
        index = max(index, 0)
        while index < len(self._filed) and edges[index] < end:
            closes = edges[index + 1] + LATE_SECONDS
            self._filed[index].append((role, resource_id, max(start, edges[index]), min(end, closes)))
            index += 1

    def _taken(self, index: int) -> Iterator[Taken]:
        """In steps; read only for days that a search asks for, which are few of many."""
        opens = self._edges[index]
        for role, resource_id, start, end in self._filed[index]:
            yield role, resource_id, int((start - opens) // STEP_SECONDS), -int((opens - end) // STEP_SECONDS)

    def _steps(self, index: int) -> tuple[int, int]:
        return int(self._edges[index]) // STEP_SECONDS, int(self._edges[index + 1]) // STEP_SECONDS

    def day(self, day: date) -> DayCapacity | None:
        """The day's capacity; None for a day the snapshot does not know."""
        index = self._index.get(day)
        if index is None:
            return None
        if day not in self._cache:
            first, last = self._steps(index)
            self._cache[day] = DayCapacity(self.snapshot, day, first, last - first, self._taken(index))
        return self._cache[day]

    def direct_starts(self, day: date, phases: tuple[Phase, ...]) -> list[datetime]:
        found = self.day(day)
        return found.direct_starts(phases) if found else []

    def assign(self, start: datetime, phases: tuple[Phase, ...]) -> Assignment | None:
        """As DayCapacity.assign, on the start's local day."""
        found = self.day(self.clock.local_day(start))
        return found.assign(start, phases) if found else None
