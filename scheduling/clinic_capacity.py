"""A clinic's days, each counted when a search first asks for it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import ceil

from scheduling.capacity import LONGEST_TURNOVER_MINUTES, STEP_SECONDS, ClaimRow, ClinicSnapshot, Phase
from scheduling.clinic_time import ClinicTime
from scheduling.day_capacity import Assignment, DayCapacity
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
        nights = [self.clock.day_start(day) for day in (*self.days, known.last + timedelta(days=1))]
        self._edges = [int(night.timestamp()) for night in nights]
        # A turnover may run past midnight, so a day that closes late also sees what the next morning has taken.
        self._late = [
            any(hours.end.timestamp() > self._edges[index + 1] - LATE_SECONDS for hours in snapshot.open.get(day, ()))
            for index, day in enumerate(self.days)
        ]
        self._filed: list[list[ClaimRow]] = [[] for _ in self.days]
        self._cache: dict[date, DayCapacity] = {}
        self._file_all()

    def _file_all(self) -> None:
        snapshot, edges, filed, late = self.snapshot, self._edges, self._filed, self._late
        for row in snapshot.claims:
            # Nearly all lie within one day: thousands of claims take this short way, the rest `_file`.
            index = bisect_right(edges, row[2]) - 1
            if 0 < index < len(filed) and row[3] <= edges[index + 1] and not late[index - 1]:
                filed[index].append(row)
            else:
                self._file(*row)
        for busy in snapshot.busy:
            self._file(busy.resource_id, busy.role, *_seconds(busy.period))
        for chair in snapshot.chairs:
            for period in chair.out:
                self._file(chair.id, "out", *_seconds(period))
        for nurse in snapshot.nurses:
            for period in nurse.absent:
                self._file(nurse.id, "absent", *_seconds(period))
            self._file_presence(nurse.id, "shift", nurse.shifts)
        for prescriber in snapshot.prescribers:
            self._file_presence(prescriber.id, "on-site", prescriber.on_site)

    def _file_presence(self, resource_id: str, role: str, periods: Iterable[Interval]) -> None:
        """Presence counts only in steps that it fills whole; what is taken fills every step it touches."""
        for period in merge(periods):
            start, end = _seconds(period)
            start, end = -(-start // STEP_SECONDS) * STEP_SECONDS, end // STEP_SECONDS * STEP_SECONDS
            if start < end:
                self._file(resource_id, role, start, end)

    def _file(self, resource_id: str, role: str, start: int, end: int) -> None:
        """Under each day it touches, cut to that day and its late turnovers."""
        edges = self._edges
        index = bisect_right(edges, start) - 1
        if index > 0 and self._late[index - 1] and start < edges[index] + LATE_SECONDS:
            index -= 1
        index = max(index, 0)
        while index < len(self._filed) and edges[index] < end:
            closes = edges[index + 1] + LATE_SECONDS
            self._filed[index].append((resource_id, role, max(start, edges[index]), min(end, closes)))
            index += 1

    def day(self, day: date) -> DayCapacity | None:
        """The day's capacity; None for a day the snapshot does not know."""
        index = self._index.get(day)
        if index is None:
            return None
        if day not in self._cache:
            first, last = self._edges[index] // STEP_SECONDS, self._edges[index + 1] // STEP_SECONDS
            self._cache[day] = DayCapacity(self.snapshot, day, first, last - first, self._filed[index])
        return self._cache[day]

    def direct_starts(self, day: date, phases: tuple[Phase, ...]) -> list[datetime]:
        found = self.day(day)
        return found.direct_starts(phases) if found else []

    def assign(self, start: datetime, phases: tuple[Phase, ...]) -> Assignment | None:
        """As DayCapacity.assign, on the start's local day."""
        found = self.day(self.clock.local_day(start))
        return found.assign(start, phases) if found else None


def _seconds(period: Interval) -> tuple[int, int]:
    """Epoch seconds; a part of a second counts as taken."""
    return int(period.start.timestamp()), ceil(period.end.timestamp())
