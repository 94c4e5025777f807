"""The clinic's wall clock: the only place where instants meet local days, weekdays and times of day.

Wall clock is said in a clinic's IANA zone; nothing here ever moves a time that does not exist or exists twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from scheduling.intervals import Interval

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60
_RANGE = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")


class UnknownZone(ValueError):
    """The name is not an IANA time zone."""


class NonexistentTime(ValueError):
    """The clocks jump over this local time."""


class AmbiguousTime(ValueError):
    """The clocks are set back over this local time, so it happens twice."""


@dataclass(frozen=True, slots=True, order=True)
class WallRange:
    """A range of the wall clock in minutes after midnight, `[start, end)`; 24:00 is 1440."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_A_DAY:
            raise ValueError(f"{self} is not a time range inside one day")

    @classmethod
    def from_text(cls, text: str) -> WallRange:
        """Reads "08:00-18:00"; refuses anything else with ValueError."""
        found = _RANGE.fullmatch(text)
        if found is None:
            raise ValueError(f'"{text}" is not a time range such as 08:00-18:00')
        hours, minutes, end_hours, end_minutes = (int(part) for part in found.groups())
        if minutes > 59 or end_minutes > 59:
            raise ValueError(f'"{text}" has minutes past 59')
        return cls(hours * 60 + minutes, end_hours * 60 + end_minutes)

    def __str__(self) -> str:
        return f"{self.start // 60:02}:{self.start % 60:02}-{self.end // 60:02}:{self.end % 60:02}"


def merge_ranges(ranges: Iterable[WallRange]) -> list[WallRange]:
    """The same times of day as sorted ranges that neither overlap nor touch."""
    merged: list[WallRange] = []
    for one in sorted(ranges):
        if merged and one.start <= merged[-1].end:
            merged[-1] = WallRange(merged[-1].start, max(one.end, merged[-1].end))
        else:
            merged.append(one)
    return merged


@dataclass(frozen=True)
class ClinicTime:
    """Local-day arithmetic in one zone; refuses an unknown zone name with UnknownZone."""

    zone_name: str

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone_name)
        except (KeyError, ValueError, OSError) as error:  # ZoneInfo raises all three, by how the name is wrong
            raise UnknownZone(f'"{self.zone_name}" is not an IANA time zone') from error

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)

    def local(self, instant: datetime) -> datetime:
        """The instant on the clinic's wall clock."""
        return _aware(instant).astimezone(self.zone)

    def local_day(self, instant: datetime) -> date:
        return self.local(instant).date()

    def minute_of_day(self, instant: datetime) -> int:
        """Wall clock minutes after midnight, 0 to 1439: what the clock shows, not what has elapsed."""
        local = self.local(instant)
        return local.hour * 60 + local.minute

    def weekday(self, instant: datetime) -> str:
        return weekday_key(self.local_day(instant))

    def at_wall(self, day: date, wall: time, *, which: Literal["first", "second"] | None = None) -> datetime:
        """The UTC instant at which the clinic's clock shows `wall` on `day`.

        Refuses with NonexistentTime in the hour the clocks jump over, and with AmbiguousTime in the hour that happens
        twice unless `which` says which of the two is meant.
        """
        naive = datetime.combine(day, wall.replace(tzinfo=None, fold=0))
        first = naive.replace(tzinfo=self.zone).astimezone(UTC)
        second = naive.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        if first.astimezone(self.zone).replace(tzinfo=None, fold=0) != naive:
            raise NonexistentTime(f"{naive:%Y-%m-%d %H:%M} does not exist in {self.zone_name}: the clocks go forward")
        if first != second and which is None:
            raise AmbiguousTime(f"{naive:%Y-%m-%d %H:%M} happens twice in {self.zone_name}: the clocks go back")
        return second if which == "second" else first

    def at_minute(self, day: date, minute: int) -> datetime:
        """As at_wall, for wall clock minutes after midnight; 1440 is the end of the day."""
        if minute == MINUTES_A_DAY:
            return self.day_bounds(day).end
        return self.at_wall(day, time(minute // 60, minute % 60))

    def day_start(self, day: date) -> datetime:
        """The first instant of a local day, also where the clocks jump over midnight or show it twice."""
        return _first_instant(self.zone_name, day)

    def day_bounds(self, day: date) -> Interval:
        """The whole local day: 24 hours, or 23 or 25 when the clocks change. Refuses a day a zone left out."""
        start, end = self.day_start(day), self.day_start(day + timedelta(days=1))
        if start == end:
            raise NonexistentTime(f"{day} does not exist in {self.zone_name}")
        return Interval(start, end)

    def on_day(self, day: date, hours: WallRange) -> Interval | None:
        """Opening hours or a shift on one day; an edge in a changed hour is taken so that the range is never longer
        than said, and a range that the clocks jump over whole is None."""
        midnight = self.day_start(day)
        if self.day_start(day + timedelta(days=1)) - midnight == timedelta(days=1):
            # Hundreds of shifts lie on plain days, and elapsed time is all there is to count on those.
            return Interval(midnight + timedelta(minutes=hours.start), midnight + timedelta(minutes=hours.end))
        start = self._edge(day, hours.start, fold=1)
        end = self._edge(day, hours.end, fold=0)
        return Interval(start, end) if start < end else None

    def _edge(self, day: date, minute: int, fold: int) -> datetime:
        if minute == MINUTES_A_DAY:
            return self.day_start(day + timedelta(days=1))
        naive = datetime.combine(day, time(minute // 60, minute % 60))
        try:
            return self.at_wall(day, naive.time(), which="second" if fold else "first")
        except NonexistentTime:
            # Both readings lie around the jump; the jump itself is the earliest instant whose wall clock is past it.
            return self._jump_before(naive)

    def _jump_before(self, naive: datetime) -> datetime:
        # Read with the offset after the jump the time lies before it, and the other way round.
        low = naive.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        high = naive.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        before = low.astimezone(self.zone).utcoffset()
        while high - low > timedelta(minutes=1):
            middle = low + (high - low) // 2
            if middle.astimezone(self.zone).utcoffset() == before:
                low = middle
            else:
                high = middle
        return high.replace(second=0, microsecond=0)

    def add_local_days(self, instant: datetime, days: int) -> datetime:
        """The same wall time `days` local days later (not that many times 24 hours); refuses as at_wall does."""
        local = self.local(instant)
        return self.at_wall(local.date() + timedelta(days=days), local.time())


@lru_cache(maxsize=4096)
def _first_instant(zone_name: str, day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone_name)).astimezone(UTC)


def weekday_key(day: date) -> str:
    """ "mon" to "sun"."""
    return WEEKDAYS[day.weekday()]


def week_start(day: date) -> date:
    """The Monday of the day's calendar week."""
    return day - timedelta(days=day.weekday())


def minutes_between(earlier: datetime, later: datetime) -> int:
    """Elapsed whole minutes, whatever the clocks did meanwhile."""
    return int((_aware(later).astimezone(UTC) - _aware(earlier).astimezone(UTC)).total_seconds()) // 60


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no UTC offset")
    return instant
