"""Taking back the last move or cancellation of a visit, with all that were made in the same press."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from scheduling.events import Actor
from scheduling.models import Appointment, Event, Status
from scheduling.moving import move
from scheduling.moving_rest import move_rest
from scheduling.picks import AnyPick, Pick, pick_of
from scheduling.restoring import un_cancel
from scheduling.visit_steps import ChangedMeanwhile, OrderOnHold
from scheduling.visits import confirm

MOVED, CANCELLED = "appointment.moved", "appointment.cancelled"
# What stands after one of these no longer is what the change made of it.
CHANGES = (MOVED, CANCELLED, "appointment.booked", "appointment.reinstated", "appointment.no_show")


@dataclass(frozen=True, slots=True)
class LastChange:
    """What was last done to the time of a visit: moved from where it was, or cancelled; with the other visits of its
    order to which the same press did the same. By visit id `was_at`: the starts before, and `confirmed`: how the
    patient had confirmed those that they had."""

    verb: str
    at: datetime
    user_id: int | None
    was_at: dict[int, datetime]
    confirmed: dict[int, str]

    @property
    def is_move(self) -> bool:
        return self.verb == MOVED


def last_change(visit: Appointment) -> LastChange | None:
    """The last move or cancellation of a visit that still stands so; None where something else came after it, or where
    nothing was moved or cancelled. At most two queries."""
    last = Event.objects.filter(appointment=visit, verb__in=CHANGES).order_by("-pk").first()
    fits = last is not None and (last.verb, visit.status) in ((MOVED, Status.BOOKED), (CANCELLED, Status.CANCELLED))
    if last is None or not fits:
        return None
    same = Event.objects.filter(appointment=visit, pk=last.pk)
    if visit.order_id is not None:
        same = Event.objects.filter(
            order=visit.order_id, verb=last.verb, recorded_at=last.recorded_at, user=last.user_id
        )  # fmt: skip
    was_at, confirmed = {}, {}
    for event in same.select_related("appointment"):
        changed, said = event.appointment, event.data
        if changed is not None:
            was_at[changed.pk] = datetime.fromisoformat(said["was_at"]) if "was_at" in said else changed.period.lower
            # A cancelled visit still says who had confirmed it; one that moved does not.
            if how := said.get("confirmed_by", "") or changed.confirmed_by:
                confirmed[changed.pk] = how
    return LastChange(last.verb, last.recorded_at, last.user_id, was_at, confirmed)


def take_change_back(
    *, appointment: Appointment, row_version: int | None, by: Actor, now: datetime, key: str = ""
) -> list[Appointment]:
    """Moves a visit back to where it was before its last move, or books it again after a cancellation; a series that
    was moved in one press moves back in one, and visits cancelled in one press are booked again one by one. What the
    patient had confirmed is confirmed again.

    Refuses as `move`, `move_rest` and `un_cancel` do, and with ChangedMeanwhile where the visit has no such change any
    more. Records what they record.
    """
    appointment.refresh_from_db()
    change = last_change(appointment)
    if change is None or row_version not in (None, appointment.row_version):
        raise ChangedMeanwhile
    back = _back(appointment, change, row_version, by=by, now=now, key=key)
    for visit in back:
        if visit.pk in change.confirmed and visit.confirmed_at is None:
            # Where its order was paused meanwhile nothing is confirmed.
            with suppress(OrderOnHold):
                confirm(appointment=visit, how=change.confirmed[visit.pk], by=by, now=now)
    return back


def _back(
    appointment: Appointment, change: LastChange, row_version: int | None, *, by: Actor, now: datetime, key: str
) -> list[Appointment]:
    if not change.is_move:
        cancelled = Appointment.objects.filter(pk__in=change.was_at, status=Status.CANCELLED).order_by("period")
        return [un_cancel(appointment=visit, by=by, now=now) for visit in cancelled.select_related("order", "clinic")]
    if len(change.was_at) == 1 or appointment.order is None:
        start = change.was_at[appointment.pk]
        return [move(appointment=appointment, start=start, row_version=row_version, by=by, now=now, key=key)]
    number, picks = _picks_back(appointment, change)
    return move_rest(order=appointment.order, from_number=number, picks=picks, by=by, now=now, key=key)


def _picks_back(appointment: Appointment, change: LastChange) -> tuple[int, Sequence[AnyPick]]:
    """From which infusion on, and where each visit behind it is to be: where it was, or where it is."""
    booked = Appointment.objects.filter(order=appointment.order, status=Status.BOOKED).order_by("period")
    rows = list(booked)
    moved = [row.dose_number for row in rows if row.pk in change.was_at and row.dose_number is not None]
    if appointment.pk not in change.was_at or not moved:
        raise ChangedMeanwhile
    number = min(moved)
    picks = [
        pick_of(row, change.was_at.get(row.pk, row.period.lower))
        for row in rows
        if row.pk in change.was_at or (row.dose_number is not None and row.dose_number >= number)
    ]
    return number, [pick for pick in picks if not isinstance(pick, Pick) or pick.number >= number]
