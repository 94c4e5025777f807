"""Taking back the last step of a visit, within its clinic-local day, as an event of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from scheduling import permissions
from scheduling.clinic_time import ClinicTime
from scheduling.clinician_tasks import close_unneeded
from scheduling.displacing import Changed
from scheduling.events import Actor, Entry, record
from scheduling.exit_rulings import is_ruled
from scheduling.finding_places import find_place, snapshot_around
from scheduling.follow_ups import close_follow_ups_of
from scheduling.locking import NOT_ACTIVE, AgainstTheOrder, writing
from scheduling.making_room import carry_out
from scheduling.models import PATIENT_IS_THERE, UNDER_WAY, Appointment, Event, Status, TaskKind, VisitKind
from scheduling.step_courses import course_before
from scheduling.step_rows import STAMPS
from scheduling.tasks_of_visits import open_tasks
from scheduling.visit_course import Course
from scheduling.visit_locks import lock_changes
from scheduling.visit_steps import NotPossibleFromHere, check_version
from scheduling.visit_tasks import void_visit_tasks
from scheduling.waiting_visits import settle_waiting

# Who did not come is had again by a verb of its own (`restoring.un_no_show`).
MAY_BE_TAKEN_BACK: Final = (*PATIENT_IS_THERE, *(Status(step) for step in STAMPS if step not in PATIENT_IS_THERE))


class RuledAlready(Exception):
    """A prescriber has ruled on this exit: what was ruled stays."""


class TooLate(Exception):
    """The step was recorded on an earlier day of the clinic."""


def stood_before(visit: Appointment) -> Status:
    """Where the visit stood before its last step, by what is stamped. Refuses with NotPossibleFromHere."""
    if visit.status not in MAY_BE_TAKEN_BACK:
        raise NotPossibleFromHere(visit.status)
    done = [status for status in PATIENT_IS_THERE if getattr(visit, STAMPS[status]) is not None]
    if visit.kind != VisitKind.INFUSION:
        done = [status for status in done if status == Status.ARRIVED]
    if visit.status in PATIENT_IS_THERE:
        done = done[: done.index(Status(visit.status))]
    return done[-1] if done else Status.BOOKED


def undo_step(*, appointment: Appointment, by: Actor, now: datetime, row_version: int | None = None) -> Appointment:
    """Takes back the last step of a visit, on the clinic-local day on which it was recorded.

    Whoever sits in a chair has it again, and others make room as for an overrun; who was not seated yet gets a place
    where one is free and waits for a chair otherwise. What a start opened is void, the task for a ruling is closed, and
    what was decided about the infusion no longer counts: the visits behind that review wait for it again.
    Refuses with NotAllowed (an arrival may be taken back by whoever may record it, all else by clinical staff),
    NotPossibleFromHere, TooLate, RuledAlready, ChangedMeanwhile, and AgainstTheOrder where the order is over and nobody
    had come. Records `appointment.undone` with the step.
    """
    _check(by, appointment)

    def back(visit: Appointment, course: Course) -> Course:
        return course_before(visit, course, stood_before(visit))

    with writing():
        [change] = lock_changes(
            clinic=appointment.clinic, appointments=[appointment], change=back, now=now, with_order=True
        )
        visit, was = change.visit, Status(change.visit.status)
        check_version(visit, row_version)
        # The caller's status may be an older one, which more people may take back.
        _check(by, visit)
        if not was_recorded_today(visit, now):
            raise TooLate
        if visit.needs_ruling and is_ruled(visit):
            raise RuledAlready
        _check_order(visit)
        to, entries = stood_before(visit), [Entry.of_visit("appointment.undone", visit, data={"step": was}, tell=True)]
        if was == Status.INFUSING and visit.order and visit.dose_number:
            entries += close_follow_ups_of(visit.order, visit.dose_number, by=by, now=now)
            entries += void_visit_tasks(visit)
        if visit.needs_ruling:
            entries += close_unneeded(open_tasks(visit, [TaskKind.RULING]), by=by, now=now)
        fields: dict[str, Any] = {"status": to, STAMPS[was]: None, "needs_ruling": False}
        entries += carry_out([_placed(change, to, now)], now=now, **fields)
        if was == Status.INFUSING and visit.order:
            entries += settle_waiting(visit.order)
        record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
    appointment.refresh_from_db()
    return appointment


def _check_order(visit: Appointment) -> None:
    """Refuses with AgainstTheOrder to make a booked visit of one whose order is over: nobody would be expected."""
    is_over = visit.order is not None and visit.order.state not in UNDER_WAY
    if is_over and stood_before(visit) == Status.BOOKED:
        raise AgainstTheOrder(NOT_ACTIVE)


def was_recorded_today(visit: Appointment, now: datetime) -> bool:
    """Whether the step at which the visit stands was recorded on this day of its clinic."""
    last = Event.objects.filter(appointment=visit, verb=f"appointment.{visit.status}").order_by("-pk").first()
    clock = ClinicTime(visit.time_zone)
    return last is not None and clock.local_day(last.recorded_at) == clock.local_day(now)


def verb_to_undo(visit: Appointment) -> str:
    """What it takes to take its last step back: an arrival is whoever's may record one, all else clinical staff's."""
    return "appointment.record_arrival" if visit.status == Status.ARRIVED else "appointment.undo"


def _check(by: Actor, visit: Appointment) -> None:
    permissions.check(by, verb_to_undo(visit), organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)


def _placed(change: Changed, to: Status, now: datetime) -> Changed:
    """Of an infusion that was not seated when it ended: nobody makes room for it."""
    visit = change.visit
    if visit.live or to != Status.ARRIVED or visit.kind != VisitKind.INFUSION:
        return change
    before = replace(change.before, parts=change.after.parts)
    # As it will stand: whoever is here and late starts now.
    visit.status = to
    free = snapshot_around(visit.clinic, [before], now=now, without=[visit.pk])
    return replace(change, after=find_place(visit, before, free, now=now) or replace(before, uses=()))
