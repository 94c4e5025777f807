"""The day board as places on a grid: a column a chair, a row five minutes of elapsed time, labels by the clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext, pgettext

from scheduling.intervals import Interval, merge, subtract
from scheduling.models import AFTER_GIVEN, PATIENT_IS_THERE, Appointment, Status
from scheduling.stopped_starts import Stop, stop_of
from web.frontdesk.board_rows import DayRows, parts_of, seats_of
from web.readiness_words import ready_words
from web.spoken import look_alikes, short_birth_date, soon, visit_name
from web.templatetags.visit_marks import STOPS, waits

STEP = timedelta(minutes=5)
HOUR = 12
MOST_ROWS = 144
# The column of visits that lost their chair.
WAITING = 0
# What the desk has to do something about; for whatever a prescriber owes it reads one and the same mark.
TO_BOOK_ANEW = {stop: STOPS[stop] for stop in (Stop.NO_LONGER_FITS, Stop.GIVEN_AGAIN_FIRST)}
BAND = {"infuse": "infuse", "observe": "infuse", "recover": "recover"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands: `row` five-minute rows below the top, `span` rows long."""

    row: int
    span: int


@dataclass(frozen=True, slots=True)
class Block:
    """One visit on the board. `alike`: the birth date, where two people of the day are easily mixed up; `moved`: which
    chair it was moved from to make room, and when; `ready`: that it is, or what it waits for; `stopped`: that it is to
    be booked for another time first."""

    visit: Appointment
    what: str
    spot: Spot
    band: tuple[tuple[str, int], ...]
    chair: str
    alike: str
    moved: str
    ready: str
    stopped: str


@dataclass(frozen=True, slots=True)
class Column:
    """One chair, the visits that wait for one, or those that take none."""

    title: str
    closed: tuple[Spot, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The day. `starts`: the instant of the first row. `blocks` are all visits in order of time; `now` is the row of
    the present, None on other days."""

    rows: DayRows
    starts: datetime
    hours: tuple[tuple[Spot, str], ...]
    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]
    now: Spot | None
    counts: tuple[tuple[str, int], ...]


class Grid:
    """The rows of one day: from the full hour before the first thing to the full hour after the last."""

    def __init__(self, span: Interval) -> None:
        self.span = span

    @property
    def length(self) -> int:
        return self.row(self.span.end)

    def row(self, instant: datetime) -> int:
        return int((instant - self.span.start) // STEP)

    def spot(self, period: Interval) -> Spot | None:
        """Where a period stands; None when it lies outside."""
        inside = period.intersection(self.span)
        if inside is None:
            return None
        return Spot(self.row(inside.start), min(MOST_ROWS, max(1, self.row(inside.end) - self.row(inside.start))))

    def spots(self, periods: Sequence[Interval]) -> tuple[Spot, ...]:
        return tuple(spot for spot in map(self.spot, periods) if spot)

    def hours(self) -> tuple[tuple[Spot, str], ...]:
        """Each hour with what the clock shows then; on the day the clocks change one is left out or comes twice."""
        style = pgettext("time format of full hours", "g A")
        starts = (self.span.start + row * STEP for row in range(0, self.length, HOUR))
        return tuple((Spot(self.row(at), HOUR), formatted(timezone.localtime(at), style)) for at in starts)


def lay_out(day: DayRows, *, now: datetime) -> Board:
    """The board of a day."""
    grid = Grid(_span(day))
    names = {chair.pk: chair.name for chair, _ in day.chairs}
    alike = look_alikes({visit.patient_id: visit.patient for visit in day.visits}.values())
    blocks = [_block(visit, grid, names, alike, now) for visit in day.visits]
    by_seat: dict[int | None, list[Block]] = {}
    for block in blocks:
        by_seat.setdefault(_column_of(block.visit), []).append(block)
    columns: list[Column] = []
    for chair, away in day.chairs:
        closed = subtract([grid.span], subtract(day.opening, away))
        columns += _columns(chair.name, grid.spots(closed), by_seat.get(chair.pk, []))
    closed_all = grid.spots(subtract([grid.span], day.opening))
    for seat, title in ((WAITING, gettext("Waiting for a chair")), (None, gettext("No chair"))):
        if seat in by_seat:
            columns += _columns(title, closed_all, by_seat[seat])
    present = Interval(now, now + STEP)
    return Board(
        rows=day,
        starts=grid.span.start,
        hours=grid.hours(),
        columns=tuple(columns),
        blocks=tuple(blocks),
        now=grid.spot(present) if grid.span.contains(now) else None,
        counts=_counts(day.visits),
    )


def _span(day: DayRows) -> Interval:
    """What the grid shows: opening hours and visits; on a closed day eight to six, so that there is a day to see."""
    spans = merge([*day.opening, *(Interval(visit.period.lower, visit.period.upper) for visit in day.visits)])
    eight, six = day.bounds.start + 8 * HOUR * STEP, day.bounds.start + 18 * HOUR * STEP
    start, end = (spans[0].start, spans[-1].end) if spans else (eight, six)
    start, end = max(start, day.bounds.start), min(end, day.bounds.end)
    down, up = start.minute // 5, -(-end.minute // 5)
    return Interval(start - down * STEP, end + (HOUR - up) % HOUR * STEP)


def _column_of(visit: Appointment) -> int | None:
    """The chair it has; WAITING where it lost it, None where it needs none."""
    return next(iter(seats_of(visit)), None if visit.is_placed or not visit.live else WAITING)


def _block(visit: Appointment, grid: Grid, chairs: dict[int, str], alike: set[int], now: datetime) -> Block:
    patient, seats = visit.patient, seats_of(visit)
    born = short_birth_date(patient.birth_date) if patient.pk in alike and patient.birth_date else ""
    return Block(
        visit=visit,
        what=visit_name(visit),
        spot=grid.spot(presence(visit)) or Spot(0, 1),
        band=tuple((BAND.get(name, ""), max(1, int(period.length // STEP))) for name, period in parts_of(visit)),
        chair=chairs.get(seats[0], "") if seats else "",
        alike=born,
        moved=_moved(visit, chairs, timezone.localdate(now)),
        ready=ready_words(visit, now),
        stopped=str(TO_BOOK_ANEW[stop].text) if (stop := stop_of(visit)) in TO_BOOK_ANEW else "",
    )


def _moved(visit: Appointment, chairs: dict[int, str], today: date) -> str:
    """Moved from Chair 4 at 9:12 AM; empty where it stands where it was booked, and once it is over."""
    chair = chairs.get(visit.moved_from_id or 0)
    if not chair or not visit.moved_at or not visit.live:
        return ""
    return gettext("moved from %(chair)s at %(time)s") % {"chair": chair, "time": soon(visit.moved_at, today)}


def presence(visit: Appointment) -> Interval:
    """When the patient is there: as planned, but only until they left, since their chair may be used again."""
    start, end = visit.period.lower, visit.period.upper
    return Interval(start, visit.left_at if visit.left_at and start < visit.left_at < end else end)


def _columns(title: str, closed: tuple[Spot, ...], blocks: Sequence[Block]) -> list[Column]:
    """One column, and more of the same name where visits overlap: two at once without a chair, or one that overran."""
    lanes: list[list[Block]] = [[]]
    for block in sorted(blocks, key=lambda one: (one.spot.row, one.visit.pk)):
        lane = next((one for one in lanes if not one or one[-1].spot.row + one[-1].spot.span <= block.spot.row), None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(block)
    return [Column(title, closed, tuple(lane)) for lane in lanes]


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
