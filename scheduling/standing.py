"""Whether a booked visit still stands: who and what it uses is there, the clinic is open, enough staff are on duty.

Asks nothing of what others use: that is counted when a visit is booked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime

from scheduling.capacity import Busy, ClinicSnapshot
from scheduling.clinic_time import WallRange
from scheduling.intervals import Interval, covers, merge, subtract
from scheduling.visit_course import NURSE, Course


class _Spans:
    """Periods that neither overlap nor touch, to be asked thousands of times."""

    def __init__(self, periods: Iterable[Interval]) -> None:
        merged = merge(periods)
        self.starts = [period.start for period in merged]
        self.ends = [period.end for period in merged]

    def covers(self, period: Interval) -> bool:
        at = bisect_right(self.starts, period.start) - 1
        return at >= 0 and self.ends[at] >= period.end

    def overlaps(self, period: Interval) -> bool:
        at = bisect_right(self.ends, period.start)
        return at < len(self.starts) and self.starts[at] < period.end

    def contains(self, instant: datetime) -> bool:
        at = bisect_right(self.starts, instant) - 1
        return at >= 0 and instant < self.ends[at]

    def ends_in(self, period: Interval) -> list[datetime]:
        return self.ends[bisect_left(self.ends, period.start) : bisect_left(self.ends, period.end)]


class Standing:
    """Who is there when, at one clinic over the days of a snapshot."""

    def __init__(self, clinic: ClinicSnapshot) -> None:
        self.clinic = clinic
        self.out = {seat.id: _Spans(seat.out) for seat in clinic.seats}
        self.out |= {piece.id: _Spans(piece.out) for piece in clinic.equipment}
        self.there = {nurse.id: _Spans(subtract(nurse.shifts, nurse.absent)) for nurse in clinic.nurses}
        self.there |= {prescriber.id: _Spans(prescriber.on_site) for prescriber in clinic.prescribers}
        self.on_site = _Spans(period for prescriber in clinic.prescribers for period in prescriber.on_site)

    def lost(self, course: Course, *, since: datetime, has_started: bool) -> tuple[str, ...]:
        """What the visit has no longer, from `since` on: codes of `problems`, most binding first. A visit under way is
        not asked for hours and staff: the patient is there."""
        reasons = [] if has_started else [*self._closed(course.presence), *self._understaffed(course)]
        reasons += ["prescriber"] * self._lacks_prescriber(course, since)
        for code, roles in (("nurses", NURSE), ("chairs", ("seat",)), ("equipment", ("use",))):
            if not self._are_there([use for use in course.uses if use.role in roles], since):
                reasons.append(code)
        return tuple(reasons)

    def _are_there(self, uses: Iterable[Busy], since: datetime) -> bool:
        left = [(use.resource_id, period) for use in uses if (period := _after(use.period, since))]
        return all(self._is_there(resource, period) for resource, period in left)

    def _is_there(self, resource: str, period: Interval) -> bool:
        if resource in self.out:
            return not self.out[resource].overlaps(period)
        return resource in self.there and self.there[resource].covers(period)

    def _closed(self, presence: Interval) -> list[str]:
        day = self.clinic.clock.local_day(presence.start)
        if not covers(self.clinic.open.get(day, ()), presence):
            return ["hours"]
        last = self.clinic.last_end
        if last is None:
            return []
        minutes = last.hour * 60 + last.minute
        latest = self.clinic.clock.on_day(day, WallRange(0, minutes)) if minutes else None
        return [] if latest and presence.end <= latest.end else ["last_end"]

    def _understaffed(self, course: Course) -> list[str]:
        """Too few people at some instant in which the patient is in a chair. Their number falls where a shift ends."""
        if not self.clinic.min_staff:
            return []
        seated = merge(part.period for part in course.present if part.phase.chair)
        edges = {period.start for period in seated}
        edges |= {end for period in seated for shifts in self.there.values() for end in shifts.ends_in(period)}
        enough = all(self._count(edge) >= self.clinic.min_staff for edge in edges)
        return [] if enough else ["staff"]

    def _count(self, instant: datetime) -> int:
        return sum(shifts.contains(instant) for shifts in self.there.values())

    def _lacks_prescriber(self, course: Course, since: datetime) -> bool:
        present = [part.period for part in course.present if part.phase.prescriber == "present"]
        if not all(self.on_site.covers(period) for one in present if (period := _after(one, since))):
            return True
        return not self._are_there([use for use in course.uses if use.role == "with-patient"], since)


def _after(period: Interval, since: datetime) -> Interval | None:
    if period.end <= since:
        return None
    return period if period.start >= since else Interval(since, period.end)
