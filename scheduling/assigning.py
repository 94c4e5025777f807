"""Who and what each visit gets: the one place where chairs, nurses and prescribers are given out before a write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from scheduling.capacity import Busy, ClinicSnapshot, Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.least_busy import Assignment


class Assigner:
    """Gives visits their chair, nurse and prescriber one after the other, each on what the ones before left."""

    def __init__(self, around: ClinicSnapshot, capacity: ClinicCapacity) -> None:
        self.around, self.capacity = around, capacity
        self._placed: dict[date, list[Busy]] = defaultdict(list)

    def assign(self, start: datetime, phases: tuple[Phase, ...], keep: frozenset[str]) -> Assignment | None:
        """What the visit gets, of `keep` (resource ids) where that is still free; None when something is missing."""
        placed = self._placed[self.capacity.clock.local_day(start)]
        found = self._narrow(keep, placed).assign(start, phases) if keep else None
        if found is None:
            capacity = ClinicCapacity(self._with(self.around, placed)) if placed else self.capacity
            found = capacity.assign(start, phases)
        if found is not None:
            placed += found.claims
        return found

    def _narrow(self, keep: frozenset[str], placed: Sequence[Busy]) -> ClinicCapacity:
        around = self._with(self.around, placed)
        prescribers = tuple(one for one in around.prescribers if one.id in keep)
        return ClinicCapacity(
            replace(
                around,
                chairs=tuple(one for one in around.chairs if one.id in keep),
                bays=tuple(one for one in around.bays if one.id in keep),
                nurses=tuple(one for one in around.nurses if one.id in keep),
                prescribers=prescribers or around.prescribers,
            )
        )

    @staticmethod
    def _with(around: ClinicSnapshot, placed: Sequence[Busy]) -> ClinicSnapshot:
        return replace(around, busy=(*around.busy, *placed)) if placed else around
