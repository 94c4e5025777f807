"""The day board laid out: columns of chairs, nurses, the week around it, and the day in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from scheduling.intervals import Interval, merge
from scheduling.models import AFTER_GIVEN, PATIENT_IS_THERE, Appointment, Status
from web.frontdesk.board_blocks import Block, blocks_of
from web.frontdesk.board_columns import Column, columns_of
from web.frontdesk.board_grid import HOUR, STEP, Grid, Spot
from web.frontdesk.board_rows import DayRows, hours_on
from web.frontdesk.nurse_strip import NurseNow, nurses_of
from web.frontdesk.week_strip import WeekDay, week_of
from web.templatetags.visit_marks import waits


@dataclass(frozen=True, slots=True)
class Board:
    """The day. `starts` is the instant of the first row; `blocks` are all visits in order of time; `now` is the row of
    the present, None on other days."""

    rows: DayRows
    starts: datetime
    hours: tuple[tuple[Spot, str], ...]
    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]
    now: Spot | None
    counts: tuple[tuple[str, int], ...]
    nurses: tuple[NurseNow, ...]
    week: tuple[WeekDay, ...]


def lay_out(day: DayRows, *, now: datetime, by_initials: bool = False) -> Board:
    """The board of a day, with names or `by_initials`."""
    grid = Grid(_span(day))
    blocks = blocks_of(day, grid, by_initials=by_initials, now=now)
    return Board(
        rows=day,
        starts=grid.span.start,
        hours=grid.hours(),
        columns=tuple(columns_of(day, grid, blocks, by_initials=by_initials)),
        blocks=tuple(blocks),
        now=grid.spot(Interval(now, now + STEP)) if grid.span.contains(now) else None,
        counts=_counts(day.visits),
        nurses=nurses_of(day, now=now),
        week=week_of(day, day.clock.local_day(now)),
    )


def _span(day: DayRows) -> Interval:
    """What the grid shows: the weekday's hours, also where a closure takes some, and visits; where there is neither,
    eight to six, so that there is a day to see."""
    hours = hours_on(day.day, day.clock, day.frame)
    spans = merge([*hours, *(Interval(visit.period.lower, visit.period.upper) for visit in day.visits)])
    eight, six = day.bounds.start + 8 * HOUR * STEP, day.bounds.start + 18 * HOUR * STEP
    start, end = (spans[0].start, spans[-1].end) if spans else (eight, six)
    start, end = max(start, day.bounds.start), min(end, day.bounds.end)
    down, up = start.minute // 5, -(-end.minute // 5)
    return Interval(start - down * STEP, end + (HOUR - up) % HOUR * STEP)


def _counts(visits: Sequence[Appointment]) -> tuple[tuple[str, int], ...]:
    """What is told of the day as a whole, without what is zero."""
    count = Counter(_group(visit) for visit in visits)
    words = [
        (gettext("visits"), len(visits) - count["kept"]),
        (gettext("to come, confirmed"), count["confirmed"]),
        (gettext("to come, not confirmed"), count["open"]),
        (gettext("wait for review"), count["review"]),
        (gettext("here now"), count["here"]),
        (gettext("done"), count["done"]),
        (gettext("did not come"), count["missing"]),
        (gettext("kept"), count["kept"]),
    ]
    return tuple((word, number) for word, number in words if number)


def _group(visit: Appointment) -> str:
    if visit.status == Status.BOOKED:
        return "review" if waits(visit) else "confirmed" if visit.confirmed_at else "open"
    if visit.status in PATIENT_IS_THERE:
        return "here"
    if visit.status in AFTER_GIVEN:
        return "done"
    return {Status.NO_SHOW: "missing", Status.HELD: "kept"}.get(Status(visit.status), "other")
