"""Which visits no longer stand, said the slow way: every five minutes, from the rows and the wall clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from scheduling.clinic_time import weekday_key
from scheduling.models import (
    Absence,
    Appointment,
    ClinicHours,
    Closure,
    ResourceKind,
    Shift,
    Status,
)
from tests.races.night_clinic import ZONE, NightClinic, day_of

STEP = timedelta(minutes=5)
Week = dict[str, list[tuple[int, int]]]


def lost(night: NightClinic, now: datetime) -> set[int]:
    """The visits to come whose time the clinic is closed, or whose chair, nurse or prescriber is not there."""
    there = There(night)
    rows = Appointment.objects.filter(clinic=night.clinic, live=True, is_placed=True, period__endswith__gt=now)
    return {
        row.pk
        for row in rows.exclude(held_until__lte=now).prefetch_related("claims", "phases")
        if not there.stands(row, now)
    }


class There:
    """Who is there when, read once."""

    def __init__(self, night: NightClinic) -> None:
        clinic = night.clinic
        self.hours = _week((row.weekday, row.opens, row.closes) for row in ClinicHours.objects.filter(clinic=clinic))
        self.closures = [(row.period.lower, row.period.upper) for row in Closure.objects.filter(clinic=clinic)]
        self.absences: dict[int, list[tuple[datetime, datetime]]] = {}
        for absence in Absence.objects.filter(clinic=clinic):
            self.absences.setdefault(absence.resource_id, []).append((absence.period.lower, absence.period.upper))
        self.shifts = {
            resource.pk: _week((row.weekday, row.starts, row.ends) for row in Shift.objects.filter(resource=resource))
            for resource in night.resources
            if resource.kind != ResourceKind.CHAIR
        }
        self.prescribers = [one.pk for one in night.resources if one.kind == ResourceKind.PRESCRIBER]

    def stands(self, visit: Appointment, now: datetime) -> bool:
        begun = Status.ARRIVED if visit.dose_id is None else Status.SEATED
        started = visit.status not in (Status.HELD, Status.BOOKED) and (
            visit.status != Status.ARRIVED or begun == Status.ARRIVED
        )
        if not started and not all(self.is_open(visit, at) for at in _steps(visit.period.lower, visit.period.upper)):
            return False
        for claim in visit.claims.all():
            if not all(
                self.is_there(claim.resource_id, at) for at in _steps(max(claim.period.lower, now), claim.period.upper)
            ):
                return False
        for phase in visit.phases.all():
            if phase.prescriber == "present":
                for at in _steps(max(phase.period.lower, now), phase.period.upper):
                    if not any(self.is_there(one, at) for one in self.prescribers):
                        return False
        return True

    def is_open(self, visit: Appointment, at: datetime) -> bool:
        return (
            day_of(at) == day_of(visit.period.lower)
            and _within(self.hours, at)
            and not any(start < at + STEP and at < end for start, end in self.closures)
        )

    def is_there(self, resource_id: int, at: datetime) -> bool:
        if any(start < at + STEP and at < end for start, end in self.absences.get(resource_id, ())):
            return False
        return resource_id not in self.shifts or _within(self.shifts[resource_id], at)


def _week(rows: Iterable[tuple[str, time, time]]) -> Week:
    week: Week = {}
    for weekday, starts, ends in rows:
        week.setdefault(weekday, []).append((starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute))
    return week


def _within(week: Week, at: datetime) -> bool:
    """Whether the wall clock shows a time of the week then."""
    local = at.astimezone(ZONE)
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in week.get(weekday_key(local.date()), ()))


def _steps(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += STEP
