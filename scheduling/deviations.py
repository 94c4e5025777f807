"""An infusion that was in truth started against a review or an order: a prescriber signs it, and it is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Appointment, Deviation, Status, VisitKind
from scheduling.passing_checks import ReasonNeeded
from scheduling.step_courses import started_course
from scheduling.step_rows import write_step
from scheduling.visit_course import Course
from scheduling.visit_locks import lock_changes
from scheduling.visit_steps import NotPossibleFromHere, NotThen, check_version, fits_the_day

NOT_STARTED: Final = (Status.BOOKED, Status.ARRIVED, Status.SEATED)


def sign_deviation(
    *,
    appointment: Appointment,
    started_at: datetime,
    reason: str,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
) -> Deviation:
    """A prescriber signs that this infusion was started then, whatever stood against it; the start is recorded with it.

    Of a patient of whom nobody recorded the arrival it is taken to have been then. Refuses with NotAllowed all but
    prescribers, NotPossibleFromHere unless the infusion waits to be started, NotThen, ReasonNeeded, ChangedMeanwhile.
    Records `appointment.deviation_signed` and `appointment.infusing`; the reason stays with clinical staff.
    """
    permissions.check(
        by, "deviation.sign", organisation_id=appointment.organisation_id, clinic_id=appointment.clinic_id
    )
    if not reason.strip():
        raise ReasonNeeded
    started_at = started_at.astimezone(UTC)

    def then(visit: Appointment, course: Course) -> Course:
        possible = may_have_started(visit) and fits_the_day(visit, started_at)
        return started_course(course, started_at) if possible else course

    with writing():
        [change] = lock_changes(clinic=appointment.clinic, appointments=[appointment], change=then, now=now)
        visit = change.visit
        check_version(visit, row_version)
        if not may_have_started(visit):
            raise NotPossibleFromHere(visit.status)
        if started_at > now or not fits_the_day(visit, started_at):
            raise NotThen
        # First the signature: the database asks for it when it sees the start.
        deviation = Deviation.objects.create(
            appointment=visit, signed_by_id=by.staff_id, signed_at=now, reason=reason.strip()
        )
        came = {"arrived_at": visit.arrived_at or started_at, "seated_at": visit.seated_at or started_at}
        entries = [
            Entry.of_visit("appointment.deviation_signed", visit),
            *write_step(change, Status.INFUSING, started_at, also=came, by=by, now=now),
        ]
        record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
    appointment.refresh_from_db()
    return deviation


def may_have_started(visit: Appointment) -> bool:
    """Whether this is an infusion that waits to be started, whatever stands against it."""
    return visit.kind == VisitKind.INFUSION and visit.status in NOT_STARTED
