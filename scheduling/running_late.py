"""A patient says that they come late: noted on the visit, which stays where it is, with what that does to others."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from scheduling import permissions
from scheduling.displacing import Effect
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Appointment, Clinic, Status
from scheduling.visit_changes import effect_of
from scheduling.visit_course import Course
from scheduling.visit_parts import STEP, starting
from scheduling.visit_steps import NotPossibleFromHere, check_version, fits_the_day, lock_visit

# Later than that somebody asks for another time.
MOST_LATE = timedelta(hours=4)


class NotLate(Exception):
    """So many minutes are no lateness: too many, fewer than none, or on another day."""


def note_late(
    *, appointment: Appointment, minutes: int, how: str, by: Actor, now: datetime, row_version: int | None = None
) -> Appointment:
    """Notes that the patient means to come so many minutes after the start (0: in time after all). Nothing moves: that
    is done when they arrive. `how`: desk, reply.

    Refuses with NotLate, with NotPossibleFromHere unless the visit is booked, and with ChangedMeanwhile when
    `row_version` is not the present one. Records `appointment.expected_late` with the minutes; the same again writes
    nothing.
    """
    permissions.check(
        by, "appointment.note_late", organisation_id=appointment.organisation_id, clinic_id=appointment.clinic_id
    )
    if not timedelta(0) <= timedelta(minutes=minutes) <= MOST_LATE:
        raise NotLate
    with writing():
        visit = lock_visit(appointment.pk)
        check_version(visit, row_version)
        if visit.status != Status.BOOKED:
            raise NotPossibleFromHere(visit.status)
        expected_at = visit.period.lower + timedelta(minutes=minutes) if minutes else None
        if not fits_the_day(visit, expected_at or now):
            raise NotLate
        if visit.expected_at != expected_at:
            Appointment.objects.filter(pk=visit.pk).update(expected_at=expected_at, row_version=F("row_version") + 1)
            entry = Entry.of_visit("appointment.expected_late", visit, data={"minutes": minutes, "how": how})
            record(organisation_id=visit.organisation_id, entries=[entry], by=by, now=now)
    appointment.refresh_from_db()
    return appointment


def effect_of_lateness(*, appointment: Appointment, minutes: int, now: datetime) -> Effect:
    """What others have to make room for if all of this visit comes so much later: who gets another chair or nurse, and
    who loses theirs and waits. Writes nothing."""
    late = -(-timedelta(minutes=minutes) // STEP) * STEP

    def change(visit: Appointment, course: Course) -> Course:
        return course.with_parts(starting(course.parts, visit.period.lower + late))

    return effect_of(appointments=[appointment], change=change, now=now)


def nobody_came(visit: Appointment, clinic: Clinic, now: datetime) -> bool:
    """Whether a booked visit looks missed: nobody has arrived so long after its start, or after the patient said they
    would come, as the clinic waits. Only a person says that it was."""
    expected_at = max(visit.period.lower, visit.expected_at or visit.period.lower)
    waited = expected_at + timedelta(minutes=clinic.late_grace_minutes)
    return visit.status == Status.BOOKED and waited <= now
