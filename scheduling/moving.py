"""Moving booked visits: the same visit at another time, checked as a booking is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from scheduling import permissions
from scheduling.booking import write_again
from scheduling.checking import check_again
from scheduling.events import Actor
from scheduling.fresh_look import enter, enter_order, refusing_plainly
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import Appointment, Clinic, Order, Status
from scheduling.overrides import Allowed, as_asked, check_allowed
from scheduling.picks import BookingRefused
from scheduling.problems import because, out_of_time
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, lock_visit


def move(
    *,
    appointment: Appointment,
    start: datetime,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
    key: str = "",
    allow: Sequence[Allowed] = (),
    repack: bool = False,
) -> Appointment:
    """Moves one booked visit to another start at its clinic: the same visit, no longer confirmed, with the chair and
    people it had where these are free.

    An infusion is checked against all others of its order, another visit against what is free. Refuses with
    BookingRefused; with ChangedMeanwhile when `row_version` is not the present one; with NotPossibleFromHere unless it
    is booked; with NotAllowed a rule in `allow` that `by` does not own. The present start changes nothing. With
    `repack` others may change their chair for an infusion. Records `appointment.moved`, `appointment.rule_allowed` and
    `appointment.chair_changed`.
    """
    permissions.check(
        by, "appointment.move", organisation_id=appointment.organisation_id, clinic_id=appointment.clinic_id
    )
    check_allowed(allow, by)
    if wrong := out_of_time(start, now=now):
        raise BookingRefused([because(wrong, appointment.dose_number)])
    start = start.astimezone(UTC)
    request = {
        "verb": "move", "visit": appointment.pk, "start": start.isoformat(), "allow": as_asked(allow), "repack": repack,
    }  # fmt: skip
    with refusing_plainly(), writing():
        if earlier_answer(by=by, key=key, request=request, now=now) is not None:
            return Appointment.objects.get(pk=appointment.pk)
        order, clinic = enter_for(appointment, start, now=now)
        visit = lock_booked(appointment.pk, row_version)
        if visit.period.lower != start:
            new = check_again([visit], [start], order=order, clinic=clinic, now=now, allow=allow, repack=repack)
            [visit] = write_again([visit], new, verb="appointment.moved", allow=allow, by=by, now=now)
        keep_answer(by=by, key=key, answer=visit.pk)
    return visit


def enter_for(visit: Appointment, start: datetime, *, now: datetime) -> tuple[Order | None, Clinic]:
    """Enters for one visit about to take `start`, with its order where it has one."""
    if visit.order is None:
        return None, enter(clinic=visit.clinic, patient_id=visit.patient_id, starts=[start], now=now)
    return enter_order(order=visit.order, clinic=visit.clinic, starts=[start], now=now)


def lock_booked(appointment_id: int, row_version: int | None) -> Appointment:
    """The visit, locked. Refuses with ChangedMeanwhile when `row_version` is not the present one, and with
    NotPossibleFromHere unless it is booked."""
    visit = lock_visit(appointment_id)
    if row_version not in (None, visit.row_version):
        raise ChangedMeanwhile
    if visit.status != Status.BOOKED:
        raise NotPossibleFromHere(visit.status)
    return visit
