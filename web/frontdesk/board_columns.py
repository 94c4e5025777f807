"""The columns of the board: one a chair, with what it is kept free for; more where visits stand beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from django.utils.translation import gettext

from scheduling.intervals import Interval, subtract
from scheduling.models import AbsenceKind, Appointment
from web.frontdesk.board_blocks import Block
from web.frontdesk.board_grid import Grid, Spot
from web.frontdesk.board_rows import DayRows, seats_of
from web.frontdesk.day_frame import Away
from web.spoken import clock_range, soon

# The column of visits that lost their chair.
WAITING = 0


@dataclass(frozen=True, slots=True)
class Shade:
    """Time in which a chair takes nobody: `kind` is closed, away or block; `words` are empty outside opening hours,
    which need none."""

    spot: Spot
    kind: str
    words: str
    when: str


@dataclass(frozen=True, slots=True)
class Column:
    """One chair (`chair` is its id), the visits that wait for one, or those that take none."""

    chair: int | None
    title: str
    shades: tuple[Shade, ...]
    blocks: tuple[Block, ...]


def columns_of(day: DayRows, grid: Grid, blocks: Sequence[Block], *, by_initials: bool) -> list[Column]:
    """Every chair with its visits, then who waits for one, then who needs none. `by_initials` nothing that staff wrote
    of closed and blocked times is said, for it may name somebody."""
    by_seat: dict[int | None, list[Block]] = {}
    for block in blocks:
        by_seat.setdefault(_column_of(block.visit), []).append(block)
    shut = _shut(day, grid, by_initials=by_initials)
    columns: list[Column] = []
    for chair in day.chairs:
        away = [replace(one, reason="") for one in chair.away] if by_initials else chair.away
        shades = (*shut, *_away(away, day, grid))
        columns += _lanes(chair.pk, chair.name, shades, by_seat.get(chair.pk, []))
    for seat, title in ((WAITING, gettext("Waiting for a chair")), (None, gettext("No chair"))):
        if seat in by_seat:
            columns += _lanes(None, title, shut, by_seat[seat])
    return columns


def _column_of(visit: Appointment) -> int | None:
    """The chair it has; WAITING where it lost it, None where it needs none."""
    return next(iter(seats_of(visit)), None if visit.is_placed or not visit.live else WAITING)


def _shut(day: DayRows, grid: Grid, *, by_initials: bool) -> tuple[Shade, ...]:
    """When the clinic is closed; with what was written of a closure, unless `by_initials`."""
    closures = [Away(one.period, "closed", "" if by_initials else one.reason, None) for one in day.frame.closures]
    outside = subtract([grid.span], [*day.opening, *(one.period for one in closures)])
    return tuple(
        [Shade(spot, "closed", "", "") for spot in grid.spots(outside)]
        + _shades(closures, [grid.span], grid, lambda one: one.reason or gettext("closed"))
    )


def _away(away: Sequence[Away], day: DayRows, grid: Grid) -> list[Shade]:
    """When a chair is out of service or kept free, within opening hours."""
    return _shades(away, day.opening, grid, partial(words_of, day=day.day))


def _shades(away: Sequence[Away], within: Sequence[Interval], grid: Grid, words: Callable[[Away], str]) -> list[Shade]:
    left = list(within)
    shades = []
    for one in away:
        parts = [part for period in left if (part := period.intersection(one.period))]
        left = subtract(left, [one.period])
        for part in parts:
            if spot := grid.spot(part):
                kind = one.kind if one.kind in ("closed", AbsenceKind.BLOCK) else "away"
                shades.append(Shade(spot, kind, words(one), clock_range(part.start, part.end)))
    return shades


def words_of(one: Away, day: date) -> str:
    """Rep lunch; two for boosters, kept until Mon, Dec 7, 12:00 PM; out of service: upholstery."""
    kind = str(AbsenceKind(one.kind).label).lower()
    if one.kind == AbsenceKind.BLOCK:
        label = one.reason or kind
        if one.release_at is None:
            return label
        return gettext("%(label)s, kept until %(time)s") % {"label": label, "time": soon(one.release_at, day)}
    return gettext("%(kind)s: %(reason)s") % {"kind": kind, "reason": one.reason} if one.reason else kind


def _lanes(chair: int | None, title: str, shades: tuple[Shade, ...], blocks: Sequence[Block]) -> list[Column]:
    """One column, and more of the same name where visits overlap: two at once without a chair, or one that overran."""
    lanes: list[list[Block]] = [[]]
    for block in sorted(blocks, key=lambda one: (one.spot.row, one.visit.pk)):
        lane = next((one for one in lanes if not one or one[-1].spot.row + one[-1].spot.span <= block.spot.row), None)
        if lane is None:
            lanes.append(lane := [])
        lane.append(block)
    return [Column(chair, title, shades, tuple(lane)) for lane in lanes]
