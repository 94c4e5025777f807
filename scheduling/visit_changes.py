"""What can happen to visits under way, each as a change of their course; and what it would do to others.

`record_overrun` and its like in `running_visits` write these changes, so what is shown before is what happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from scheduling.displacing import Effect, effect_on_others, has_started
from scheduling.models import PATIENT_IS_THERE, Appointment, Resource, Status, VisitKind
from scheduling.visit_course import NURSE, SEAT, Course
from scheduling.visit_locks import Change, changed
from scheduling.visit_parts import ending, infuse_part, present, recover_part, step_before
from scheduling.visit_steps import NotPossibleFromHere, NotThen


def effect_of(*, appointments: Sequence[Appointment], change: Change, now: datetime) -> Effect:
    """What a change of these visits would do to others. Writes nothing; refuses as the change does."""
    visits = list(Appointment.objects.filter(pk__in=[one.pk for one in appointments]).order_by("pk"))
    return effect_on_others(clinic=appointments[0].clinic, changes=changed(visits, change), now=now)


def overrun(*, until: datetime | None = None, minutes: int = 0, now: datetime) -> Change:
    """The patient stays until then, or so many minutes longer than planned so far (fewer: negative)."""

    def change(visit: Appointment, course: Course) -> Course:
        _must_be_here(visit)
        end = until.astimezone(UTC) if until else course.presence.end + timedelta(minutes=minutes)
        if not visit.period.lower < end <= visit.period.lower + timedelta(days=1):
            raise NotThen
        return course.with_parts(ending(course.parts, _under_way(visit, course, now), end))

    return change


def new_chair(chair: Resource, *, at: datetime) -> Change:
    """Another chair or bay from then on; for whoever is not seated yet, for the whole visit."""

    def change(visit: Appointment, course: Course) -> Course:
        _must_be_here(visit)
        return course.given(SEAT, str(chair.pk), step_before(at) if has_started(visit) else None)

    return change


def new_nurse(nurse: Resource, *, at: datetime, until: datetime | None = None) -> Change:
    """Another nurse from then on, until `until` if said."""

    def change(visit: Appointment, course: Course) -> Course:
        _must_be_here(visit)
        if until is not None and until <= at:
            raise NotThen
        return course.given(NURSE, str(nurse.pk), step_before(at), step_before(until) if until else None)

    return change


def _must_be_here(visit: Appointment) -> None:
    if visit.status not in PATIENT_IS_THERE:
        raise NotPossibleFromHere(visit.status)


def _under_way(visit: Appointment, course: Course, now: datetime) -> int:
    """The part that the patient is in: by the last step of an infusion, by the clock of another visit."""
    if visit.kind != VisitKind.INFUSION:
        begun = [index for index, part in enumerate(present(course.parts)) if part.period.start <= now]
        return max(begun, default=0)
    infuse = infuse_part(course.parts)
    return {
        Status.ARRIVED: 0,
        Status.SEATED: max(infuse - 1, 0),
        Status.INFUSING: infuse,
        Status.RECOVERING: recover_part(course.parts) or infuse,
    }[Status(visit.status)]
