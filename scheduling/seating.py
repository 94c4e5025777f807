"""A patient who waited for a chair sits down in one: the chair is said, and somebody has to be their nurse."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scheduling.capacity import ClinicSnapshot
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.crowding import fits
from scheduling.displacing import Changed, has_started
from scheduling.finding_places import nurse_limits, snapshot_around, uses_around
from scheduling.intervals import covers
from scheduling.models import Clinic, Resource
from scheduling.visit_course import NURSE, SEAT, Course
from scheduling.visit_parts import starting, step_before


def seat_waiting(change: Changed, chair: Resource, *, now: datetime) -> Changed:
    """The change with a nurse beside the chair: one who has room, else the least busy on duty. Whoever has not started
    and is late starts now, with all that the visit needs where that is free."""
    visit, after = change.visit, change.after
    free = snapshot_around(visit.clinic, [after], now=now, without=[visit.pk])
    if not has_started(visit):
        start = max(change.before.parts[0].period.start, step_before(now))
        phases = tuple(part.phase for part in after.parts)
        found = ClinicCapacity(free).assign(start, phases, chair=str(chair.pk))
        if found is not None:
            return replace(change, after=change.before.starting(start, found.claims))
        after = replace(change.before, parts=starting(change.before.parts, start)).given(SEAT, str(chair.pk))
    if not after.covers(NURSE):
        nurse = _nurse_for(after, free, visit.clinic, visit.pk, now)
        after = after.given(NURSE, nurse) if nurse else after
    return replace(change, after=after)


def _nurse_for(course: Course, free: ClinicSnapshot, clinic: Clinic, visit_id: int, now: datetime) -> str | None:
    """On duty for what is left, with room rather than without, then with the fewest uses at this time."""
    taken = uses_around(clinic, [course], without=[visit_id], now=now)
    limits = nurse_limits(clinic)
    ranked = []
    for nurse in free.nurses:
        uses = [use for use in course.given(NURSE, nurse.id).uses if use.role in NURSE]
        on_duty = all(covers(nurse.shifts, use.period) for use in uses)
        load = sum(use.resource_id == nurse.id for use in taken)
        ranked.append((not fits(uses, taken, limits), not on_duty, load, nurse.id))
    return min(ranked)[-1] if ranked else None
