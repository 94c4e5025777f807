"""The locks around recording what happens to visits, and the look at them that counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q

from scheduling.clinic_time import ClinicTime
from scheduling.course_rows import read_courses
from scheduling.displacing import Changed
from scheduling.holds import release_expired
from scheduling.locking import BusyNow, lock_for
from scheduling.models import Appointment, Clinic, Order
from scheduling.visit_course import Course

# What a step, an overrun, another chair or nurse makes of a visit's course.
Change = Callable[[Appointment, Course], Course]


def lock_visits(appointment_ids: Collection[int], *, with_order: bool = False) -> list[Appointment]:
    """The visits as they stand now, their orders first, locked until the transaction ends. `with_order`: what is booked
    of their orders is locked as well, in the same statement."""
    asked = list(appointment_ids)
    orders = Order.objects.filter(appointments__in=asked).order_by("pk")
    order_ids = list(orders.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    which = Q(pk__in=asked) | (Q(order__in=order_ids, live=True) if with_order else Q())
    rows = Appointment.objects.filter(which).select_for_update(of=("self",))
    # The patient is not joined, as in `lock_visit`.
    found = rows.select_related("clinic").prefetch_related("patient").order_by("pk")
    return [visit for visit in found if visit.pk in asked]


def lock_changes(
    *,
    clinic: Clinic,
    appointments: Iterable[Appointment],
    change: Change,
    now: datetime,
    with_order: bool = False,
) -> list[Changed]:
    """Locks what a change of these visits may touch, and reads them anew under the lock; `with_order` as in
    `lock_visits`. Refuses with BusyNow where it would now reach a day that was not foreseen."""
    asked = [visit.pk for visit in appointments]
    # What the caller holds may be older than the rows.
    visits = list(Appointment.objects.filter(pk__in=asked).order_by("pk"))
    clock = ClinicTime(clinic.time_zone)
    days = _days(clock, changed(visits, change)) | {clock.local_day(now)}
    lock_for(patient_ids=[visit.patient_id for visit in visits], clinic_id=clinic.pk, days=days)
    for patient_id in {visit.patient_id for visit in visits}:
        release_expired(clinic=clinic, patient_id=patient_id, now=now)
    found = changed(lock_visits(asked, with_order=with_order), change)
    if not _days(clock, found) <= days:
        raise BusyNow
    return found


def changed(visits: Sequence[Appointment], change: Change) -> list[Changed]:
    """The visits with their courses before and after the change. Refuses as the change does."""
    courses = read_courses([visit.pk for visit in visits])
    return [Changed(visit, courses[visit.pk], change(visit, courses[visit.pk])) for visit in visits]


def unchanged(_visit: Appointment, course: Course) -> Course:
    return course


def _days(clock: ClinicTime, changes: Iterable[Changed]) -> set[date]:
    days: set[date] = set()
    for span in (course.span for change in changes for course in (change.before, change.after)):
        first, last = clock.local_day(span.start), clock.local_day(span.end - timedelta(seconds=1))
        days |= {first + timedelta(days=index) for index in range((last - first).days + 1)}
    return days
