"""When a message may go: never while the patient sleeps, never after it has lost its use. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Wall-clock times on quarter hours, `[starts, ends)`; equal times mean that no hour is quiet.

    Refuses with ValueError when a time is off the quarter hour or less than one hour a day is left for sending.
    """

    starts: time = time(20, 0)
    ends: time = time(9, 0)

    def __post_init__(self) -> None:
        for value in (self.starts, self.ends):
            if value.minute % 15 or value.second or value.microsecond:
                raise ValueError("Quiet hours start and end on a quarter hour.")
        if self.starts != self.ends and (_minutes(self.starts) - _minutes(self.ends)) % DAY_MINUTES < 60:
            raise ValueError("Quiet hours must leave at least one hour a day for messages.")

    def cover(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether `at` is quiet on the wall clock of `zone`."""
        wall = at.astimezone(zone).time()
        if self.starts <= self.ends:
            return self.starts <= wall < self.ends
        return wall >= self.starts or wall < self.ends


def when_to_send(
    due_at: datetime, *, useful_until: datetime, now: datetime, hours: QuietHours, zone: ZoneInfo, waits: bool = False
) -> datetime | None:
    """The instant to send something due at `due_at`, or None when it can no longer be sent in time.

    A due time in quiet hours moves back to the last allowed quarter hour; with `waits` it never goes earlier than due.
    If it is quiet now, it waits for the next allowed time.
    """
    at = due_at if waits else moved_back(due_at, hours, zone)
    going = max(at, now)
    if going >= useful_until:
        return None
    if not hours.cover(going, zone):
        return at
    morning = next_allowed(going, hours, zone)
    return morning if morning < useful_until else None


def when_on_duty(
    due_at: datetime,
    *,
    useful_until: datetime,
    now: datetime,
    hours: QuietHours,
    zone: ZoneInfo,
    shifts: Sequence[tuple[datetime, datetime]],
) -> datetime | None:
    """The instant to send something that may go only while somebody is on duty and it is not quiet, never earlier than
    `due_at`; None where there is none before it has lost its use. `shifts`: their [start, end)."""
    for earliest in (due_at, max(due_at, now)):
        at = _first_on_duty(earliest, hours, zone, shifts)
        if at is None or at >= useful_until:
            return None
        # Gone by: it goes now where that is allowed, and else at the next time that is.
        if at >= now or _first_on_duty(now, hours, zone, shifts) == now < useful_until:
            return at
    return None


def _first_on_duty(
    at: datetime, hours: QuietHours, zone: ZoneInfo, shifts: Sequence[tuple[datetime, datetime]]
) -> datetime | None:
    starts = ((next_allowed(max(at, starts), hours, zone), ends) for starts, ends in sorted(shifts))
    return next((start for start, ends in starts if start < ends), None)


def moved_back(due_at: datetime, hours: QuietHours, zone: ZoneInfo) -> datetime:
    """`due_at` itself, or the last allowed quarter hour before it where it is quiet then."""
    if not hours.cover(due_at, zone):
        return due_at
    step = _quarter_before(due_at)
    while hours.cover(step, zone):
        step -= QUARTER
    return step


def next_allowed(at: datetime, hours: QuietHours, zone: ZoneInfo) -> datetime:
    """`at` itself, or the first quarter hour after it that is not quiet."""
    if not hours.cover(at, zone):
        return at
    # Steps on the UTC line, so the repeated and the missing hour of a DST change need no rule of their own; every zone
    # in use is a whole number of quarter hours off UTC.
    step = _quarter_before(at)
    while hours.cover(step, zone):
        step += QUARTER
    return step


def quiet_from(at: datetime, hours: QuietHours, zone: ZoneInfo) -> datetime | None:
    """The first quiet instant at or after `at`, which a message must not outlive; None when no hour is quiet."""
    if hours.starts == hours.ends:
        return None
    if hours.cover(at, zone):
        return at
    step = _quarter_before(at) + QUARTER
    while not hours.cover(step, zone):
        step += QUARTER
    return step


def _quarter_before(at: datetime) -> datetime:
    return at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)


def _minutes(value: time) -> int:
    return value.hour * 60 + value.minute
