"""The starts one patient could take on each day: the clinic's direct starts inside the patient's times and wishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from scheduling.bit_planes import any_of, bits, room_for, steps_set
from scheduling.capacity import STEP_MINUTES, Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_time import MINUTES_A_DAY, merge_ranges, weekday_key
from scheduling.day_capacity import DayCapacity
from scheduling.series_terms import PatientTimes
from scheduling.visit_shape import shape_of

# (wall clock minutes after midnight, absolute step)
Start = tuple[int, int]


class FreeStarts:
    """Counted day by day when first asked for."""

    def __init__(
        self, capacity: ClinicCapacity, patient: PatientTimes, weekdays: frozenset[str] | None, now: datetime
    ) -> None:
        self.capacity, self.patient, self.weekdays = capacity, patient, weekdays
        self.now = now.astimezone(UTC)
        self._starts: dict[tuple[Phase, ...], dict[int, list[Start]]] = {}

    def of(self, phases: tuple[Phase, ...]) -> Callable[[int], list[Start]]:
        """The free starts of a visit by day number, in time order; none on a day the clinic does not know."""
        counted = self._starts.setdefault(phases, {})

        def on(day_number: int) -> list[Start]:
            if day_number not in counted:
                day = self.capacity.day(date.fromordinal(day_number))
                counted[day_number] = [] if day is None else self._count(day, phases)
            return counted[day_number]

        return on

    def _count(self, day: DayCapacity, phases: tuple[Phase, ...]) -> list[Start]:
        # The patient's side is cheap, so a day that does not suit them is never counted.
        plane = -1
        for limit in self.limits(phases).values():
            plane &= limit(day)
            if not plane:
                return []
        plane &= day.start_bits(phases)
        return [(day.wall_minute(step), day.first_step + step) for step in steps_set(plane)]

    def limits(self, phases: tuple[Phase, ...]) -> Mapping[str, Callable[[DayCapacity], int]]:
        """What limits the patient beside the clinic, each as the plane of starts it allows; names as in `why_not`."""
        presence = shape_of(phases).presence
        return {
            "weekdays": self._on_wished_weekday,
            "past": self._still_to_come,
            "patient": lambda day: self._patient_can(day, presence),
        }

    def _on_wished_weekday(self, day: DayCapacity) -> int:
        return -1 if self.weekdays is None or weekday_key(day.day) in self.weekdays else 0

    def _still_to_come(self, day: DayCapacity) -> int:
        step = day.step(self.now)
        if step < 0 or (step == 0 and day.instant(0) == self.now):
            return -1
        return -1 << (step if day.instant(step) == self.now else step + 1)

    def _patient_can(self, day: DayCapacity, presence: int) -> int:
        free = bits(0, day.length)
        available = self.patient.available
        if available is not None:
            ranges = merge_ranges(available.get(weekday_key(day.day), ()))
            if day.length * STEP_MINUTES == MINUTES_A_DAY:
                free = any_of(bits(-(-one.start // STEP_MINUTES), one.end // STEP_MINUTES) for one in ranges)
            else:
                periods = (self.capacity.clock.on_day(day.day, one) for one in ranges)
                free = day.inner(period for period in periods if period is not None)
        if free and self.patient.busy:
            free &= ~day.outer(self.patient.busy)
        return room_for(free, presence)
