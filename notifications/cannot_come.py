"""A patient can't come then: a call to make for the desk, or a cancellation at once where the clinic lets them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from notifications.calls import ask_to_call
from notifications.models import CallKind, CallTask, MessageRules
from scheduling import permissions
from scheduling.cancelling import cancel
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Appointment, CancelledBy, Status
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, lock_visit

REASON = "patient_asked"


class Answer(StrEnum):
    """What became of it."""

    CANCELLED = "cancelled"
    ASKED = "asked"
    ASKED_BEFORE = "asked_before"


def cancelled_at_once(visits: Iterable[Appointment], *, now: datetime) -> set[int]:
    """Ids of those among these visits that the clinic lets their patient cancel without a call: so long before the
    start as its `self_service_hours` say. One query."""
    visits = list(visits)
    rules = MessageRules.objects.filter(clinic__in={visit.clinic_id for visit in visits})
    hours = dict(rules.filter(self_service_hours__isnull=False).values_list("clinic_id", "self_service_hours"))
    return {
        visit.pk
        for visit in visits
        if visit.clinic_id in hours and visit.period.lower - now >= timedelta(hours=hours[visit.clinic_id] or 0)
    }


def ask_to_move(*, visit: Appointment, told_version: int, by: Actor, now: datetime) -> Answer:
    """The patient wants another time: a call to make. One open call a visit; asked again, nothing is written.

    Refuses with ChangedMeanwhile when the patient was shown another time than the visit has, with NotPossibleFromHere
    unless it is booked or was missed. Records `appointment.move_wanted` and `call.asked`.
    """
    _check(visit, by)
    with writing():
        locked = _locked(visit, told_version, Status.BOOKED, Status.NO_SHOW)
        return _ask(locked, CallKind.WANTS_TO_MOVE, "appointment.move_wanted", by=by, now=now)


def cancel_or_ask(*, visit: Appointment, told_version: int, by: Actor, now: datetime) -> Answer:
    """The patient wants to cancel. Done at once where the clinic allows and notice is kept, else a call to make, one
    open one a visit.

    Refuses as `ask_to_move` does, and a missed visit. Records `appointment.cancelled`, or `appointment.cancel_wanted`
    and `call.asked`.
    """
    _check(visit, by)
    with writing():
        locked = _locked(visit, told_version, Status.BOOKED)
        if locked.pk not in cancelled_at_once([locked], now=now):
            return _ask(locked, CallKind.WANTS_TO_CANCEL, "appointment.cancel_wanted", by=by, now=now)
        version = locked.row_version
        cancel(appointment=locked, side=CancelledBy.PATIENT, reason=REASON, row_version=version, by=by, now=now)
        return Answer.CANCELLED


def _check(visit: Appointment, by: Actor) -> None:
    permissions.check(by, "appointment.say_no", organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)


def _locked(visit: Appointment, told_version: int, *statuses: Status) -> Appointment:
    locked = lock_visit(visit.pk)
    if locked.status not in statuses:
        raise NotPossibleFromHere(locked.status)
    if locked.told_version != told_version:
        raise ChangedMeanwhile
    return locked


def _ask(visit: Appointment, kind: CallKind, verb: str, *, by: Actor, now: datetime) -> Answer:
    asked = CallTask.objects.filter(visit=visit, kind=kind)
    if asked.filter(closed_at=None).exists():
        return Answer.ASKED_BEFORE
    task = ask_to_call(
        # Somebody may have called, and the patient asks once more: that is another call.
        key=f"{kind}/visit:{visit.pk}/{asked.count() + 1}",
        kind=kind,
        clinic=visit.clinic,
        patient=visit.patient,
        visit_id=visit.pk,
        useful_until=visit.period.lower if visit.status == Status.BOOKED else None,
        by=by,
        now=now,
    )
    entry = Entry.of_visit(verb, visit, data={"call": task.pk}, tell=True)
    record(organisation_id=visit.organisation_id, entries=[entry], by=by, now=now)
    return Answer.ASKED
