"""Another chair and nurse for a visit that has not started: what it has where that is free, else what is alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from scheduling.availability import snapshot
from scheduling.capacity import Busy, Chair, ClinicSnapshot, Nurse
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_time import ClinicTime
from scheduling.course_rows import USE, use_of
from scheduling.crowding import NurseLimit
from scheduling.models import Appointment, Claim, Clinic, Resource, ResourceKind, Status
from scheduling.visit_course import NURSE, SEAT, Course
from scheduling.visit_parts import step_before


def find_place(visit: Appointment, course: Course, free: ClinicSnapshot, *, now: datetime) -> Course | None:
    """Its own chair and nurse, then its own chair, then its own nurse, then any that are alike; None where none is
    free, or the visit's time has passed.

    At its own time; whoever is here already and late starts now. A pinned visit keeps its chair, and every visit its
    prescriber.
    """
    start = course.parts[0].period.start
    if visit.status == Status.ARRIVED:
        start = max(start, step_before(now))
    elif course.presence.end <= now:
        return None
    phases = tuple(part.phase for part in course.parts)
    doctor = course.last(("with-patient",))
    for chairs, nurses in _choices(visit, course, free):
        found = ClinicCapacity(replace(free, chairs=chairs, nurses=nurses)).assign(start, phases)
        if found is not None and doctor in (None, found.prescriber):
            return course.starting(start, found.claims)
    return None


def _choices(
    visit: Appointment, course: Course, free: ClinicSnapshot
) -> Iterator[tuple[tuple[Chair, ...], tuple[Nurse, ...]]]:
    chair, nurse = course.last(SEAT), course.last(NURSE)
    own_chair = tuple(one for one in free.chairs if one.id == chair)
    own_nurse = tuple(one for one in free.nurses if one.id == nurse)
    yield own_chair, own_nurse
    yield own_chair, free.nurses
    if not visit.is_pinned:
        yield free.chairs, own_nurse
        yield free.chairs, free.nurses


def snapshot_around(
    clinic: Clinic, courses: Sequence[Course], *, now: datetime, without: Iterable[int]
) -> ClinicSnapshot:
    """The clinic on the days of these visits and today, without some visits."""
    clock = ClinicTime(clinic.time_zone)
    days = [clock.local_day(course.parts[0].period.start) for course in courses] + [clock.local_day(now)]
    return snapshot(clinic=clinic, first_day=min(days), last_day=max(days), now=now, without=list(without))


def uses_around(clinic: Clinic, courses: Sequence[Course], *, without: Iterable[int], now: datetime) -> list[Busy]:
    """What other visits use of the clinic while these last."""
    spans = [course.span for course in courses]
    around = (min(span.start for span in spans), max(span.end for span in spans))
    claims = Claim.objects.filter(live=True, resource__clinic=clinic, period__overlap=around)
    claims = claims.exclude(appointment__in=list(without)).exclude(appointment__held_until__lte=now)
    return [use_of(*columns) for columns in claims.values_list(*USE)]


def nurse_limits(clinic: Clinic) -> dict[str, NurseLimit]:
    """How many patients each nurse may have at once, by id."""
    nurses = Resource.objects.filter(clinic=clinic, kind=ResourceKind.NURSE)
    rows = nurses.values_list("pk", "watch_places", "watch_while_attending")
    return {str(pk): NurseLimit(watch, attending) for pk, watch, attending in rows}
