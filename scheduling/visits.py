"""A visit's way through the day: the one function that moves it; and the patient's confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from django.db.models import F

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Appointment, Order, OrderState, Status, VisitKind
from scheduling.step_courses import course_after
from scheduling.step_demands import meet_demands
from scheduling.step_rows import write_step
from scheduling.visit_checks import Said
from scheduling.visit_course import Course
from scheduling.visit_locks import lock_changes
from scheduling.visit_steps import (
    ChangedMeanwhile,
    NotPossibleFromHere,
    NotThen,
    OrderOnHold,
    check_version,
    fits_the_day,
    lock_visit,
    next_steps,
)
from scheduling.word_of_mouth import Word

NEEDS: Final[dict[Status, str]] = {
    Status.ARRIVED: "appointment.record_arrival",
    Status.NO_SHOW: "appointment.record_no_show",
}


def record_step(
    *,
    appointment: Appointment,
    to: Status,
    happened_at: datetime,
    checks: Sequence[Said] = (),
    word: Word | None = None,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
) -> Appointment:
    """Moves a visit one step on and stamps when it happened. An infusion counts as given once it is `infusing`.

    What is late or early moves the rest of the visit; whatever has not started and stands in its way gets another
    place or waits for one. An end frees everything at once. `checks` are what was looked at with this step; `word` is
    that of a prescriber who clears the patient to leave after an infusion; no other step takes one.

    Refuses with NotPossibleFromHere (also a no-show before the start), NotThen, ChangedMeanwhile, NotIdentified (an
    arrival and a start ask who it is), NotReady where something the order demands is not there, and AgainstTheOrder
    for a start while the order is not active, past a review that does not say continue, or after an infusion that was
    broken off and not ruled on; a heard `word` also with NotReadBack and NotHeardThen. Records `appointment.<status>`
    and what it does to other visits; a start opens the follow-ups ordered for after it, an infusion that is broken off
    a prescriber's task; an end settles the review it was booked for, and a no-show may be one more than the clinic asks
    its prescriber about.
    """
    _check(by, NEEDS.get(to, "appointment.record_treatment"), appointment)
    happened_at = happened_at.astimezone(UTC)
    word = word if to == Status.COMPLETED and appointment.kind == VisitKind.INFUSION else None

    def then(visit: Appointment, course: Course) -> Course:
        # A time that is refused below must not reach for the locks of days years away.
        return course_after(visit, course, to, happened_at) if fits_the_day(visit, happened_at) else course

    with writing():
        [change] = lock_changes(clinic=appointment.clinic, appointments=[appointment], change=then, now=now)
        visit = change.visit
        check_version(visit, row_version)
        if to not in next_steps(visit) or (to == Status.NO_SHOW and now < visit.period.lower):
            raise NotPossibleFromHere(visit.status)
        if happened_at > now or not fits_the_day(visit, happened_at):
            raise NotThen
        meet_demands(visit, to, happened_at=happened_at, checks=checks, word=word, by=by, now=now)
        entries = write_step(change, to, happened_at, checks=checks, word=word, by=by, now=now)
        record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
    appointment.refresh_from_db()
    return appointment


def confirm(*, appointment: Appointment, how: str, by: Actor, now: datetime, told_version: int | None = None) -> bool:
    """Notes that the patient means to come (`how`: link, desk, reply). True when this changed anything.

    `told_version` is that of the time the patient was shown; with another one by now, it refuses with
    ChangedMeanwhile. Refuses with NotPossibleFromHere unless the visit is booked, with OrderOnHold while its order is
    not active. Records `appointment.confirmed`.
    """
    _check(by, "appointment.confirm", appointment)
    with writing():
        visit = lock_visit(appointment.pk)
        if visit.status != Status.BOOKED:
            raise NotPossibleFromHere(visit.status)
        if told_version not in (None, visit.told_version):
            raise ChangedMeanwhile
        # Asked once the visit's row is locked, which a pause locks before it changes the order.
        if visit.order_id and Order.objects.filter(pk=visit.order_id).exclude(state=OrderState.ACTIVE).exists():
            raise OrderOnHold(visit.status)
        if visit.confirmed_at is not None:
            return False
        Appointment.objects.filter(pk=visit.pk).update(
            confirmed_at=now, confirmed_by=how, row_version=F("row_version") + 1
        )
        entry = Entry.of_visit("appointment.confirmed", visit, data={"how": how}, tell=True)
        record(organisation_id=visit.organisation_id, entries=[entry], by=by, now=now)
    appointment.refresh_from_db()
    return True


def _check(by: Actor, verb: str, visit: Appointment) -> None:
    permissions.check(by, verb, organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)
