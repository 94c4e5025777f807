"""Starts by repack: where others can change their chair so that one more visit fits that day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from scheduling.bit_planes import bits
from scheduling.capacity import Phase
from scheduling.chair_dealing import ChairDealing, Dealt
from scheduling.free_starts import FreeStarts, Start
from scheduling.visit_shape import shape_of

# More than all minutes off of a series, so that fewer starts by repack come first.
COST_OF_REPACK = 10**6


class RoomByRepack:
    """Asks who sits where only when a start by repack could help. Never on a day of which the clinic has opened."""

    def __init__(self, starts: FreeStarts, is_late: Callable[[], bool]) -> None:
        self.starts, self.capacity, self.is_late = starts, starts.capacity, is_late
        self._planes: dict[tuple[Phase, ...], int] = {}
        self._dealing: ChairDealing | None = None
        self._dealt: dict[tuple[tuple[Phase, ...], int], Dealt | None] = {}

    def is_possible(self, visits: Iterable[tuple[Phase, ...]], last_day: int) -> bool:
        """Whether some chair is free at each moment of some such visit up to a day, though no whole chair is."""
        axis = self.capacity.axis
        index = axis.index.get(date.fromordinal(last_day), -1) if last_day > 0 else -1
        until = bits(0, axis.edges[index + 1])
        return any(self.plane(phases) & until for phases in visits)

    def plane(self, phases: tuple[Phase, ...]) -> int:
        """More starts than can be had by repack; none today once the clinic has opened."""
        if phases not in self._planes:
            plane = self.capacity.repack_bits(phases)
            if plane:
                plane &= self.starts.within_limits(phases) & ~self._today()
            self._planes[phases] = plane
        return self._planes[phases]

    def _today(self) -> int:
        capacity, now = self.capacity, self.starts.now
        today = capacity.clock.local_day(now)
        opening = capacity.snapshot.open.get(today, ())
        index = capacity.axis.index.get(today)
        if index is None or not opening or now < min(opening).start:
            return 0
        return bits(capacity.axis.edges[index], capacity.axis.edges[index + 1])

    def on_day(self, phases: tuple[Phase, ...], day_number: int) -> list[Start]:
        """Starts that may be had by repack; `dealt` tells which can."""
        return self.starts.on_day(self.plane(phases), day_number)

    def dealt(self, phases: tuple[Phase, ...], step: int) -> Dealt | None:
        """How the chairs are dealt anew for a visit from an absolute step on; None when they can't be."""
        key = (phases, step)
        if key not in self._dealt:
            axis, seat = self.capacity.axis, shape_of(phases).seat
            at = step - axis.first_step
            first = max(edge for edge in axis.edges if edge <= at)
            day = (first, axis.edges[axis.edges.index(first) + 1])
            if seat is None:
                return None
            span = (at + seat.span[0], at + seat.span[1])
            self._dealt[key] = self.dealing.make_room(span, seat.features, day)
        return self._dealt[key]

    @property
    def dealing(self) -> ChairDealing:
        if self._dealing is None:
            snapshot = self.capacity.snapshot
            seated = snapshot.seated() if snapshot.seated else ()
            self._dealing = ChairDealing(snapshot.chairs, self.capacity.planes, seated, self.is_late)
        return self._dealing
