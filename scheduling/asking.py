"""Asking for it: a wish that a rule stands against is put to the role that owns the rule, its times kept meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from scheduling import permissions
from scheduling.booking import sound_start
from scheduling.checking import check_again, check_series, check_visit
from scheduling.events import Actor
from scheduling.fresh_look import enter, enter_order, refusing_plainly
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import Appointment, AskedFor, AskState, Clinic, Order, Patient, Role, VisitType
from scheduling.moving import enter_for, lock_booked
from scheduling.options import options_of
from scheduling.picks import BookingRefused, Pick, as_said, sound_picks
from scheduling.problems import because, out_of_time
from scheduling.questions import put_question


def ask_for(
    *,
    order: Order,
    clinic: Clinic,
    picks: Sequence[Pick],
    reason: str = "",
    by: Actor,
    now: datetime,
    key: str = "",
) -> AskedFor:
    """Asks the role that owns the rules in the way to let these infusions be booked; what is asked is found here.

    Their times are kept until the question is answered, at most until the end of the clinic's next day, and never past
    the first of them. Refuses with BookingRefused when nothing stands against them (`nothing_to_ask`), when something
    does that nobody may allow (a chair or nurse that isn't free, a time gone by: those problems), or when two roles
    would have to agree (`two_owners`). The same `key` again gives the same question. Records `question.asked` and
    `appointment.held`.
    """
    permissions.check(by, "question.ask", organisation_id=order.organisation_id, clinic_id=clinic.pk)
    sound = sound_picks(picks, now=now)
    request = {
        "verb": "ask_for", "order": order.pk, "clinic": clinic.pk, "picks": as_said(sound), "reason": reason,
    }  # fmt: skip
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return AskedFor.objects.get(pk=answer)
        order, clinic = enter_order(order=order, clinic=clinic, starts=[pick.start for pick in sound], now=now)
        beside = [visit.pk for option in options_of(order, now=now) for visit in option.visits]
        asked = put_question(
            lambda allow: check_series(
                order=order, clinic=clinic, picks=sound, now=now, beside=beside, allow=allow
            ),
            AskedFor(patient=order.patient, order=order, picks=[[p.number, p.start.isoformat()] for p in picks]),
            clinic,
            sound[0].start,
            reason,
            by=by,
            now=now,
        )  # fmt: skip
        keep_answer(by=by, key=key, answer=asked.pk)
    return asked


def ask_for_visit(
    *,
    patient: Patient,
    clinic: Clinic,
    visit_type: VisitType,
    start: datetime,
    reason: str = "",
    by: Actor,
    now: datetime,
    key: str = "",
) -> AskedFor:
    """As `ask_for`, for one visit that is no infusion."""
    permissions.check(by, "question.ask", organisation_id=patient.organisation_id, clinic_id=clinic.pk)
    start = sound_start(clinic, visit_type, start, now=now)
    request = {
        "verb": "ask_for_visit", "patient": patient.pk, "clinic": clinic.pk, "visit_type": visit_type.pk,
        "start": start.isoformat(), "reason": reason,
    }  # fmt: skip
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return AskedFor.objects.get(pk=answer)
        clinic = enter(clinic=clinic, patient_id=patient.pk, starts=[start], now=now)
        asked = put_question(
            lambda allow: [
                check_visit(
                    patient=patient, clinic=clinic, visit_type=visit_type, start=start, now=now, allow=allow
                )
            ],
            AskedFor(patient=patient, visit_type=visit_type, picks=[[None, start.isoformat()]]),
            clinic,
            start,
            reason,
            by=by,
            now=now,
        )  # fmt: skip
        keep_answer(by=by, key=key, answer=asked.pk)
    return asked


def ask_to_move(
    *,
    appointment: Appointment,
    start: datetime,
    reason: str = "",
    by: Actor,
    now: datetime,
    row_version: int | None = None,
    key: str = "",
) -> AskedFor:
    """As `ask_for`, to move one booked visit to another start. It stays where it is until that is allowed.

    Refuses also with ChangedMeanwhile and NotPossibleFromHere, as `moving.move` does.
    """
    permissions.check(by, "question.ask", organisation_id=appointment.organisation_id, clinic_id=appointment.clinic_id)
    if wrong := out_of_time(start, now=now):
        raise BookingRefused([because(wrong, appointment.dose_number)])
    start = start.astimezone(UTC)
    request = {"verb": "ask_to_move", "visit": appointment.pk, "start": start.isoformat(), "reason": reason}
    with refusing_plainly(), writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return AskedFor.objects.get(pk=answer)
        order, clinic = enter_for(appointment, start, now=now)
        visit = lock_booked(appointment.pk, row_version)
        asked = put_question(
            lambda allow: check_again([visit], [start], order=order, clinic=clinic, now=now, allow=allow, beside=True),
            AskedFor(
                patient=visit.patient,
                order=order,
                visit_type=None if order else visit.visit_type,
                picks=[[visit.dose_number, start.isoformat(), visit.pk]],
            ),
            clinic,
            start,
            reason,
            by=by,
            now=now,
        )
        keep_answer(by=by, key=key, answer=asked.pk)
    return asked


def open_questions(*, clinic: Clinic, role: Role) -> list[AskedFor]:
    """The questions that wait for this role at this clinic, the oldest first."""
    waiting = AskedFor.objects.filter(clinic=clinic, role=role, state=AskState.OPEN)
    return list(waiting.select_related("patient", "order", "visit_type", "asked_by").order_by("asked_at", "pk"))
