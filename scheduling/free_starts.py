"""The starts one patient could take: the clinic's free starts inside the patient's times and wishes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property

from scheduling.bit_planes import bits, room_for, steps_set
from scheduling.capacity import STEP_MINUTES, Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_planes import Plane
from scheduling.clinic_time import MINUTES_A_DAY, WallRange, merge_ranges, weekday_key
from scheduling.day_capacity import DayCapacity
from scheduling.intervals import Interval
from scheduling.series_terms import PatientTimes
from scheduling.visit_shape import shape_of

# (wall clock minutes after midnight, absolute step)
Start = tuple[int, int]
# (minutes off the wished time, absolute step)
Option = tuple[int, int]


class FreeStarts:
    """Direct starts over all days, counted once for each kind of visit."""

    def __init__(
        self, capacity: ClinicCapacity, patient: PatientTimes, weekdays: frozenset[str] | None, now: datetime
    ) -> None:
        self.capacity, self.axis, self.patient, self.weekdays = capacity, capacity.axis, patient, weekdays
        self.now = now.astimezone(UTC)
        self._first_day = self.axis.days[0].toordinal()
        self._planes: dict[tuple[Phase, ...], int] = {}

    def plane(self, phases: tuple[Phase, ...]) -> int:
        """The direct starts of a visit over all days."""
        if phases not in self._planes:
            self._planes[phases] = self.within_limits(phases) & self.capacity.start_bits(phases)
        return self._planes[phases]

    def within_limits(self, phases: tuple[Phase, ...]) -> int:
        """The starts that suit the patient, whatever the clinic has."""
        plane = bits(0, self.axis.steps)
        for limit in self.limits(phases).values():
            plane &= limit
        return plane

    def limits(self, phases: tuple[Phase, ...]) -> Mapping[str, int]:
        """What limits the patient beside the clinic, each as the plane of starts it allows; names as in `why_not`."""
        presence = shape_of(phases).presence
        return {
            "weekdays": self._wished_weekdays,
            "past": self._still_to_come,
            "patient": room_for(self._patient_free, presence),
        }

    @cached_property
    def _wished_weekdays(self) -> int:
        if self.weekdays is None:
            return -1
        plane = Plane(self.axis)
        for index, day in enumerate(self.axis.days):
            if weekday_key(day) in self.weekdays:
                plane.add(*(self.axis.first_step + edge for edge in self.axis.edges[index : index + 2]))
        return plane.joined()

    @cached_property
    def _still_to_come(self) -> int:
        step = self.axis.step(self.now)
        return -1 << max(step if self.capacity.instant(step) == self.now else step + 1, 0)

    @cached_property
    def _patient_free(self) -> int:
        free = -1 if self.patient.available is None else self._available(self.patient.available)
        return free & ~self.axis.outer(self.patient.busy) if self.patient.busy else free

    def _available(self, available: Mapping[str, tuple[WallRange, ...]]) -> int:
        plane, edges, odd = Plane(self.axis), self.axis.edges, list[Interval]()
        merged = {key: merge_ranges(ranges) for key, ranges in available.items()}
        for index, day in enumerate(self.axis.days):
            first = self.axis.first_step + edges[index]
            is_plain = (edges[index + 1] - edges[index]) * STEP_MINUTES == MINUTES_A_DAY
            for one in merged.get(weekday_key(day), ()):
                if is_plain:
                    plane.add(first - (-one.start // STEP_MINUTES), first + one.end // STEP_MINUTES)
                elif period := self.capacity.clock.on_day(day, one):
                    odd.append(period)
        return plane.joined() | self.axis.inner(odd)

    def on_day(self, plane: int, day_number: int) -> list[Start]:
        """The starts of a plane on one day, in time order; none on a day the clinic does not know."""
        day = self._day(day_number)
        if day is None:
            return []
        return [(day.wall_minute(step), day.first_step + step) for step in steps_set(day.of(plane))]

    def _day(self, day_number: int) -> DayCapacity | None:
        index = day_number - self._first_day
        edges = self.axis.edges
        if not 0 <= index < len(self.axis.days):
            return None
        return DayCapacity(self.capacity, self.axis.days[index], edges[index], edges[index + 1])

    def nearest(self, plane: int, day_number: int, wished: int | None) -> Option | None:
        """Of the starts of a plane on one day the one nearest to a wall clock minute, the earlier of two; the first of
        the day, and 0 minutes off, when none is wished."""
        day = self._day(day_number)
        found = 0 if day is None else day.of(plane)
        if day is None or not found:
            return None
        if wished is None:
            return 0, day.first_step + (found & -found).bit_length() - 1
        if day.length * STEP_MINUTES != MINUTES_A_DAY:
            return min((abs(minute - wished), step) for minute, step in self.on_day(plane, day_number))
        middle = wished // STEP_MINUTES
        later, earlier = found >> (middle + 1), found & bits(0, middle + 1)
        near = [earlier.bit_length() - 1] if earlier else []
        if later:
            near.append(middle + (later & -later).bit_length())
        return min((abs(step * STEP_MINUTES - wished), day.first_step + step) for step in near)
