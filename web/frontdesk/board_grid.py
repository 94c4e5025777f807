"""The rows of one day's board: a row is five minutes of elapsed time, the labels are by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import pgettext

from scheduling.intervals import Interval

STEP = timedelta(minutes=5)
HOUR = 12
# The style sheet has a class for each length up to this.
MOST_ROWS = 144


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands: `row` five-minute rows below the top, `span` rows long."""

    row: int
    span: int


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
