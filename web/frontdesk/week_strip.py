"""The week around the day shown: seven days, how many visits each has, and whether the clinic is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scheduling.clinic_time import week_start
from web.frontdesk.board_rows import DayRows, opening_on


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One day of the strip; `visits` without times that are only kept."""

    day: date
    visits: int
    is_open: bool
    is_shown: bool
    is_today: bool


def week_of(day: DayRows, today: date) -> tuple[WeekDay, ...]:
    """Monday to Sunday."""
    monday = week_start(day.day)
    return tuple(
        WeekDay(
            day=one,
            visits=day.frame.visits.get(one, 0),
            is_open=bool(opening_on(one, day.clock, day.frame)),
            is_shown=one == day.day,
            is_today=one == today,
        )
        for one in (monday + timedelta(days=number) for number in range(7))
    )
