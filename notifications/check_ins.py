"""When a patient is asked how they are after a visit, as it was ordered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from notifications.notice_facts import Draft, PatientFacts, Purpose, Reachable

# A long weekend without anybody on duty passes; later an answer no longer tells what the prescriber wanted to know.
ASK_WITHIN = timedelta(days=4)


def find_check_ins(facts: PatientFacts, addresses: Sequence[Reachable]) -> Iterator[Draft]:
    """One question a check-in, to one address."""
    address = next(iter(sorted(addresses, key=lambda one: not one.preferred)), None)
    if address is None:
        return
    asked = {(one.visit_id, one.step) for one in facts.told if one.purpose is Purpose.CHECK_IN}
    for check_in in facts.check_ins:
        step = f"day{check_in.day}"
        if (check_in.visit.id, step) not in asked:
            until = check_in.due_at + ASK_WITHIN
            yield Draft(check_in.visit, Purpose.CHECK_IN, step, address, check_in.due_at, until, shifts=check_in.shifts)
