"""Cancelling booked visits: their places are free at once, and who, why and how late is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from scheduling import permissions
from scheduling.cancel_reasons import REASONS
from scheduling.events import Actor, record
from scheduling.freeing import cancel_rows
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import Appointment, CancelledBy, Order, Status
from scheduling.picks import BookingRefused
from scheduling.problems import because
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, lock_visit


def cancel(
    *,
    appointment: Appointment,
    side: CancelledBy,
    reason: str,
    row_version: int | None = None,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Cancels a booked visit. `reason` is a code; notice is kept in minutes before the start (negative: after it).

    Refuses with NotAllowed a clinical reason of somebody without a clinical role, with ChangedMeanwhile when
    `row_version` is not the present one, and with NotPossibleFromHere unless the visit is booked. Records
    `appointment.cancelled`. Other visits of the series stay where they are.
    """
    _check(appointment, by)
    _check_reason(reason, by, appointment.organisation_id)
    with writing():
        visit = lock_visit(appointment.pk)
        if row_version is not None and visit.row_version != row_version:
            raise ChangedMeanwhile
        if visit.status != Status.BOOKED:
            raise NotPossibleFromHere(visit.status)
        _cancel([visit], side, reason, by=by, now=now)
    appointment.refresh_from_db()
    return appointment


def cancel_rest(
    *,
    order: Order,
    from_number: int,
    side: CancelledBy,
    reason: str,
    by: Actor,
    now: datetime,
    key: str = "",
) -> list[Appointment]:
    """Cancels all booked infusions from `from_number` on and the reviews between them, in one transaction.

    A review before `from_number` stays. Refuses with BookingRefused when none is booked, and a reason as `cancel` does.
    The same `key` again gives the same visits. Records `appointment.cancelled` for each.
    """
    permissions.check(by, "appointment.cancel", organisation_id=order.organisation_id, clinic_id=by.clinic_id)
    _check_reason(reason, by, order.organisation_id)
    request = {"verb": "cancel_rest", "order": order.pk, "from": from_number, "side": side, "reason": reason}
    with writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is None:
            rest = Q(dose_number__gte=from_number) | Q(review_after__gte=from_number)
            booked = Appointment.objects.select_for_update().filter(rest, order=order, status=Status.BOOKED)
            visits = list(booked.order_by("pk"))
            if not any(visit.dose_number for visit in visits):
                raise BookingRefused([because("nothing_to_cancel", from_number)])
            for visit in visits:
                _check(visit, by)
            _cancel(visits, side, reason, by=by, now=now)
            answer = [visit.pk for visit in visits]
            keep_answer(by=by, key=key, answer=answer)
    return list(Appointment.objects.filter(pk__in=answer).order_by("period"))


def _check(visit: Appointment, by: Actor) -> None:
    permissions.check(by, "appointment.cancel", organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)


def _check_reason(reason: str, by: Actor, organisation_id: int) -> None:
    if reason in REASONS and REASONS[reason].is_clinical:
        permissions.check(by, "appointment.cancel_clinically", organisation_id=organisation_id)


def _cancel(visits: Sequence[Appointment], side: CancelledBy, reason: str, *, by: Actor, now: datetime) -> None:
    entries = cancel_rows(visits, side, reason, now=now)
    record(organisation_id=visits[0].organisation_id, entries=entries, by=by, now=now)
