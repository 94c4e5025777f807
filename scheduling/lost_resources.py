"""A lost resource is never refused and never silent: nurses fall ill, chairs break, clinics close.

A visit keeps its row and its time. Where another chair or nurse is free at that time it gets those, unless it is too
near; all others stay on the list of `affected_visits` until a person has settled them. Nothing is sent by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from psycopg.types.range import TimestamptzRange

from scheduling import permissions
from scheduling.affected_visits import Affected, affected_visits
from scheduling.availability import snapshot
from scheduling.clinic_time import ClinicTime
from scheduling.displacing import Changed, Effect, find_place, write_effect
from scheduling.events import Actor, Entry, record
from scheduling.holds import release_expired
from scheduling.intervals import Interval
from scheduling.locking import lock_for, writing
from scheduling.models import Absence, AbsenceKind, Appointment, Clinic, ClinicHours, Closure, Resource, Shift, Status
from scheduling.visit_locks import lock_visits

ELSEWHERE: Final = frozenset({"chairs", "nurses", "equipment"})
# Weekday ("mon" to "sun") to ranges of clinic-local wall time.
Week = Mapping[str, Sequence[tuple[time, time]]]


def record_absence(
    *, resource: Resource, period: Interval, kind: AbsenceKind, reason: str = "", by: Actor, now: datetime
) -> Absence:
    """A nurse, prescriber, chair, bay or thing is not there for a while. Never refused for what is booked.

    Visits that lose their chair, nurse or thing get another one at their own time where one is free: not once they
    have arrived, nor today after opening, nor within the clinic's hours of notice. Records `clinic.absence_recorded`
    and `appointment.chair_changed` or `.nurse_changed` for each of those.
    """
    clinic = resource.clinic
    permissions.check(by, "absence.record", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with writing():
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        absence = Absence.objects.create(
            resource=resource, clinic=clinic, kind=kind, period=_range(period), reason=reason
        )
        data = {"absence": absence.pk, "resource": resource.pk, "kind": str(kind)}
        entries = [Entry("clinic.absence_recorded", clinic_id=clinic.pk, data=data)]
        entries += _place_elsewhere(clinic, now=now)
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
    return absence


def end_absence(*, absence: Absence, by: Actor, now: datetime) -> None:
    """It is over, from now on; one that has not begun is taken back. Records `clinic.absence_ended`."""
    clinic = absence.clinic
    permissions.check(by, "absence.record", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with writing():
        row = Absence.objects.select_for_update().get(pk=absence.pk)
        if row.period.upper <= now:
            return
        if row.period.lower >= now:
            row.delete()
        else:
            Absence.objects.filter(pk=row.pk).update(period=TimestamptzRange(row.period.lower, now, "[)"))
        data = {"absence": absence.pk, "resource": row.resource_id}
        entry = Entry("clinic.absence_ended", clinic_id=clinic.pk, data=data)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)


def record_closure(*, clinic: Clinic, period: Interval, reason: str = "", by: Actor, now: datetime) -> Closure:
    """The clinic takes nobody for a while. Booked visits stay and are listed as affected. Records `clinic.closed`."""
    permissions.check(by, "clinic.close", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with writing():
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        closure = Closure.objects.create(clinic=clinic, period=_range(period), reason=reason)
        entry = Entry("clinic.closed", clinic_id=clinic.pk, data={"closure": closure.pk})
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return closure


def end_closure(*, closure: Closure, by: Actor, now: datetime) -> None:
    """The clinic takes patients again, from now on. Records `clinic.reopened`."""
    clinic = closure.clinic
    permissions.check(by, "clinic.close", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with writing():
        row = Closure.objects.select_for_update().get(pk=closure.pk)
        if row.period.upper <= now:
            return
        if row.period.lower >= now:
            row.delete()
        else:
            Closure.objects.filter(pk=row.pk).update(period=TimestamptzRange(row.period.lower, now, "[)"))
        entry = Entry("clinic.reopened", clinic_id=clinic.pk, data={"closure": closure.pk})
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)


def change_hours(*, clinic: Clinic, hours: Week, by: Actor, now: datetime) -> None:
    """New opening hours, a whole week of them. Booked visits stay and are listed as affected. Records
    `clinic.hours_changed`."""
    permissions.check(by, "clinic.change_hours", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with writing():
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        ClinicHours.objects.filter(clinic=clinic).delete()
        ClinicHours.objects.bulk_create(
            ClinicHours(clinic=clinic, weekday=weekday, opens=opens, closes=closes)
            for weekday, ranges in hours.items()
            for opens, closes in ranges
        )
        entry = Entry("clinic.hours_changed", clinic_id=clinic.pk)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)


def change_shifts(*, resource: Resource, shifts: Week, by: Actor, now: datetime) -> None:
    """New shifts of a nurse or prescriber, a whole week of them. Visits without a nurse get another one as for an
    absence. Records `clinic.shifts_changed`."""
    clinic = resource.clinic
    permissions.check(by, "clinic.change_hours", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with writing():
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        Shift.objects.filter(resource=resource).delete()
        Shift.objects.bulk_create(
            Shift(resource=resource, clinic=clinic, weekday=weekday, starts=starts, ends=ends)
            for weekday, ranges in shifts.items()
            for starts, ends in ranges
        )
        entries = [Entry("clinic.shifts_changed", clinic_id=clinic.pk, data={"resource": resource.pk})]
        entries += _place_elsewhere(clinic, now=now)
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)


def _place_elsewhere(clinic: Clinic, *, now: datetime) -> list[Entry]:
    """Another chair or nurse for visits that lost theirs and may be moved; a day at a time, the earliest first."""
    affected = [one for one in affected_visits(clinic=clinic, now=now) if set(one.reasons) <= ELSEWHERE]
    movable = _Movable(clinic, now)
    wanted = [one for one in affected if movable.may_move(one.visit)]
    entries: list[Entry] = []
    for day, group in groupby(wanted, key=lambda one: movable.clock.local_day(one.visit.period.lower)):
        entries += _place_day(clinic, day, list(group), now=now)
    return entries


@dataclass(frozen=True)
class _Movable:
    clinic: Clinic
    now: datetime

    @property
    def clock(self) -> ClinicTime:
        return ClinicTime(self.clinic.time_zone)

    def may_move(self, visit: Appointment) -> bool:
        """Whether the machine may give a visit another chair or nurse: it is booked or kept, and far enough ahead."""
        start = visit.period.lower
        if visit.status not in (Status.HELD, Status.BOOKED):
            return False
        if start < self.now + timedelta(hours=self.clinic.repack_notice_hours) or start < self.now:
            return False
        today = self.clock.local_day(self.now)
        return self.clock.local_day(start) != today or not self._has_opened(today)

    def _has_opened(self, today: date) -> bool:
        open_today = snapshot(clinic=self.clinic, first_day=today, last_day=today, now=self.now).open[today]
        return not open_today or open_today[0].start <= self.now


def _place_day(clinic: Clinic, day: date, group: Sequence[Affected], *, now: datetime) -> list[Entry]:
    for patient_id in {one.visit.patient_id for one in group}:
        release_expired(clinic=clinic, patient_id=patient_id, now=now)
    locked = {visit.pk: visit for visit in lock_visits([one.visit.pk for one in group])}
    free = snapshot(clinic=clinic, first_day=day, last_day=day, now=now, without=list(locked))
    uses = {one.visit.pk: one.course.uses for one in group}
    moved = []
    for one in group:
        visit = locked[one.visit.pk]
        if not visit.live:
            continue
        others = tuple(use for pk, taken in uses.items() if pk != visit.pk for use in taken)
        after = find_place(visit, one.course, replace(free, busy=(*free.busy, *others)), now=now)
        if after is not None:
            uses[visit.pk] = after.uses
            moved.append(Changed(visit, one.course, after))
    return write_effect(Effect(moved=tuple(moved)), now=now) if moved else []


def _range(period: Interval) -> TimestamptzRange:
    return TimestamptzRange(period.start, period.end, "[)")
