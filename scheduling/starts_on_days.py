"""The starts of one kind of visit on some days, with any of the reasons against a start left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import reduce

from scheduling.bit_planes import bits
from scheduling.capacity import Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.visit_shape import shape_of

# Where there is no start within these, nothing else can be judged.
FRAME = ("hours", "last_end", "grid", "past")
# Staff and chairs, in the order in which they are named when each of several would do.
RESOURCES = ("chairs", "nurses", "prescriber", "staff", "equipment")
PATIENTS = ("weekdays", "patient")


class StartsOnDays:
    """The starts of one kind of visit on some days, each reason's taken alone. `limits` are the patient's."""

    def __init__(
        self, capacity: ClinicCapacity, phases: tuple[Phase, ...], limits: Mapping[str, int], days: Iterable[int]
    ) -> None:
        self.capacity, self.shape, axis = capacity, shape_of(phases), capacity.axis
        indexes = [axis.index[date.fromordinal(day)] for day in days]
        self.whole = reduce(int.__or__, (bits(axis.edges[index], axis.edges[index + 1]) for index in indexes), 0)
        self.limits = limits

    def within(self, names: Iterable[str]) -> int:
        """The starts that all these reasons allow."""
        plane = self.whole
        for name in names:
            plane &= self.limits[name] if name in self.limits else self.capacity.allowed(name, self.shape)
        return plane

    def without(self, *names: str) -> int:
        """The starts there would be if these reasons were left out."""
        return self.within(name for name in (*FRAME, *PATIENTS, *RESOURCES) if name not in names)
