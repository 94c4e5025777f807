"""Answering what was asked for: allowed and booked in one step, refused, or taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduling import permissions
from scheduling.booking import write_again, write_booked
from scheduling.checking import check_again, check_series, check_visit
from scheduling.claim_rows import resources_of
from scheduling.events import Actor, Entry, record
from scheduling.fresh_look import enter, enter_order, refusing_plainly
from scheduling.holds import let_go
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import lock_patients, writing
from scheduling.models import Appointment, AskedFor, AskState, Clinic, Order, Patient
from scheduling.moving import lock_booked
from scheduling.options import options_of
from scheduling.overrides import REASON_LENGTH, Allowed, check_allowed
from scheduling.picks import BookingRefused, Pick, pick_of
from scheduling.problems import because
from scheduling.visit_rows import NewVisit


def allow(*, asked: AskedFor, reason: str, by: Actor, now: datetime, key: str = "") -> list[Appointment]:
    """Allows what was asked and books or moves it in the same transaction; what else is kept for the order is let go.

    All is checked again but for the rules that were asked about. Refuses with NotAllowed unless `by` has the role that
    was asked; with BookingRefused when it was answered before, when no reason is given, or when something else is in
    the way by now; with NotPossibleFromHere when the visit to move is no longer booked (the question then stays open).
    The same `key` again gives the same appointments. Records `question.allowed`, `appointment.booked` or
    `appointment.moved`, and `appointment.rule_allowed`.
    """
    allowed = [Allowed(rule, reason) for rule in asked.rules]
    _check_answers(asked, by)
    check_allowed(allowed, by)
    request = {"verb": "allow", "question": asked.pk, "reason": reason}
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return list(Appointment.objects.filter(pk__in=answer).order_by("period"))
        starts = [datetime.fromisoformat(start) for _, start, *_ in asked.picks]
        if asked.order is None:
            clinic = enter(clinic=asked.clinic, patient_id=asked.patient_id, starts=starts, now=now)
            order = None
        else:
            order, clinic = enter_order(order=asked.order, clinic=asked.clinic, starts=starts, now=now)
        _close(asked, AskState.ALLOWED, reason, by=by, now=now)
        if len(asked.picks[0]) > 2:
            booked = _moved(asked, order, clinic, starts[0], allowed, by=by, now=now)
        else:
            visits = _checked(asked, order, clinic, allowed, by=by, now=now)
            booked = write_booked(visits, clinic=clinic, allow=allowed, by=by, now=now)
        keep_answer(by=by, key=key, answer=[visit.pk for visit in booked])
    return booked


def refuse(*, asked: AskedFor, reason: str, by: Actor, now: datetime) -> AskedFor:
    """Refuses what was asked; its times are let go. Refuses as `allow` does. Records `question.refused`."""
    _check_answers(asked, by)
    if not reason.strip():
        raise BookingRefused([because("reason_needed")])
    return _end(asked, AskState.REFUSED, reason, by=by, now=now)


def withdraw(*, asked: AskedFor, by: Actor, now: datetime) -> AskedFor:
    """Takes the question back; its times are let go. Refuses with BookingRefused when it was answered before. Records
    `question.withdrawn`."""
    permissions.check(by, "question.withdraw", organisation_id=asked.organisation_id, clinic_id=asked.clinic_id)
    return _end(asked, AskState.WITHDRAWN, "", by=by, now=now)


def _check_answers(asked: AskedFor, by: Actor) -> None:
    permissions.check(by, "question.answer", organisation_id=asked.organisation_id, clinic_id=asked.clinic_id)
    if asked.role not in by.roles:
        raise permissions.NotAllowed("question.answer")


def _end(asked: AskedFor, state: AskState, reason: str, *, by: Actor, now: datetime) -> AskedFor:
    with refusing_plainly(), writing():
        # Like whoever allows it, before any row: that verb lets kept times go first, this one last.
        lock_patients(asked.patient_id)
        _close(asked, state, reason, by=by, now=now)
        let_go(_kept(asked), patient_id=asked.patient_id, asked_for_id=asked.pk, by=by, now=now)
    asked.refresh_from_db()
    return asked


def _close(asked: AskedFor, state: AskState, reason: str, *, by: Actor, now: datetime) -> None:
    """Answers it, once: of two who answer at the same time the second finds it answered."""
    closed = AskedFor.objects.filter(pk=asked.pk, state=AskState.OPEN).update(
        state=state, answered_by=by.staff_id, answered_at=now, answer_reason=reason[:REASON_LENGTH]
    )
    if not closed:
        raise BookingRefused([because("answered")])
    entry = Entry(
        f"question.{state}",
        clinic_id=asked.clinic_id,
        order_id=asked.order_id,
        patient_id=asked.patient_id,
        reason=reason,
        data={"question": asked.pk},
    )
    record(organisation_id=asked.organisation_id, entries=[entry], by=by, now=now)


def _kept(asked: AskedFor) -> list[Appointment]:
    return list(Appointment.objects.filter(asked_for=asked, live=True).order_by("pk"))


def _moved(
    asked: AskedFor,
    order: Order | None,
    clinic: Clinic,
    start: datetime,
    allowed: Sequence[Allowed],
    *,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """The visit that was to move, at its new start."""
    visit = lock_booked(asked.picks[0][2], None)
    let_go(_kept(asked), patient_id=asked.patient_id, asked_for_id=asked.pk, by=by, now=now)
    new = check_again([visit], [start], order=order, clinic=clinic, now=now, allow=allowed)
    return write_again([visit], new, verb="appointment.moved", allow=allowed, by=by, now=now)


def _checked(
    asked: AskedFor, order: Order | None, clinic: Clinic, allowed: Sequence[Allowed], *, by: Actor, now: datetime
) -> list[NewVisit]:
    """The visits that were asked for, with the chairs and people that were kept for them where these are free."""
    kept = _kept(asked)
    had = resources_of(kept)
    starts = [(number, datetime.fromisoformat(start)) for number, start in asked.picks]
    let_go(kept, patient_id=asked.patient_id, asked_for_id=asked.pk, by=by, now=now)
    if order is None:
        if asked.visit_type is None:
            raise BookingRefused([because("not_offered")])
        visit = check_visit(
            patient=Patient.objects.get(pk=asked.patient_id),
            clinic=clinic,
            visit_type=asked.visit_type,
            start=starts[0][1],
            now=now,
            keep=frozenset().union(*had.values()),
            allow=allowed,
        )
        return [visit]
    others = [visit for option in options_of(order, now=now) for visit in option.visits]
    let_go(others, patient_id=order.patient_id, by=by, now=now)
    return check_series(
        order=order,
        clinic=clinic,
        picks=[Pick(number, start) for number, start in starts],
        now=now,
        keep={pick_of(row): had.get(row.pk, frozenset()) for row in kept},
        allow=allowed,
    )
