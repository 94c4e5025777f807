"""What is free on one clinic day: a view on the clinic's planes. Bit i is the i-th step after local midnight.

Steps are elapsed time, so a day has 276, 288 or 300.
"""

from __future__ import annotations

from datetime import date, datetime

from scheduling.bit_planes import bits, steps_set
from scheduling.capacity import STEP_MINUTES, STEP_SECONDS, ClinicSnapshot, Phase
from scheduling.clinic_starts import REASONS, ClinicStarts
from scheduling.clinic_time import MINUTES_A_DAY
from scheduling.least_busy import Assignment, assign
from scheduling.visit_shape import VisitShape, shape_of


class DayCapacity:
    """One clinic day of `length` steps from the absolute step `first_step`."""

    def __init__(self, clinic: ClinicStarts, day: date, opens: int, closes: int) -> None:
        self.clinic, self.day, self.opens, self.length = clinic, day, opens, closes - opens
        self.first_step = clinic.axis.first_step + opens

    @property
    def snapshot(self) -> ClinicSnapshot:
        return self.clinic.snapshot

    def instant(self, step: int) -> datetime:
        return self.clinic.instant(self.opens + step)

    def step(self, instant: datetime) -> int:
        """The step an instant lies in; negative before the day."""
        return int(instant.timestamp() // STEP_SECONDS) - self.first_step

    def wall_minute(self, step: int) -> int:
        """What the clinic's clock shows at a step, in minutes after midnight."""
        if self.length * STEP_MINUTES == MINUTES_A_DAY:
            return step * STEP_MINUTES
        return self.clinic.clock.minute_of_day(self.instant(step))

    def of(self, plane: int) -> int:
        """This day's part of a plane over all days."""
        return plane >> self.opens & bits(0, self.length)

    def allowed(self, reason: str, shape: VisitShape) -> int:
        """The plane of starts that one of REASONS allows, taken alone."""
        return self.of(self.clinic.allowed(reason, shape))

    def start_bits(self, phases: tuple[Phase, ...]) -> int:
        """The plane of direct starts."""
        return self.of(self.clinic.start_bits(phases))

    def direct_starts(self, phases: tuple[Phase, ...]) -> list[datetime]:
        """The instants at which a visit can start, in time order."""
        return [self.instant(step) for step in steps_set(self.start_bits(phases))]

    def refusals(self, start: datetime, phases: tuple[Phase, ...]) -> tuple[str, ...]:
        """Which of REASONS refuse a start at this instant; empty when it is a direct start."""
        step = self.step(start)
        if not 0 <= step < self.length or self.instant(step) != start:
            return ("grid",)
        return tuple(reason for reason in REASONS if not self.allowed(reason, shape_of(phases)) >> step & 1)

    def assign(self, start: datetime, phases: tuple[Phase, ...], *, chair: str | None = None) -> Assignment | None:
        """Chair, nurse, prescriber and equipment for a visit, each the one with the fewest minutes that day, then by
        id; None when one is missing. With `chair` that one is taken, free or not. Hours, grid and minimum staff are not
        asked here."""
        step = self.step(start)
        if not 0 <= step < self.length or self.instant(step) != start:
            return None
        return assign(self.clinic, self.opens, self.length, self.opens + step, shape_of(phases), chair=chair)
