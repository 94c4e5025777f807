"""Half-open periods `[start, end)` of UTC instants, and set algebra over lists of them. No clinic-local time here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


class InvalidInterval(ValueError):
    """The two instants do not make a non-empty period, or one of them does not say its offset."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """`[start, end)`: two aware instants, kept in UTC; refuses with InvalidInterval unless end > start."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        # Two instants of one zoneinfo zone compare and subtract by wall time, so both are brought to UTC first.
        if self.start.tzinfo is not UTC:
            object.__setattr__(self, "start", _as_utc(self.start, "start"))
        if self.end.tzinfo is not UTC:
            object.__setattr__(self, "end", _as_utc(self.end, "end"))
        if self.end <= self.start:
            raise InvalidInterval(f"end {self.end.isoformat()} is not after start {self.start.isoformat()}")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def minutes(self) -> int:
        """Elapsed whole minutes."""
        return int(self.length.total_seconds()) // 60

    def overlaps(self, other: Interval) -> bool:
        """Periods that only touch do not overlap."""
        return self.start < other.end and other.start < self.end

    def contains(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def covers(self, other: Interval) -> bool:
        return self.start <= other.start and other.end <= self.end

    def intersection(self, other: Interval) -> Interval | None:
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def _as_utc(instant: datetime, name: str) -> datetime:
    if instant.tzinfo is None:
        raise InvalidInterval(f"{name} {instant.isoformat()} has no UTC offset")
    return instant.astimezone(UTC)


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants as sorted periods that neither overlap nor touch."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].end:
            if interval.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, interval.end)
        else:
            merged.append(interval)
    return merged


def subtract(intervals: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """The instants of `intervals` that lie in none of `taken`, merged and sorted; one walk along both."""
    rest: list[Interval] = []
    holes = merge(taken)
    first = 0
    for interval in merge(intervals):
        start = interval.start
        while first < len(holes) and holes[first].end <= start:
            first += 1
        index = first
        while index < len(holes) and holes[index].start < interval.end:
            if start < holes[index].start:
                rest.append(Interval(start, holes[index].start))
            start = holes[index].end
            index += 1
        if start < interval.end:
            rest.append(Interval(start, interval.end))
    return rest


def covers(intervals: Iterable[Interval], period: Interval) -> bool:
    """Whether every instant of `period` lies in one of `intervals`; periods that touch count as one."""
    return any(interval.covers(period) for interval in merge(intervals))


def any_overlap(intervals: Iterable[Interval], period: Interval) -> bool:
    return any(interval.overlaps(period) for interval in intervals)
