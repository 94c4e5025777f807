"""Booking what was kept: one option becomes the booking, and the other one goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduling.booking import write_again, write_booked
from scheduling.checking import check_again, check_series
from scheduling.claim_rows import resources_of
from scheduling.events import Actor
from scheduling.fresh_look import enter, enter_order, refusing_plainly
from scheduling.holds import let_go
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import Appointment, Clinic, Order, VisitKind
from scheduling.options import check_option, options_of, still_kept
from scheduling.picks import pick_of


def book_held(*, visits: Sequence[Appointment], by: Actor, now: datetime, key: str = "") -> list[Appointment]:
    """Books kept times, those of one option, all or none; what else is kept for the order is let go with them.

    They are checked again, since hours, people or the order may have changed, or visits been missed. Times of a first
    option become the booking as they are; in place of a second option's, which only kept the time, new visits are
    booked. Refuses with BookingRefused. The same `key` again gives the same appointments. Records `appointment.booked`
    for each.
    """
    check_option(visits, by, verb="appointment.book")
    ids = sorted(visit.pk for visit in visits)
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request={"verb": "book_held", "visits": ids}, now=now)
        if answer is not None:
            return list(Appointment.objects.filter(pk__in=answer).order_by("period"))
        clinic, order = visits[0].clinic, visits[0].order
        starts = [visit.period.lower for visit in visits]
        if order is None:
            clinic = enter(clinic=clinic, patient_id=visits[0].patient_id, starts=starts, now=now)
        else:
            order, clinic = enter_order(order=order, clinic=clinic, starts=starts, now=now)
        rows = still_kept(visits, now=now)
        booked = _book(rows, order, clinic, by=by, now=now)
        keep_answer(by=by, key=key, answer=[visit.pk for visit in booked])
    return booked


def _book(
    rows: Sequence[Appointment], order: Order | None, clinic: Clinic, *, by: Actor, now: datetime
) -> list[Appointment]:
    if order is not None:
        others = [visit for option in options_of(order, now=now) for visit in option.visits if visit not in rows]
        let_go(others, patient_id=order.patient_id, by=by, now=now)
        if rows[0].kind == VisitKind.KEPT:
            return _book_second(rows, order, clinic, by=by, now=now)
    starts = [row.period.lower for row in rows]
    new = check_again(rows, starts, order=order, clinic=clinic, now=now, adds=True)
    return write_again(rows, new, verb="appointment.booked", told=0, by=by, now=now)


def _book_second(
    rows: Sequence[Appointment], order: Order, clinic: Clinic, *, by: Actor, now: datetime
) -> list[Appointment]:
    had = resources_of(rows)
    picks = [pick_of(row) for row in rows]
    keep = {pick: had.get(row.pk, frozenset()) for pick, row in zip(picks, rows, strict=True)}
    let_go(rows, patient_id=order.patient_id, by=by, now=now)
    new = check_series(order=order, clinic=clinic, picks=picks, now=now, keep=keep)
    return write_booked(new, clinic=clinic, allow=(), by=by, now=now)
