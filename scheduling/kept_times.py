"""What becomes of kept times: kept longer, taken over by someone else, let go, or booked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from scheduling import permissions
from scheduling.booking import write_again, write_booked
from scheduling.checking import check_again, check_series
from scheduling.claim_rows import resources_of
from scheduling.events import Actor, Entry, record
from scheduling.fresh_look import enter, enter_order, refusing_plainly
from scheduling.holding import Until, kept_until
from scheduling.holds import let_go, options_of
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import Appointment, Clinic, Order, Status, VisitKind
from scheduling.picks import BookingRefused, pick_of
from scheduling.problems import because


def extend_hold(
    *, visits: Sequence[Appointment], by: Actor, now: datetime, until: Until = None, minutes: int | None = None
) -> list[Appointment]:
    """Keeps times longer (or shorter), counted from `now`; `until` and `minutes` as in `hold_series`.

    Refuses with BookingRefused once one of them is no longer kept, for it may have been given away. Records
    `appointment.hold_extended` for each.
    """
    _may_hold(visits, by)
    with refusing_plainly(), writing():
        starts = [visit.period.lower for visit in visits]
        clinic = enter(clinic=visits[0].clinic, patient_id=visits[0].patient_id, starts=starts, now=now)
        rows = _still_kept(visits, now=now)
        ends = kept_until(clinic, until, minutes, min(starts), now=now)
        Appointment.objects.filter(pk__in=[row.pk for row in rows]).update(
            held_until=ends, row_version=F("row_version") + 1
        )
        entries = [Entry.of_visit("appointment.hold_extended", row, data={"until": ends.isoformat()}) for row in rows]
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
    return _read(visits)


def take_over_hold(
    *, visits: Sequence[Appointment], by: Actor, now: datetime, held_with: str = ""
) -> list[Appointment]:
    """Makes `by` the one who keeps these times; `held_with` says with whom from now on, where that changes.

    Refuses with BookingRefused once one of them is no longer kept. Records `appointment.hold_taken_over` with the
    person it was taken from, for each that someone else kept.
    """
    _may_hold(visits, by)
    with refusing_plainly(), writing():
        rows = [row for row in _still_kept(visits, now=now) if row.booked_by_id != by.staff_id]
        for row in rows:
            Appointment.objects.filter(pk=row.pk).update(
                booked_by=by.staff_id, held_with=held_with or row.held_with, row_version=F("row_version") + 1
            )
        entries = [
            Entry.of_visit("appointment.hold_taken_over", row, data={"from_user": row.booked_by_id}) for row in rows
        ]
        if entries:
            record(organisation_id=rows[0].organisation_id, entries=entries, by=by, now=now)
    return _read(visits)


def release_hold(*, visits: Sequence[Appointment], by: Actor, now: datetime) -> list[Appointment]:
    """Lets kept times go; those that went before stay so. Anybody who books may.

    Refuses with NotPossibleFromHere one that is booked by now, or is kept for a question (withdraw that instead).
    Records `appointment.released` for each.
    """
    _may_hold(visits, by)
    with refusing_plainly(), writing():
        let_go(visits, patient_id=visits[0].patient_id, by=by, now=now)
    return _read(visits)


def book_held(*, visits: Sequence[Appointment], by: Actor, now: datetime, key: str = "") -> list[Appointment]:
    """Books kept times, those of one option, all or none; what else is kept for the order is let go with them.

    They are checked again, since hours, people or the order may have changed. Times of a first option become the
    booking as they are; in place of a second option's, which only kept the time, new visits are booked. Refuses with
    BookingRefused. The same `key` again gives the same appointments. Records `appointment.booked` for each.
    """
    _may_hold(visits, by, verb="appointment.book")
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
        rows = _still_kept(visits, now=now)
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
    new = check_again(rows, starts, order=order, clinic=clinic, now=now)
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


def _may_hold(visits: Sequence[Appointment], by: Actor, *, verb: str = "appointment.hold") -> None:
    if not visits:
        raise BookingRefused([because("nothing_picked")])
    for visit in visits:
        permissions.check(by, verb, organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)


def _still_kept(visits: Sequence[Appointment], *, now: datetime) -> list[Appointment]:
    """The rows, locked, in order of time. Refuses with BookingRefused unless all are still kept, as one option."""
    locked = Appointment.objects.select_for_update(of=("self",)).select_related("clinic", "patient", "visit_type")
    rows = list(locked.filter(pk__in=[visit.pk for visit in visits]).order_by("pk"))
    if any(row.status != Status.HELD or row.held_until is None or row.held_until <= now for row in rows):
        raise BookingRefused([because("hold_over")])
    kinds = {(row.order_id, row.patient_id, row.clinic_id, row.kind == VisitKind.KEPT) for row in rows}
    if len(kinds) > 1 or rows[0].asked_for_id is not None or (rows[0].order_id is None and len(rows) > 1):
        raise BookingRefused([because("not_one_option")])
    return sorted(rows, key=lambda row: row.period.lower)


def _read(visits: Sequence[Appointment]) -> list[Appointment]:
    return list(Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).order_by("period"))
