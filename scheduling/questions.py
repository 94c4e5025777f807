"""A question as it is put: which rules are in the way, whose they are, and its times kept meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from scheduling.availability import snapshot
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.holding import write_held
from scheduling.models import AskedFor, Clinic, Role
from scheduling.overrides import OWNERS, REASON_LENGTH, Allowed
from scheduling.picks import BookingRefused
from scheduling.problems import because
from scheduling.visit_rows import Keeping, NewVisit

Check = Callable[[Sequence[Allowed]], Sequence[NewVisit]]
# How far the end of the clinic's next day is looked for.
LOOK_DAYS = 14


def put_question(
    check: Check, asked: AskedFor, clinic: Clinic, first: datetime, reason: str, *, by: Actor, now: datetime
) -> AskedFor:
    """Writes the question `asked`, unsaved as yet, and keeps its times; `check` gives the visits to write for it, or
    refuses, with some rules allowed. Refuses with BookingRefused as `asking.ask_for` does. Call it under `lock_for`.
    """
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
