"""When the clinic takes patients: its week, and closures. Booked visits stay, and are listed as affected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from itertools import pairwise

from psycopg.types.range import TimestamptzRange

from scheduling import permissions
from scheduling.availability import wall_range
from scheduling.claim_rows import as_range
from scheduling.clinic_time import WEEKDAYS, WallRange
from scheduling.events import Actor, Entry, record
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.intervals import Interval
from scheduling.locking import lock_for, writing
from scheduling.losses import Loss, open_in
from scheduling.models import Clinic, ClinicHours, Closure
from scheduling.spacing import InvalidFields

# Weekday ("mon" to "sun") to ranges of clinic-local wall time.
Week = Mapping[str, Sequence[tuple[time, time]]]


def record_closure(
    *, clinic: Clinic, period: Interval, reason: str = "", by: Actor, now: datetime, key: str = ""
) -> Closure:
    """The clinic takes nobody for a while: snow, a holiday. Never refused for what is booked. The same `key` again
    gives the same closure. Records `clinic.closed`."""
    permissions.check(by, "clinic.close", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    request = {"verb": "closure", "clinic": clinic.pk, "from": period.start, "to": period.end}
    with writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return Closure.objects.get(pk=answer)
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        closure = Closure.objects.create(clinic=clinic, period=as_range(period), reason=reason)
        entry = Entry("clinic.closed", clinic_id=clinic.pk, data={"closure": closure.pk}, tell=True)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
        keep_answer(by=by, key=key, answer=closure.pk)
    return closure


def end_closure(*, closure: Closure, by: Actor, now: datetime) -> None:
    """The clinic takes patients again, from now on; a closure that is past stays as it was. Records
    `clinic.reopened`."""
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
        entry = Entry("clinic.reopened", clinic_id=clinic.pk, data={"closure": closure.pk}, tell=True)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)


def change_hours(*, clinic: Clinic, hours: Week, by: Actor, now: datetime) -> None:
    """New opening hours: a whole week of them, from now on. Refuses with InvalidFields. Records
    `clinic.hours_changed`."""
    permissions.check(by, "clinic.change_hours", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    ranges = sound_week(hours)
    with writing():
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        ClinicHours.objects.filter(clinic=clinic).delete()
        ClinicHours.objects.bulk_create(
            ClinicHours(clinic=clinic, weekday=weekday, opens=opens, closes=closes) for weekday, opens, closes in ranges
        )
        entry = Entry("clinic.hours_changed", clinic_id=clinic.pk)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)


def if_hours_were(*, clinic: Clinic, hours: Week) -> Loss:
    """What `change_hours` would leave open, for `affected_by`. Refuses as it does."""
    closures = [Interval(one.period.lower, one.period.upper) for one in Closure.objects.filter(clinic=clinic)]
    return open_in(as_walls(hours), closures)


def as_walls(week: Week) -> dict[str, list[WallRange]]:
    """A week as the clinic's clock says it. Refuses with InvalidFields."""
    walls: dict[str, list[WallRange]] = {}
    for weekday, start, end in sound_week(week):
        walls.setdefault(weekday, []).append(wall_range(start, end))
    return walls


def sound_week(week: Week) -> list[tuple[str, time, time]]:
    """The ranges of a week, each with its weekday. Refuses with InvalidFields that names every wrong day or range."""
    errors = {day: "is none of mon to sun" for day in week if day not in WEEKDAYS}
    for day, ranges in week.items():
        errors |= {f"{day}[{at}]": "ends after it starts" for at, (start, end) in enumerate(ranges) if end <= start}
        if any(later[0] < earlier[1] for earlier, later in pairwise(sorted(ranges))):
            errors[day] = "has ranges that do not overlap"
    if errors:
        raise InvalidFields(errors)
    return [(day, start, end) for day, ranges in week.items() for start, end in ranges]
