"""A clinic's capacity: free starts over all its days, and each day seen alone."""

from __future__ import annotations

from datetime import date, datetime

from scheduling.capacity import Phase
from scheduling.clinic_starts import ClinicStarts
from scheduling.day_capacity import DayCapacity
from scheduling.least_busy import Assignment


class ClinicCapacity(ClinicStarts):
    """All days of a snapshot. One object may serve many searches."""

    def day(self, day: date) -> DayCapacity | None:
        """The day's view; None for a day the snapshot does not know."""
        index = self.axis.index.get(day)
        return None if index is None else DayCapacity(self, day, self.axis.edges[index], self.axis.edges[index + 1])

    def direct_starts(self, day: date, phases: tuple[Phase, ...]) -> list[datetime]:
        found = self.day(day)
        return found.direct_starts(phases) if found else []

    def assign(self, start: datetime, phases: tuple[Phase, ...], *, chair: str | None = None) -> Assignment | None:
        """As DayCapacity.assign, on the start's local day."""
        found = self.day(self.clock.local_day(start))
        return found.assign(start, phases, chair=chair) if found else None
