"""Recording what happens to visits under way: they take longer, change their chair, change their nurse.

Never refused for a plan: whatever has not started and stands in the way gets another place, or waits for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from scheduling import permissions
from scheduling.displacing import Changed, Effect, effect_on_others, who_is_in
from scheduling.events import Actor, Entry, record
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.making_room import carry_out
from scheduling.models import PATIENT_IS_THERE, Appointment, Resource, ResourceKind
from scheduling.seating import seat_waiting
from scheduling.visit_changes import new_chair, new_nurse, overrun
from scheduling.visit_course import NURSE
from scheduling.visit_locks import Change, changed, lock_changes, unchanged
from scheduling.visit_steps import NotThen, check_version


class ChairInUse(Exception):
    """Another visit under way has that chair by the records; `visit` says which: say first where that patient is."""

    def __init__(self, visit: Appointment) -> None:
        self.visit = visit
        super().__init__(visit.pk)


class NotThatKind(Exception):
    """The resource is not one of this clinic, or not of the kind that is asked for."""


def record_overrun(
    *,
    appointment: Appointment,
    until: datetime | None = None,
    minutes: int = 0,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
    key: str = "",
) -> Appointment:
    """The patient stays until then, or so many minutes longer than planned so far; chair and nurse stay with them. The
    same `key` again adds nothing.

    The part that is under way takes longer; an earlier end takes a longer one back. Refuses with NotPossibleFromHere
    unless the patient is here, NotThen for an end before the start or a day later, and ChangedMeanwhile. Records
    `appointment.overrun` with the new end, and what it does to other visits.
    """
    change = overrun(until=until, minutes=minutes, now=now)
    request = {"verb": "overrun", "visit": appointment.pk, "until": until, "minutes": minutes}
    _carry_out(
        "appointment.overrun", [appointment], change, by=by, now=now, row_version=row_version, key=key, request=request
    )
    return appointment


def change_chair(
    *,
    appointment: Appointment,
    chair: Resource,
    at: datetime | None = None,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
) -> Appointment:
    """The patient moved to another chair or bay at `at` (now, unless said); whoever is not seated yet has it for the
    whole visit. Also says where a patient is who waits for a chair.

    Refuses with ChairInUse where another visit under way has it by the records, NotPossibleFromHere unless the patient
    is here, NotThen for the future, NotThatKind, and ChangedMeanwhile. Records `appointment.chair_changed`.
    """
    _check_kind(chair, [appointment], ResourceKind.CHAIR, ResourceKind.BAY)
    if at is not None and at > now:
        raise NotThen
    change = new_chair(chair, at=at or now)
    _carry_out("appointment.chair_changed", [appointment], change, by=by, now=now, row_version=row_version, chair=chair)
    return appointment


def effect_of_chair(*, appointment: Appointment, chair: Resource, at: datetime, now: datetime) -> Effect:
    """What `change_chair` would do to others. Writes nothing; refuses as it does."""
    if at > now:
        raise NotThen
    [change] = changed([appointment], new_chair(chair, at=at))
    return effect_on_others(clinic=appointment.clinic, changes=[_in_chair(change, chair, now)], now=now)


def hand_over(
    *,
    appointments: Sequence[Appointment],
    nurse: Resource,
    at: datetime | None = None,
    until: datetime | None = None,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """Another nurse has these visits from `at` on (now, unless said; it may lie ahead), until `until` if said. All in
    one transaction.

    Refuses with NotPossibleFromHere unless each patient is here, NotThen for an end before the beginning, and
    NotThatKind. Records `appointment.nurse_changed` for each.
    """
    if not appointments:
        return []
    _check_kind(nurse, appointments, ResourceKind.NURSE)
    change = new_nurse(nurse, at=at or now, until=until)
    _carry_out("appointment.nurse_changed", appointments, change, by=by, now=now)
    return list(appointments)


def hand_over_all(
    *,
    from_nurse: Resource,
    to_nurse: Resource,
    at: datetime | None = None,
    until: datetime | None = None,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """Everyone who is here with one nurse goes to another: lunch, or a nurse who falls ill. As hand_over."""
    since = at or now
    here = Appointment.objects.filter(clinic=from_nurse.clinic_id, status__in=PATIENT_IS_THERE)
    hers = here.filter(claims__resource=from_nurse, claims__period__endswith__gt=since).distinct()
    visits = changed(list(hers.select_related("clinic").order_by("pk")), unchanged)
    with_her = [one.visit for one in visits if one.before.at(NURSE, since) == str(from_nurse.pk)]
    return hand_over(appointments=with_her, nurse=to_nurse, at=at, until=until, by=by, now=now)


def _carry_out(
    verb: str,
    appointments: Sequence[Appointment],
    change: Change,
    *,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
    chair: Resource | None = None,
    key: str = "",
    request: Mapping[str, object] | None = None,
) -> None:
    clinic = appointments[0].clinic
    for one in appointments:
        permissions.check(
            by, "appointment.record_treatment", organisation_id=one.organisation_id, clinic_id=one.clinic_id
        )
    with writing():
        if earlier_answer(by=by, key=key, request=request, now=now) is not None:
            return
        changes = lock_changes(clinic=clinic, appointments=appointments, change=change, now=now)
        check_version(changes[0].visit, row_version)
        if chair is not None:
            changes = [_in_chair(changes[0], chair, now)]
        data = [{"ends": one.after.presence.end.isoformat(), **one.resources} for one in changes]
        entries = [Entry.of_visit(verb, one.visit, data=said) for one, said in zip(changes, data, strict=True)]
        entries += carry_out(changes, now=now)
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
        keep_answer(by=by, key=key, answer=[one.pk for one in appointments])
    for one in appointments:
        one.refresh_from_db()


def _in_chair(change: Changed, chair: Resource, now: datetime) -> Changed:
    """The change as it can be written: nobody else is in the chair, and who waited gets a nurse too."""
    if not change.visit.is_placed:
        change = seat_waiting(change, chair, now=now)
    other = who_is_in(uses=change.after.uses, without=[change.visit.pk], now=now)
    if other is not None:
        raise ChairInUse(other)
    return change


def _check_kind(resource: Resource, appointments: Sequence[Appointment], *kinds: ResourceKind) -> None:
    if resource.kind not in kinds or any(one.clinic_id != resource.clinic_id for one in appointments):
        raise NotThatKind
