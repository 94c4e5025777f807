"""When an infusion could start, from what the patient says of their last meal and drink. No Django.

Hours of fasting are hours that pass. What a patient says are times of the clinic's clock.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.protocol_parts import Fasting


def last_time(wall: time, clock: ClinicTime, now: datetime) -> datetime:
    """The last instant at which the clinic's clock showed this, now included: today's, else yesterday's.

    Of a time that was there twice the later one, for that asks for the longer wait; one that the clocks skipped is
    taken as an hour later, when it would have been.
    """
    today = clock.local_day(now)
    for day in (today, today - timedelta(days=1)):
        instant = _at(clock, day, wall, now)
        if instant <= now:
            return instant
    return now


def could_start_from(
    fasting: Fasting, *, ate_at: datetime | None = None, drank_at: datetime | None = None
) -> datetime | None:
    """From when on the ordered fast would be kept, eating and drinking nothing more; None where nothing was said."""
    ends = []
    if ate_at is not None:
        ends.append(ate_at + timedelta(hours=fasting.solids_hours))
    if drank_at is not None:
        ends.append(drank_at + timedelta(hours=fasting.clear_liquids_hours))
    return max(ends, default=None)


def _at(clock: ClinicTime, day: date, wall: time, now: datetime) -> datetime:
    try:
        later = clock.at_wall(day, wall, which="second")
        return later if later <= now else clock.at_wall(day, wall, which="first")
    except NonexistentTime:
        skipped = time((wall.hour + 1) % 24, wall.minute)
        return clock.at_wall(day, skipped, which="first")
