"""A chart of one instrument's sums over time, as numbers to draw: points, infusions, published ranges. No verdict.

Shapes carry what there is to tell, never colour: a dot is a sum, a cross below the axis a sheet without one, a
triangle with a number an infusion. All in units of the drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from scheduling.questionnaires.series import Answered, Given, ScoreSeries

WIDTH, HEIGHT = 720, 316
LEFT, RIGHT, TOP, BOTTOM = 44, 72, 50, 62
# The tip of an infusion's triangle, above the highest sum and its number.
TIP: Final = TOP - 18
# Words nearer than this to those before them would run into them.
APART: Final = 44
APART_ON_A_PHONE: Final = 100
NUMBERS_APART: Final = 18


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a place, with what is written at it; nothing where it would run into its neighbour."""

    x: int
    y: int
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A thin line across, where one published range ends and the next begins, and the range above it in words."""

    y: int
    text: str
    text_y: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything to draw."""

    path: str
    sums: Sequence[Mark]
    without: Sequence[Mark]
    infusions: Sequence[Mark]
    ranges: Sequence[Line]
    days: Sequence[Mark]
    days_on_a_phone: Sequence[Mark]
    most: Mark
    least: Mark
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM

    @property
    def numbers_y(self) -> int:
        """Where the numbers of the infusions stand."""
        return TIP - 14

    @property
    def days_y(self) -> int:
        return self.height - 14


def chart_of(series: ScoreSeries) -> Chart:
    """The drawing of a series with at least one response."""
    along = _along([*(one.response.answered_at for one in series.answered), *(one.at for one in series.given)])
    most = series.instrument.most

    def up(points: float) -> int:
        return round(HEIGHT - BOTTOM - points / most * (HEIGHT - BOTTOM - TOP))

    scored = [one for one in series.answered if one.response.score is not None]
    sums = [_sum(one, along, up) for one in scored]
    return Chart(
        path=" ".join(f"{mark.x},{mark.y}" for mark in sums),
        sums=sums,
        without=[_at(one.response.answered_at, along) for one in series.answered if one.response.score is None],
        infusions=_spaced((_infusion(one, along) for one in series.given), NUMBERS_APART),
        ranges=[_line(low, high, up) for low, high in series.instrument.ranges],
        days=_spaced((_day(one, along) for one in series.answered), APART),
        days_on_a_phone=_spaced((_day(one, along) for one in series.answered), APART_ON_A_PHONE),
        most=Mark(LEFT - 8, up(most), str(most)),
        least=Mark(LEFT - 8, up(0), "0"),
    )


def _along(instants: Sequence[datetime]) -> Callable[[datetime], int]:
    """From an instant to its place from left to right."""
    first, last = min(instants), max(instants)
    whole = max(last - first, timedelta(days=1)) / timedelta(seconds=1)
    # The last sum is written beside its point, clear of the words of the ranges.
    room = WIDTH - LEFT - RIGHT - 64

    def x_of(at: datetime) -> int:
        return round(LEFT + 20 + (at - first) / timedelta(seconds=1) / whole * room)

    return x_of


def _sum(one: Answered, along: Callable[[datetime], int], up: Callable[[float], int]) -> Mark:
    at, points = one.response.answered_at, one.response.score or 0
    return Mark(along(at), up(points), str(points), at)


def _at(at: datetime, along: Callable[[datetime], int]) -> Mark:
    return Mark(along(at), HEIGHT - BOTTOM + 16, at=at)


def _day(one: Answered, along: Callable[[datetime], int]) -> Mark:
    return _at(one.response.answered_at, along)


def _infusion(one: Given, along: Callable[[datetime], int]) -> Mark:
    return Mark(along(one.at), TIP, str(one.number), one.at)


def _line(low: int, high: int, up: Callable[[float], int]) -> Line:
    """The lower end of a range; its words stand in the middle of it."""
    return Line(up(low), f"{low}–{high}", up((low + high) / 2) + 4)


def _spaced(marks: Iterable[Mark], least: int) -> list[Mark]:
    """The marks; one whose words would run into those before it keeps its place without them."""
    found: list[Mark] = []
    free_from = -least
    for mark in marks:
        has_room = mark.x >= free_from
        found.append(mark if has_room else Mark(mark.x, mark.y))
        free_from = mark.x + least if has_room else free_from
    return found
