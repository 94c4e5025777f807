"""A visit's way through the day: one transition table, one function that moves; and the patient's confirmation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from scheduling import permissions
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.models import Appointment, FollowUp, FollowUpState, Order, Status, VisitKind

NEXT: Final[dict[Status, frozenset[Status]]] = {
    Status.HELD: frozenset({Status.BOOKED, Status.RELEASED}),
    Status.BOOKED: frozenset({Status.ARRIVED, Status.CANCELLED, Status.NO_SHOW, Status.RELEASED}),
    Status.ARRIVED: frozenset({Status.SEATED, Status.TURNED_AWAY, Status.TRANSFERRED, Status.LEFT_UNCLEARED,
                               Status.COMPLETED}),
    Status.SEATED: frozenset({Status.INFUSING, Status.TURNED_AWAY, Status.TRANSFERRED, Status.LEFT_UNCLEARED,
                              Status.COMPLETED}),
    Status.INFUSING: frozenset({Status.RECOVERING, Status.STOPPED_EARLY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
    Status.RECOVERING: frozenset({Status.COMPLETED, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
    Status.STOPPED_EARLY: frozenset(), Status.TRANSFERRED: frozenset(), Status.LEFT_UNCLEARED: frozenset(),
    Status.COMPLETED: frozenset(), Status.RELEASED: frozenset(), Status.CANCELLED: frozenset(),
    Status.NO_SHOW: frozenset(), Status.TURNED_AWAY: frozenset(), Status.ENTERED_IN_ERROR: frozenset(),
}  # fmt: skip

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


class NotPossibleFromHere(Exception):
    """The visit is not in a status from which this step goes; `status` is where it stands."""

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(status)


class ChangedMeanwhile(Exception):
    """Someone changed this visit since the page was read."""


def lock_visit(appointment_id: int) -> Appointment:
    """The visit as it stands now, locked until the transaction ends."""
    locked = Appointment.objects.select_for_update(of=("self",))
    return locked.select_related("clinic", "patient").get(pk=appointment_id)


def record_step(
    *, appointment: Appointment, to: Status, happened_at: datetime, by: Actor, now: datetime
) -> Appointment:
    """Moves a visit along NEXT and stamps when it happened. An infusion counts as given once it is `infusing`.

    Refuses with NotPossibleFromHere; the database refuses a start past a review that does not say continue. Cancelling
    and releasing have verbs of their own in `booking`. Records `appointment.<status>`; a start opens its follow-ups.
    """
    permissions.check(by, NEEDS.get(to, "appointment.record_treatment"))
    with transaction.atomic():
        visit = lock_visit(appointment.pk)
        if to not in NEXT[Status(visit.status)] or to in (Status.CANCELLED, Status.RELEASED, Status.BOOKED):
            raise NotPossibleFromHere(visit.status)
        changes: dict[str, Any] = {"status": to, "row_version": F("row_version") + 1}
        if to in STAMPS and not (to == Status.INFUSING and visit.kind != VisitKind.INFUSION):
            changes[STAMPS[to]] = happened_at
        Appointment.objects.filter(pk=visit.pk).update(**changes)
        entries = [_entry(f"appointment.{to}", visit, happened_at=happened_at, tell=to == Status.NO_SHOW)]
        if to == Status.INFUSING and visit.order and visit.dose_number:
            entries += _open_follow_ups(visit.order, visit.dose_number, visit.time_zone, now=happened_at)
        record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
    appointment.refresh_from_db()
    return appointment


def confirm(*, appointment: Appointment, how: str, by: Actor, now: datetime) -> bool:
    """Notes that the patient means to come (`how`: link, desk, reply). True when this changed anything.

    Refuses with NotPossibleFromHere unless the visit is booked. Records `appointment.confirmed`.
    """
    permissions.check(by, "appointment.confirm")
    with transaction.atomic():
        visit = lock_visit(appointment.pk)
        if visit.status != Status.BOOKED:
            raise NotPossibleFromHere(visit.status)
        if visit.confirmed_at is not None:
            return False
        Appointment.objects.filter(pk=visit.pk).update(
            confirmed_at=now, confirmed_by=how, row_version=F("row_version") + 1
        )
        entry = _entry("appointment.confirmed", visit, data={"how": how}, tell=True)
        record(organisation_id=visit.organisation_id, entries=[entry], by=by, now=now)
    appointment.refresh_from_db()
    return True


def _entry(verb: str, visit: Appointment, **more: Any) -> Entry:
    return Entry(
        verb,
        clinic_id=visit.clinic_id,
        appointment_id=visit.pk,
        order_id=visit.order_id,
        patient_id=visit.patient_id,
        **more,
    )


def _open_follow_ups(order: Order, number: int, time_zone: str, *, now: datetime) -> list[Entry]:
    """Opens what was ordered for after this infusion, due so many clinic-local days after it was given."""
    waiting = FollowUp.objects.filter(order=order, after_number=number, state=FollowUpState.WAITING)
    clock = ClinicTime(time_zone)
    opened = []
    for follow_up in waiting.order_by("pk"):
        due = clock.add_local_days(now, follow_up.offset_days)
        FollowUp.objects.filter(pk=follow_up.pk).update(state=FollowUpState.OPEN, opened_at=now, due_at=due)
        opened.append(Entry("follow_up.opened", order_id=order.pk, data={"follow_up": follow_up.pk}))
    return opened
