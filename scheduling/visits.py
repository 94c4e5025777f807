"""A visit's way through the day: one transition table, one function that moves; and the patient's confirmation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F

from scheduling import permissions
from scheduling.clinic_time import AmbiguousTime, ClinicTime, NonexistentTime
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Appointment, FollowUp, FollowUpState, Order, Status, VisitKind

# The steps of a day. Booking, cancelling and releasing have verbs of their own; a status that is missing is an end.
NEXT_OF_INFUSION: Final[dict[Status, frozenset[Status]]] = {
    Status.BOOKED: frozenset({Status.ARRIVED, Status.NO_SHOW}),
    Status.ARRIVED: frozenset({Status.SEATED, Status.TURNED_AWAY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
    Status.SEATED: frozenset({Status.INFUSING, Status.TURNED_AWAY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
    Status.INFUSING: frozenset({Status.RECOVERING, Status.STOPPED_EARLY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
    Status.RECOVERING: frozenset({Status.COMPLETED, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
}
NEXT_OF_OTHERS: Final[dict[Status, frozenset[Status]]] = {
    Status.BOOKED: frozenset({Status.ARRIVED, Status.NO_SHOW}),
    Status.ARRIVED: frozenset({Status.COMPLETED, Status.TURNED_AWAY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
}

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


def next_steps(visit: Appointment) -> frozenset[Status]:
    """The steps that may be recorded for this visit now."""
    table = NEXT_OF_INFUSION if visit.kind == VisitKind.INFUSION else NEXT_OF_OTHERS
    return table.get(Status(visit.status), frozenset())


class NotPossibleFromHere(Exception):
    """The visit is not in a status from which this step goes; `status` is where it stands."""

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(status)


class NotThen(Exception):
    """It can't have happened at that time: in the future, before the step before it, or on another day."""


class ChangedMeanwhile(Exception):
    """Someone changed this visit since the page was read."""


def lock_visit(appointment_id: int) -> Appointment:
    """The visit as it stands now, locked until the transaction ends."""
    locked = Appointment.objects.select_for_update(of=("self",))
    return locked.select_related("clinic", "patient").get(pk=appointment_id)


def record_step(
    *, appointment: Appointment, to: Status, happened_at: datetime, by: Actor, now: datetime
) -> Appointment:
    """Moves a visit one step on and stamps when it happened. An infusion counts as given once it is `infusing`.

    Refuses with NotPossibleFromHere (also a no-show before the start), NotThen, and AgainstTheOrder for a start while
    the order is not active or past a review that does not say continue. Records `appointment.<status>`; a start opens
    the follow-ups that were ordered for after it.
    """
    needed = NEEDS.get(to, "appointment.record_treatment")
    _check(by, needed, appointment)
    with writing():
        visit = lock_visit(appointment.pk)
        if to not in next_steps(visit) or (to == Status.NO_SHOW and now < visit.period.lower):
            raise NotPossibleFromHere(visit.status)
        if happened_at > now or not _fits_the_day(visit, happened_at):
            raise NotThen
        changes: dict[str, Any] = {"status": to, "row_version": F("row_version") + 1}
        if to in STAMPS:
            changes[STAMPS[to]] = happened_at
        Appointment.objects.filter(pk=visit.pk).update(**changes)
        entries = [_entry(f"appointment.{to}", visit, happened_at=happened_at, tell=to == Status.NO_SHOW)]
        if to == Status.INFUSING and visit.order and visit.dose_number:
            entries += _open_follow_ups(visit.order, visit.dose_number, visit.time_zone, now=happened_at)
        record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
    appointment.refresh_from_db()
    return appointment


def confirm(*, appointment: Appointment, how: str, by: Actor, now: datetime, told_version: int | None = None) -> bool:
    """Notes that the patient means to come (`how`: link, desk, reply). True when this changed anything.

    `told_version` is that of the time the patient was shown; with another one by now, it refuses with
    ChangedMeanwhile. Refuses with NotPossibleFromHere unless the visit is booked. Records `appointment.confirmed`.
    """
    _check(by, "appointment.confirm", appointment)
    with writing():
        visit = lock_visit(appointment.pk)
        if visit.status != Status.BOOKED:
            raise NotPossibleFromHere(visit.status)
        if told_version not in (None, visit.told_version):
            raise ChangedMeanwhile
        if visit.confirmed_at is not None:
            return False
        Appointment.objects.filter(pk=visit.pk).update(
            confirmed_at=now, confirmed_by=how, row_version=F("row_version") + 1
        )
        entry = _entry("appointment.confirmed", visit, data={"how": how}, tell=True)
        record(organisation_id=visit.organisation_id, entries=[entry], by=by, now=now)
    appointment.refresh_from_db()
    return True


def _fits_the_day(visit: Appointment, happened_at: datetime) -> bool:
    """A visit happens on its clinic-local day, its steps one after the other; it may run past midnight.

    Whoever comes on another day is booked for that day first, so that gap and order are asked.
    """
    before = max(filter(None, (visit.arrived_at, visit.seated_at, visit.given_at, visit.finished_at)), default=None)
    if before is not None:
        return before <= happened_at < before + timedelta(days=1)
    clock = ClinicTime(visit.time_zone)
    return clock.local_day(happened_at) == clock.local_day(visit.period.lower)


def _check(by: Actor, verb: str, visit: Appointment) -> None:
    permissions.check(by, verb, organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)


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
        due = _days_later(clock, now, follow_up.offset_days)
        FollowUp.objects.filter(pk=follow_up.pk).update(state=FollowUpState.OPEN, opened_at=now, due_at=due)
        opened.append(Entry("follow_up.opened", order_id=order.pk, data={"follow_up": follow_up.pk}))
    return opened


def _days_later(clock: ClinicTime, instant: datetime, days: int) -> datetime:
    """The same wall time so many days later; where the clocks skip or double it, that many times 24 hours."""
    try:
        return clock.add_local_days(instant, days)
    except (NonexistentTime, AmbiguousTime):
        return instant + timedelta(days=days)
