"""A visit's way through the day: the one function that moves it; and the patient's confirmation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import F

from scheduling import permissions
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.follow_ups import open_follow_ups
from scheduling.locking import writing
from scheduling.making_room import carry_out
from scheduling.models import PATIENT_IS_THERE, Appointment, Status
from scheduling.visit_course import Course
from scheduling.visit_locks import lock_changes
from scheduling.visit_parts import (
    Parts,
    begun,
    begun_early,
    ending,
    infuse_part,
    over,
    present,
    reached,
    recover_part,
    whole_steps,
)
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, NotThen, check_version, lock_visit, next_steps
from scheduling.visit_tasks import open_visit_tasks

# Which time a step stamps; the others stay as they are.
STAMPS: Final[dict[Status, str]] = {
    Status.ARRIVED: "arrived_at",
    Status.SEATED: "seated_at",
    Status.INFUSING: "given_at",
    Status.RECOVERING: "finished_at",
    Status.COMPLETED: "left_at",
    Status.STOPPED_EARLY: "left_at",
    Status.TRANSFERRED: "left_at",
    Status.LEFT_UNCLEARED: "left_at",
    Status.TURNED_AWAY: "left_at",
}
NEEDS: Final[dict[Status, str]] = {
    Status.ARRIVED: "appointment.record_arrival",
    Status.NO_SHOW: "appointment.record_no_show",
}


def record_step(
    *,
    appointment: Appointment,
    to: Status,
    happened_at: datetime,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
) -> Appointment:
    """Moves a visit one step on and stamps when it happened. An infusion counts as given once it is `infusing`.

    What is late or early moves the rest of the visit; whatever has not started and stands in its way gets another
    place or waits for one. An end frees everything at once.

    Refuses with NotPossibleFromHere (also a no-show before the start), NotThen, ChangedMeanwhile, and AgainstTheOrder
    for a start while the order is not active or past a review that does not say continue. Records
    `appointment.<status>` and what it does to other visits; a start opens follow-ups and tasks ordered for after it.
    """
    needed = NEEDS.get(to, "appointment.record_treatment")
    _check(by, needed, appointment)
    happened_at = happened_at.astimezone(UTC)

    def then(visit: Appointment, course: Course) -> Course:
        # A time that is refused below must not reach for the locks of days years away.
        return course_after(visit, course, to, happened_at) if _fits_the_day(visit, happened_at) else course

    with writing():
        [change] = lock_changes(clinic=appointment.clinic, appointments=[appointment], change=then, now=now)
        visit = change.visit
        check_version(visit, row_version)
        if to not in next_steps(visit) or (to == Status.NO_SHOW and now < visit.period.lower):
            raise NotPossibleFromHere(visit.status)
        if happened_at > now or not _fits_the_day(visit, happened_at):
            raise NotThen
        changes: dict[str, Any] = {"status": to}
        if to in STAMPS:
            changes[STAMPS[to]] = happened_at
        entries = [Entry.of_visit(f"appointment.{to}", visit, happened_at=happened_at, tell=to == Status.NO_SHOW)]
        if to == Status.INFUSING and visit.order and visit.dose_number:
            entries += open_follow_ups(visit.order, visit.dose_number, visit.time_zone, now=happened_at)
            entries += open_visit_tasks(visit, happened_at=happened_at)
        entries += carry_out([change], now=now, **changes)
        record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
    appointment.refresh_from_db()
    return appointment


def course_after(visit: Appointment, course: Course, to: Status, at: datetime) -> Course:
    """What this step, taken then, makes of the visit's course. A step that its status does not allow changes nothing.

    Seated late, started or over at another time than planned, the rest of the infusion moves; seated early, the chair
    is taken from then on. An arrival moves nothing.
    """
    if to not in next_steps(visit) or to == Status.NO_SHOW:
        return course
    if to not in PATIENT_IS_THERE:
        ended = course.cut(at)
        return replace(ended, parts=over(ended.parts, at))
    return course.with_parts(_parts_after(course.parts, to, at))


def _parts_after(parts: Parts, to: Status, at: datetime) -> Parts:
    infuse, recover = infuse_part(parts), recover_part(parts)
    if to == Status.ARRIVED:
        return reached(parts, 0, at)
    if to == Status.INFUSING:
        return reached(begun(parts, infuse, at), infuse, at)
    if to == Status.SEATED:
        index = min(1, infuse)
        early = at < parts[index].period.start
        return reached(begun_early(parts, at) if early else begun(parts, index, at), index, at)
    if recover is not None:
        return reached(begun(parts, recover, at), recover, at)
    # Without recovery in the order a late end makes the infusion longer, and an early one leaves the plan as it is.
    late = whole_steps(at - parts[infuse].period.end)
    if late > timedelta(0):
        parts = ending(parts, infuse, present(parts)[-1].period.end + late)
    return over(parts, at)


def confirm(*, appointment: Appointment, how: str, by: Actor, now: datetime, told_version: int | None = None) -> bool:
    """Notes that the patient means to come (`how`: link, desk, reply). True when this changed anything.

    `told_version` is that of the time the patient was shown; with another one by now, it refuses with
    ChangedMeanwhile. Refuses with NotPossibleFromHere unless the visit is booked. Records `appointment.confirmed`.
    """
    _check(by, "appointment.confirm", appointment)
    with writing():
        visit = lock_visit(appointment.pk)
        if visit.status != Status.BOOKED:
            raise NotPossibleFromHere(visit.status)
        if told_version not in (None, visit.told_version):
            raise ChangedMeanwhile
        if visit.confirmed_at is not None:
            return False
        Appointment.objects.filter(pk=visit.pk).update(
            confirmed_at=now, confirmed_by=how, row_version=F("row_version") + 1
        )
        entry = Entry.of_visit("appointment.confirmed", visit, data={"how": how}, tell=True)
        record(organisation_id=visit.organisation_id, entries=[entry], by=by, now=now)
    appointment.refresh_from_db()
    return True


def _fits_the_day(visit: Appointment, happened_at: datetime) -> bool:
    """A visit happens on its clinic-local day, its steps one after the other; it may run past midnight.

    Whoever comes on another day is booked for that day first, so that gap and order are asked.
    """
    before = max(filter(None, (visit.arrived_at, visit.seated_at, visit.given_at, visit.finished_at)), default=None)
    if before is not None:
        return before <= happened_at < before + timedelta(days=1)
    clock = ClinicTime(visit.time_zone)
    return clock.local_day(happened_at) == clock.local_day(visit.period.lower)


def _check(by: Actor, verb: str, visit: Appointment) -> None:
    permissions.check(by, verb, organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)
