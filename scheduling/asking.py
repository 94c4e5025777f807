"""Asking for it: a wish that a rule stands against is put to the role that owns the rule, its times kept meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from scheduling import permissions
from scheduling.availability import snapshot
from scheduling.booking import sound_start
from scheduling.checking import check_series, check_visit
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.fresh_look import enter, enter_order, refusing_plainly
from scheduling.holding import write_held
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.locking import writing
from scheduling.models import AskedFor, AskState, Clinic, Order, Patient, Role, VisitType
from scheduling.options import options_of
from scheduling.overrides import OWNERS, REASON_LENGTH, Allowed
from scheduling.picks import BookingRefused, Pick, as_said, sound_picks
from scheduling.problems import because
from scheduling.visit_rows import Keeping, NewVisit

Check = Callable[[Sequence[Allowed]], Sequence[NewVisit]]
# How far the end of the clinic's next day is looked for.
LOOK_DAYS = 14


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
        asked = _ask(
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
        asked = _ask(
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


def open_questions(*, clinic: Clinic, role: Role) -> list[AskedFor]:
    """The questions that wait for this role at this clinic, the oldest first."""
    waiting = AskedFor.objects.filter(clinic=clinic, role=role, state=AskState.OPEN)
    return list(waiting.select_related("patient", "order", "visit_type", "asked_by").order_by("asked_at", "pk"))


def _ask(
    check: Check, asked: AskedFor, clinic: Clinic, first: datetime, reason: str, *, by: Actor, now: datetime
) -> AskedFor:
    asked.rules, asked.role = _whose_word(check)
    # Chairs and people are looked for as if it were allowed: what can't be had then is not asked for.
    visits = check([Allowed(rule, "asked") for rule in asked.rules])
    asked.organisation_id, asked.clinic, asked.reason = clinic.organisation_id, clinic, reason[:REASON_LENGTH]
    asked.asked_by_id, asked.asked_at = by.staff_id, now
    asked.save()
    until = min(_end_of_next_day(clinic, now), first)
    write_held(visits, clinic, Keeping(until, asked_for_id=asked.pk), by=by, now=now)
    entry = Entry(
        "question.asked",
        clinic_id=clinic.pk,
        order_id=asked.order_id,
        patient_id=asked.patient_id,
        reason=reason,
        data={"question": asked.pk, "rules": asked.rules, "role": asked.role},
    )
    record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return asked


def _whose_word(check: Check) -> tuple[list[str], Role]:
    """The rules in the way, and who owns them."""
    try:
        check(())
    except BookingRefused as refusal:
        problems = refusal.problems
    else:
        raise BookingRefused([because("nothing_to_ask")])
    if never := [problem for problem in problems if problem.rule not in OWNERS]:
        raise BookingRefused(never)
    roles = {OWNERS[problem.rule] for problem in problems}
    if len(roles) > 1:
        raise BookingRefused([because("two_owners")])
    return sorted({problem.rule for problem in problems}), roles.pop()


def _end_of_next_day(clinic: Clinic, now: datetime) -> datetime:
    """When the clinic closes on its next open day; a day from now where it is not open for long."""
    today = ClinicTime(clinic.time_zone).local_day(now)
    first = today + timedelta(days=1)
    opening = snapshot(clinic=clinic, first_day=first, last_day=first + timedelta(days=LOOK_DAYS), now=now).open
    ends = [hours[-1].end for _, hours in sorted(opening.items()) if hours]
    return ends[0] if ends else now + timedelta(days=1)
