"""What happens to a visit that is under way: it takes longer, changes its chair, changes its nurse. Never refused for
a plan: whatever has not started and stands in the way gets another place, or waits for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from scheduling import permissions
from scheduling.capacity import Role
from scheduling.displacing import Effect, effect_on_others, who_is_in
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import (
    PATIENT_IS_THERE,
    Appointment,
    Clinic,
    Resource,
    ResourceKind,
    Status,
    VisitKind,
)
from scheduling.visit_course import Course, step_before
from scheduling.visit_locks import ChangeOf, carry_out, changed, lock_changes
from scheduling.visit_steps import NotPossibleFromHere, NotThen, check_version
from scheduling.visits import course_after

SEAT: tuple[Role, ...] = ("seat",)
NURSE: tuple[Role, ...] = ("watch", "attention")


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
    minutes: int | None = None,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
) -> Appointment:
    """The patient stays until then, or so many minutes longer than planned so far; chair and nurse stay with them.

    The part that is under way takes longer. An earlier end takes a longer one back. Refuses with NotPossibleFromHere
    unless the patient is here, NotThen for an end before the start or a day later, and ChangedMeanwhile. Records
    `appointment.overrun` with the new end and what it does to other visits.
    """
    return _change_one(appointment, overrun(until, minutes, now=now), "appointment.overrun", by, now, row_version)


def change_chair(
    *,
    appointment: Appointment,
    chair: Resource,
    at: datetime | None = None,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
) -> Appointment:
    """The patient moved to another chair or bay at `at` (now, unless said); before they are seated, for all of it.

    Refuses with ChairInUse where another visit under way has it by the records, NotPossibleFromHere unless the patient
    is here, NotThen for the future, NotThatKind, and ChangedMeanwhile. Records `appointment.chair_changed`.
    """
    _check_kind(chair, appointment.clinic_id, ResourceKind.CHAIR, ResourceKind.BAY)
    change = new_chair(chair, _past(at, now))
    return _change_one(appointment, change, "appointment.chair_changed", by, now, row_version, needs_chair=True)


def hand_over(
    *,
    appointments: Sequence[Appointment],
    nurse: Resource,
    at: datetime | None = None,
    until: datetime | None = None,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """Another nurse has these visits from `at` on (now, unless said; it may lie ahead), until `until` if said.

    All in one transaction. Refuses with NotPossibleFromHere unless each patient is here, NotThen for an end before the
    beginning, and NotThatKind. Records `appointment.nurse_changed` for each.
    """
    if not appointments:
        return []
    _check_kind(nurse, appointments[0].clinic_id, ResourceKind.NURSE)
    return _change(appointments, new_nurse(nurse, at or now, until), "appointment.nurse_changed", by, now)


def change_nurse(
    *, appointment: Appointment, nurse: Resource, at: datetime | None = None, by: Actor, now: datetime
) -> Appointment:
    """As hand_over, for one visit."""
    return hand_over(appointments=[appointment], nurse=nurse, at=at, by=by, now=now)[0]


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
    here = Appointment.objects.filter(clinic=from_nurse.clinic_id, status__in=PATIENT_IS_THERE).distinct()
    visits = here.filter(claims__resource=from_nurse, claims__period__endswith__gt=at or now).select_related("clinic")
    with_her = [
        change.visit
        for change in changed(list(visits), lambda _visit, course: course)
        if change.before.nurse_at(at or now) == str(from_nurse.pk)
    ]
    return hand_over(appointments=with_her, nurse=to_nurse, at=at, until=until, by=by, now=now)


def overrun(until: datetime | None, minutes: int | None, *, now: datetime) -> ChangeOf:
    """The change that `record_overrun` makes, for `effect_of`."""

    def change(visit: Appointment, course: Course) -> Course:
        _must_be_here(visit)
        end = until.astimezone(UTC) if until else course.presence.end + timedelta(minutes=minutes or 0)
        if not visit.period.lower < end <= visit.period.lower + timedelta(days=1):
            raise NotThen
        return course.ending(_under_way(visit, course, now), end)

    return change


def new_chair(chair: Resource, at: datetime) -> ChangeOf:
    """The change that `change_chair` makes, for `effect_of`."""

    def change(visit: Appointment, course: Course) -> Course:
        _must_be_here(visit)
        begun = visit.status != Status.ARRIVED
        return course.given(SEAT, str(chair.pk), step_before(at) if begun else None)

    return change


def new_nurse(nurse: Resource, at: datetime, until: datetime | None = None) -> ChangeOf:
    """The change that `hand_over` makes, for `effect_of`."""
    if until is not None and until <= at:
        raise NotThen

    def change(visit: Appointment, course: Course) -> Course:
        _must_be_here(visit)
        return course.given(NURSE, str(nurse.pk), step_before(at), step_before(until) if until else None)

    return change


def step(to: Status, at: datetime) -> ChangeOf:
    """The change that `visits.record_step` makes, for `effect_of`."""
    return lambda visit, course: course_after(visit, course, to, at)


def effect_of(*, appointments: Sequence[Appointment], change: ChangeOf, now: datetime) -> Effect:
    """What a change would do to other visits, said before anything is written. Refuses as the change does."""
    return effect_on_others(clinic=appointments[0].clinic, changes=changed(appointments, change), now=now)


def _change_one(
    appointment: Appointment,
    change: ChangeOf,
    verb: str,
    by: Actor,
    now: datetime,
    row_version: int | None,
    *,
    needs_chair: bool = False,
) -> Appointment:
    [visit] = _change([appointment], change, verb, by, now, row_version=row_version, needs_chair=needs_chair)
    return visit


def _change(
    appointments: Sequence[Appointment],
    change: ChangeOf,
    verb: str,
    by: Actor,
    now: datetime,
    *,
    row_version: int | None = None,
    needs_chair: bool = False,
) -> list[Appointment]:
    clinic = appointments[0].clinic
    for one in appointments:
        permissions.check(
            by, "appointment.record_treatment", organisation_id=one.organisation_id, clinic_id=one.clinic_id
        )
    with writing():
        changes = lock_changes(clinic=clinic, appointments=appointments, change=change, now=now)
        check_version(changes[0].visit, row_version)
        if needs_chair:
            _refuse_if_in_use(clinic, changes[0].after, changes[0].visit, now)
        entries = [
            Entry.of_visit(verb, one.visit, data={"ends": one.after.presence.end.isoformat(), **one.resources})
            for one in changes
        ]
        entries += carry_out(changes, now=now)
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
    for one in appointments:
        one.refresh_from_db()
    return list(appointments)


def _refuse_if_in_use(clinic: Clinic, after: Course, visit: Appointment, now: datetime) -> None:
    other = who_is_in(clinic=clinic, uses=after.uses, without=[visit.pk], now=now)
    if other is not None:
        raise ChairInUse(other)


def _must_be_here(visit: Appointment) -> None:
    if visit.status not in PATIENT_IS_THERE:
        raise NotPossibleFromHere(visit.status)


def _under_way(visit: Appointment, course: Course, now: datetime) -> int:
    """Which part takes longer: the one the patient is in."""
    if visit.kind != VisitKind.INFUSION:
        begun = [index for index, part in enumerate(course.present) if part.period.start <= now]
        return begun[-1] if begun else 0
    return {
        Status.ARRIVED: 0,
        Status.SEATED: max(course.infuse - 1, 0),
        Status.INFUSING: course.infuse,
        Status.RECOVERING: course.recover or course.infuse,
    }[Status(visit.status)]


def _past(at: datetime | None, now: datetime) -> datetime:
    if at is not None and at > now:
        raise NotThen
    return at or now


def _check_kind(resource: Resource, clinic_id: int, *kinds: ResourceKind) -> None:
    if resource.clinic_id != clinic_id or resource.kind not in kinds:
        raise NotThatKind
