"""The locks around recording what happened to visits, and the one way such a change is carried out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.types.range import TimestamptzRange

from scheduling.clinic_time import ClinicTime
from scheduling.course_rows import next_visit_of_patient, read_courses, touch
from scheduling.displacing import Changed, effect_on_others, write_effect
from scheduling.events import Entry
from scheduling.holds import release_expired
from scheduling.locking import BusyNow, lock_for
from scheduling.models import HOLDS_PLACE, PATIENT_IS_THERE, Appointment, Clinic, Order
from scheduling.visit_course import Course

ChangeOf = Callable[[Appointment, Course], Course]


def lock_visits(appointment_ids: Collection[int]) -> list[Appointment]:
    """The visits as they stand now, their orders first, locked until the transaction ends."""
    orders = Order.objects.filter(appointments__in=list(appointment_ids)).order_by("pk")
    list(orders.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    rows = Appointment.objects.filter(pk__in=list(appointment_ids)).select_for_update(of=("self",))
    return list(rows.select_related("clinic", "patient").order_by("pk"))


def lock_changes(
    *,
    clinic: Clinic,
    appointments: Iterable[Appointment],
    change: ChangeOf,
    now: datetime,
) -> list[Changed]:
    """Locks what these changes may touch, and reads them anew under the lock. Refuses with BusyNow where they would now
    reach a day that was not foreseen."""
    visits = list(appointments)
    clock = ClinicTime(clinic.time_zone)
    days = _days(clock, changed(visits, change)) | {clock.local_day(now)}
    lock_for(patient_ids=[visit.patient_id for visit in visits], clinic_id=clinic.pk, days=days)
    for patient_id in {visit.patient_id for visit in visits}:
        release_expired(clinic=clinic, patient_id=patient_id, now=now)
    found = changed(lock_visits([visit.pk for visit in visits]), change)
    if not _days(clock, found) <= days:
        raise BusyNow
    return found


def carry_out(changes: Sequence[Changed], *, now: datetime, **fields: Any) -> list[Entry]:
    """Writes these locked changes and what they do to others; `fields` go to the rows of the changed visits.

    Their period ends when the patient is to leave, or where the same patient's next visit starts. Returns the events
    of the others; the verb adds its own.
    """
    for change in changes:
        for name, value in fields.items():
            setattr(change.visit, name, value)
    effect = effect_on_others(clinic=changes[0].visit.clinic, changes=changes, now=now, lock=True)
    for change in effect.changes:
        visit = change.visit
        row: dict[str, Any] = dict(fields)
        if visit.status in PATIENT_IS_THERE:
            row["period"] = _presence(visit, change.after)
        if visit.status in HOLDS_PLACE and change.before.uses != change.after.uses:
            row["is_placed"] = change.after.is_covered
        touch([visit.pk], **row)
        visit.refresh_from_db(fields=["live"])
    return write_effect(effect, now=now)


def _presence(visit: Appointment, course: Course) -> TimestamptzRange:
    """From the planned start, which the gaps to other visits count from, to the end of the last part."""
    start, end = visit.period.lower, course.presence.end
    limit = next_visit_of_patient(visit)
    if limit is not None:
        end = min(end, limit)
    return TimestamptzRange(start, end if end > start else visit.period.upper, "[)")


def changed(visits: Sequence[Appointment], change: ChangeOf) -> list[Changed]:
    """The visits with their courses before and after the change."""
    courses = read_courses([visit.pk for visit in visits])
    return [Changed(visit, courses[visit.pk], change(visit, courses[visit.pk])) for visit in visits]


def _days(clock: ClinicTime, changes: Iterable[Changed]) -> set[date]:
    days: set[date] = set()
    for change in changes:
        for course in (change.before, change.after):
            first = clock.local_day(course.span.start)
            last = clock.local_day(course.span.end - timedelta(seconds=1))
            days |= {first + timedelta(days=index) for index in range((last - first).days + 1)}
    return days
