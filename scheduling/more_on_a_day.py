"""A clinic that has more on one day, counted from what is counted already."""

from __future__ import annotations

from datetime import date, datetime

from scheduling.bit_planes import bits
from scheduling.capacity import Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_planes import ClinicPlanes
from scheduling.least_busy import Assignment


class MoreOnADay(ClinicCapacity):
    """A clinic with more on one day: much sooner counted than the change itself, which is then tried where this helps.
    (They can only differ in what a turnover past midnight meets.)"""

    def __init__(self, usual: ClinicCapacity, more: ClinicCapacity, day: date) -> None:
        super().__init__(usual.snapshot)
        self.usual, self.more, self.with_more = usual, more, day
        index = self.axis.index[day]
        self._there = bits(self.axis.edges[index], self.axis.edges[index + 1])

    @property
    def planes(self) -> ClinicPlanes:
        return self.more.planes

    def start_bits(self, phases: tuple[Phase, ...]) -> int:
        return self.usual.start_bits(phases) & ~self._there | self.more.start_bits(phases) & self._there

    def repack_bits(self, phases: tuple[Phase, ...]) -> int:
        return self.usual.repack_bits(phases) & ~self._there | self.more.repack_bits(phases) & self._there

    def assign(self, start: datetime, phases: tuple[Phase, ...], *, chair: str | None = None) -> Assignment | None:
        one = self.more if self.clock.local_day(start) == self.with_more else self.usual
        return one.assign(start, phases, chair=chair)
