"""Which booked visits no longer stand: computed from rows whenever it is asked, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from scheduling.availability import snapshot
from scheduling.clinic_time import ClinicTime
from scheduling.course_rows import read_courses
from scheduling.displacing import has_started
from scheduling.losses import Loss, nothing_lost
from scheduling.models import Appointment, Clinic, Resource
from scheduling.problems import because_lost
from scheduling.standing import Standing
from scheduling.visit_course import Course
from scheduling.why_not import WhyNot


@dataclass(frozen=True, slots=True)
class Affected:
    """A visit and what it has no longer, most binding first."""

    visit: Appointment
    course: Course
    reasons: tuple[str, ...]

    @property
    def problems(self) -> tuple[WhyNot, ...]:
        return tuple(because_lost(reason) for reason in self.reasons)


def affected_visits(*, clinic: Clinic, now: datetime, using: Resource | None = None) -> list[Affected]:
    """Visits from now on that do not stand as they are booked, in order of time: until they are moved, placed elsewhere
    or cancelled, or what they miss is there again. Those that lost their place wait for a chair instead. `using`: only
    those that use this chair, nurse, prescriber or thing."""
    rows = _to_come(clinic, now)
    return _affected(clinic, rows.filter(claims__resource=using).distinct() if using else rows, now=now)


def affected_by(*, clinic: Clinic, loss: Loss, now: datetime) -> list[Affected]:
    """The visits that a loss would affect and nothing does now, to be looked at before it is recorded. Reads only."""
    visits = list(_to_come(clinic, now))
    before = {one.visit.pk: set(one.reasons) for one in _affected(clinic, visits, now=now)}
    after = _affected(clinic, visits, now=now, loss=loss)
    return [one for one in after if not set(one.reasons) <= before.get(one.visit.pk, set())]


def _to_come(clinic: Clinic, now: datetime) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(clinic=clinic, live=True, is_placed=True, period__endswith__gt=now)
    return rows.exclude(held_until__lte=now).select_related("patient", "clinic").order_by("period", "pk")


def _affected(
    clinic: Clinic, rows: Iterable[Appointment], *, now: datetime, loss: Loss = nothing_lost
) -> list[Affected]:
    visits = list(rows)
    if not visits:
        return []
    standing = standing_for(clinic, visits, now=now, loss=loss)
    courses = read_courses([visit.pk for visit in visits])
    found = []
    for visit in visits:
        course = courses[visit.pk]
        reasons = standing.lost(course, since=now, has_started=has_started(visit))
        if reasons:
            found.append(Affected(visit, course, reasons))
    return found


def standing_for(
    clinic: Clinic, visits: Sequence[Appointment], *, now: datetime, loss: Loss = nothing_lost
) -> Standing:
    """Who is there when, over the days of these visits, with a loss if one is said."""
    clock = ClinicTime(clinic.time_zone)
    first = clock.local_day(min(visit.period.lower for visit in visits))
    last = clock.local_day(max(visit.period.upper for visit in visits) + timedelta(days=1))
    there = snapshot(clinic=clinic, first_day=first, last_day=last, now=now)
    return Standing(loss(there))
