"""A lost resource is never refused and never silent: nurses fall ill, chairs break, shifts change.

A visit keeps its row and its time. Where another chair, nurse or thing is free at that time it gets those, unless that
would come as a surprise; all others stay on the list of `affected_visits` until a person has settled them.
"""

from __future__ import annotations

from datetime import datetime

from psycopg.types.range import TimestamptzRange

from scheduling import permissions
from scheduling.claim_rows import as_range
from scheduling.events import Actor, Entry, record
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.intervals import Interval
from scheduling.locking import lock_for, writing
from scheduling.losses import Loss, on_duty
from scheduling.models import Absence, AbsenceKind, Resource, Shift
from scheduling.opening_hours import Week, as_walls, sound_week
from scheduling.placing_elsewhere import place_elsewhere


def record_absence(
    *,
    resource: Resource,
    period: Interval,
    kind: AbsenceKind,
    reason: str = "",
    by: Actor,
    now: datetime,
    key: str = "",
) -> Absence:
    """A nurse, prescriber, chair, bay or thing is not there for a while. Never refused for what is booked. The same
    `key` again gives the same absence.

    Visits that lose their chair, nurse or thing get another one at their own time where one is free: not once they
    have arrived, nor today after opening, nor within the clinic's hours of notice. Records `clinic.absence_recorded`,
    and `appointment.chair_changed` or `appointment.nurse_changed` for each of those.
    """
    clinic = resource.clinic
    permissions.check(by, "absence.record", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    request = {"verb": "absence", "resource": resource.pk, "from": period.start, "to": period.end, "kind": str(kind)}
    with writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return Absence.objects.get(pk=answer)
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        absence = Absence.objects.create(
            resource=resource, clinic=clinic, kind=kind, period=as_range(period), reason=reason
        )
        data = {"absence": absence.pk, "resource": resource.pk, "kind": str(kind)}
        entries = [Entry("clinic.absence_recorded", clinic_id=clinic.pk, data=data)]
        entries += place_elsewhere(resource, now=now)
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
        keep_answer(by=by, key=key, answer=absence.pk)
    return absence


def end_absence(*, absence: Absence, by: Actor, now: datetime) -> None:
    """It is over, from now on; one that has not begun is taken back, one that is past stays as it was. Records
    `clinic.absence_ended`."""
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


def change_shifts(*, resource: Resource, shifts: Week, by: Actor, now: datetime) -> None:
    """New weekly shifts of a nurse or prescriber, from now on; those said for some dates alone stay. Visits that lose
    their nurse get another one as for an absence. Refuses with InvalidFields. Records `clinic.shifts_changed`."""
    clinic = resource.clinic
    permissions.check(by, "clinic.change_hours", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    ranges = sound_week(shifts)
    with writing():
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        Shift.objects.filter(resource=resource, clinic=clinic, from_date=None, until_date=None).delete()
        Shift.objects.bulk_create(
            Shift(resource=resource, clinic=clinic, weekday=weekday, starts=starts, ends=ends)
            for weekday, starts, ends in ranges
        )
        entries = [Entry("clinic.shifts_changed", clinic_id=clinic.pk, data={"resource": resource.pk})]
        entries += place_elsewhere(resource, now=now)
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)


def if_shifts_were(*, resource: Resource, shifts: Week, now: datetime) -> Loss:
    """When a nurse or prescriber would be there after `change_shifts`, for `affected_by`. Refuses as it does."""
    away = Absence.objects.in_force(now).filter(resource=resource)
    periods = [Interval(one.period.lower, one.period.upper) for one in away]
    return on_duty(str(resource.pk), as_walls(shifts), periods)
