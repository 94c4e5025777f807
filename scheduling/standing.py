"""Whether a booked visit still stands: who and what it uses is there, the clinic is open, enough staff are on duty.

Asks nothing of what others use: that is counted when a visit is booked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from scheduling.capacity import ClinicSnapshot
from scheduling.clinic_time import WallRange
from scheduling.intervals import Interval, any_overlap, covers, subtract
from scheduling.visit_course import NURSE, Course

# What the clinic would be like after a loss.
Loss = Callable[[ClinicSnapshot], ClinicSnapshot]


class Standing:
    """Who is there when, at one clinic over the days of a snapshot."""

    def __init__(self, clinic: ClinicSnapshot) -> None:
        self.clinic = clinic
        self.out = {seat.id: seat.out for seat in (*clinic.chairs, *clinic.bays)}
        self.out |= {piece.id: piece.out for piece in clinic.equipment}
        self.there = {nurse.id: subtract(nurse.shifts, nurse.absent) for nurse in clinic.nurses}
        self.there |= {prescriber.id: list(prescriber.on_site) for prescriber in clinic.prescribers}
        self.on_site = [period for prescriber in clinic.prescribers for period in prescriber.on_site]

    def lost(self, course: Course, *, since: datetime, has_started: bool) -> tuple[str, ...]:
        """What the visit has no longer, from `since` on: codes of `problems`, most binding first. A visit under way is
        not asked for hours and staff: the patient is there."""
        reasons = [] if has_started else [*self._closed(course.presence), *self._understaffed(course)]
        reasons += ["prescriber"] * self._lacks_prescriber(course, since)
        for code, roles in (("nurses", NURSE), ("chairs", ("seat",)), ("equipment", ("use",))):
            periods = [(use.resource_id, _after(use.period, since)) for use in course.uses if use.role in roles]
            if any(period and not self._is_there(resource, period) for resource, period in periods):
                reasons.append(code)
        return tuple(reasons)

    def _is_there(self, resource: str, period: Interval) -> bool:
        if resource in self.out:
            return not any_overlap(self.out[resource], period)
        return resource in self.there and covers(self.there[resource], period)

    def _closed(self, presence: Interval) -> list[str]:
        day = self.clinic.clock.local_day(presence.start)
        if not covers(self.clinic.open.get(day, ()), presence):
            return ["hours"]
        last = self.clinic.last_end
        if last is None:
            return []
        latest = self.clinic.clock.on_day(day, WallRange(0, max(last.hour * 60 + last.minute, 1)))
        return [] if latest and presence.end <= latest.end else ["last_end"]

    def _understaffed(self, course: Course) -> list[str]:
        """Too few people at some instant in which the patient is in a chair."""
        seated = [part.period for part in course.present if part.phase.chair]
        edges = {period.start for period in seated}
        edges |= {shift.end for shifts in self.there.values() for shift in shifts}
        asked = [edge for edge in edges if any(period.contains(edge) for period in seated)]
        enough = all(self._count(edge) >= self.clinic.min_staff for edge in asked)
        return [] if enough else ["staff"]

    def _count(self, instant: datetime) -> int:
        return sum(any(shift.contains(instant) for shift in shifts) for shifts in self.there.values())

    def _lacks_prescriber(self, course: Course, since: datetime) -> bool:
        present = [part.period for part in course.present if part.phase.prescriber == "present"]
        wanted = [period for one in present if (period := _after(one, since))]
        if any(not covers(self.on_site, period) for period in wanted):
            return True
        own = [(use.resource_id, _after(use.period, since)) for use in course.uses if use.role == "with-patient"]
        return any(period and not self._is_there(resource, period) for resource, period in own)


def _after(period: Interval, since: datetime) -> Interval | None:
    if period.end <= since:
        return None
    return period if period.start >= since else Interval(since, period.end)


def no_loss(clinic: ClinicSnapshot) -> ClinicSnapshot:
    """The clinic as it is."""
    return clinic


def without(resource_ids: Iterable[str], period: Interval) -> Loss:
    """These chairs, bays, nurses, prescribers or things are not there for a while."""
    gone = frozenset(resource_ids)

    def loss(clinic: ClinicSnapshot) -> ClinicSnapshot:
        return replace(
            clinic,
            chairs=tuple(replace(one, out=(*one.out, period)) if one.id in gone else one for one in clinic.chairs),
            bays=tuple(replace(one, out=(*one.out, period)) if one.id in gone else one for one in clinic.bays),
            equipment=tuple(
                replace(one, out=(*one.out, period)) if one.id in gone else one for one in clinic.equipment
            ),
            nurses=tuple(
                replace(one, absent=(*one.absent, period)) if one.id in gone else one for one in clinic.nurses
            ),
            prescribers=tuple(
                replace(one, on_site=tuple(subtract(one.on_site, [period]))) if one.id in gone else one
                for one in clinic.prescribers
            ),
        )

    return loss


def closed(periods: Sequence[Interval]) -> Loss:
    """The clinic takes nobody in these periods."""
    return lambda clinic: replace(
        clinic, open={day: tuple(subtract(hours, periods)) for day, hours in clinic.open.items()}
    )
