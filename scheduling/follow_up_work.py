"""Working on calls and reviews ordered for after an infusion: taken, tried, put off, done. Every try is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.in_hand import is_anothers, refuse_anothers
from scheduling.locking import writing
from scheduling.models import (
    Appointment,
    CallOutcome,
    Clinic,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    FollowUpTry,
)

TRY_AGAIN_AFTER: Final = timedelta(hours=1)
SETTLES: Final = frozenset({CallOutcome.SPOKE, CallOutcome.NOT_NEEDED})
# What is so whoever works on it.
FACTS: Final = frozenset({CallOutcome.SPOKE, CallOutcome.WRONG_NUMBER})
# A check-in is settled by its answers, a further infusion as needed by the prescriber's task.
WORKED_ON: Final = (FollowUpKind.CALL, FollowUpKind.REVIEW)


class FollowUpIsSettled(Exception):
    """It is done, or what it was ordered for turned out not to have been given."""


class NoteNeeded(Exception):
    """Whoever takes it off the list without having reached the patient says why."""


class NotThatVisit(Exception):
    """The visit is not one of this patient's to come."""


def given_at(clinic: Clinic) -> Exists:
    """Whether a follow-up's infusion was given at this clinic."""
    given = Appointment.objects.given().filter(order=OuterRef("order"), dose_number=OuterRef("after_number"))
    return Exists(given.filter(clinic=clinic))


def take_follow_up(
    *, follow_up: FollowUp, clinic: Clinic, by: Actor, now: datetime, instead_of: int | None = None
) -> None:
    """This person works on it; `instead_of` is the person they take it over from.

    Refuses with HadByAnother where somebody else works on it by now, and with FollowUpIsSettled. Records
    `follow_up.taken`.
    """
    _check(follow_up, clinic, by)
    with writing():
        locked = _locked(follow_up)
        if locked.taken_by_id is not None and locked.taken_by_id == by.user_id:
            return
        refuse_anothers(locked.taken_by, by, instead_of)
        _change(locked, "follow_up.taken", clinic, by=by, now=now, taken_by_id=by.staff_id)


def give_back(*, follow_up: FollowUp, clinic: Clinic, by: Actor, now: datetime) -> None:
    """Somebody else may work on it. Refuses with HadByAnother what somebody else works on, and with FollowUpIsSettled.
    Records `follow_up.given_back`."""
    _check(follow_up, clinic, by)
    with writing():
        locked = _locked(follow_up)
        refuse_anothers(locked.taken_by, by)
        _change(locked, "follow_up.given_back", clinic, by=by, now=now, taken_by_id=None)


def record_follow_up_try(
    *,
    follow_up: FollowUp,
    outcome: CallOutcome,
    note: str = "",
    clinic: Clinic,
    by: Actor,
    now: datetime,
    again_at: datetime | None = None,
    instead_of: int | None = None,
) -> FollowUpTry:
    """Keeps a try, what came of it and a note for clinical staff. Who was spoken with, or needs it no more, is done;
    else it comes back at `again_at`, by default in an hour, for anybody.

    Refuses with NoteNeeded for one that is not needed without a word why, with FollowUpIsSettled, and with HadByAnother
    while somebody else than `instead_of` works on it. That the patient was spoken with, or a number is wrong, is kept
    whoever works on it; a wrong number leaves it theirs. Records `follow_up.tried` without the note.
    """
    _check(follow_up, clinic, by)
    if outcome == CallOutcome.NOT_NEEDED and not note.strip():
        raise NoteNeeded
    with writing():
        locked = _locked(follow_up)
        if outcome not in FACTS:
            refuse_anothers(locked.taken_by, by, instead_of)
        tried = FollowUpTry.objects.create(
            follow_up=locked, outcome=outcome, note=note.strip(), tried_by_id=by.staff_id, tried_at=now
        )
        if outcome in SETTLES:
            changes: dict[str, object] = {"state": FollowUpState.DONE, "settled_at": now, "taken_by_id": by.staff_id}
        elif is_anothers(locked.taken_by, by, instead_of):
            changes = {}
        else:
            changes = {"snoozed_until": max(now, again_at or now + TRY_AGAIN_AFTER), "taken_by_id": None}
        _change(locked, "follow_up.tried", clinic, by=by, now=now, outcome=str(outcome), **changes)
    return tried


def put_off_follow_up(
    *, follow_up: FollowUp, until: datetime, clinic: Clinic, by: Actor, now: datetime, instead_of: int | None = None
) -> None:
    """It is not due before `until`, and then for anybody. Refuses with HadByAnother while somebody else than
    `instead_of` works on it, and with FollowUpIsSettled. Records `follow_up.put_off`."""
    _check(follow_up, clinic, by)
    with writing():
        locked = _locked(follow_up)
        refuse_anothers(locked.taken_by, by, instead_of)
        until = max(now, until)
        _change(locked, "follow_up.put_off", clinic, by=by, now=now, snoozed_until=until, taken_by_id=None)


def book_review_as(*, follow_up: FollowUp, visit: Appointment, by: Actor, now: datetime) -> None:
    """This booked visit is the review that was ordered for after an infusion; it is done when the visit is completed.

    Refuses with NotThatVisit unless the visit stands and is the patient's, and with FollowUpIsSettled. Records
    `follow_up.booked`.
    """
    organisation_id = follow_up.order.organisation_id
    permissions.check(by, "appointment.book", organisation_id=organisation_id, clinic_id=visit.clinic_id)
    with writing():
        locked = _locked(follow_up)
        if locked.kind != FollowUpKind.REVIEW or visit.patient_id != locked.order.patient_id or not visit.live:
            raise NotThatVisit
        _change(locked, "follow_up.booked", visit.clinic, by=by, now=now, appointment_id=visit.pk)


def _check(follow_up: FollowUp, clinic: Clinic, by: Actor) -> None:
    permissions.check(by, "follow_up.work", organisation_id=follow_up.order.organisation_id, clinic_id=clinic.pk)


def _locked(follow_up: FollowUp) -> FollowUp:
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related("order")
    locked = rows.get(pk=follow_up.pk)
    if locked.state != FollowUpState.OPEN:
        raise FollowUpIsSettled
    return locked


def _change(
    locked: FollowUp, verb: str, clinic: Clinic, *, by: Actor, now: datetime, outcome: str = "", **changes: object
) -> None:
    if changes:
        FollowUp.objects.filter(pk=locked.pk).update(**changes)
    entry = Entry(
        verb,
        clinic_id=clinic.pk,
        order_id=locked.order_id,
        patient_id=locked.order.patient_id,
        data={"follow_up": locked.pk, **({"outcome": outcome} if outcome else {})},
    )
    record(organisation_id=locked.order.organisation_id, entries=[entry], by=by, now=now)
