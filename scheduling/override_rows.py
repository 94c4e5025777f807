"""The rows of what was allowed: which visit breaks which rule, by whose word and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduling.events import Actor, Entry
from scheduling.models import Appointment, Override
from scheduling.overrides import REASON_LENGTH, Allowed
from scheduling.visit_rows import NewVisit


def write_overrides(
    appointments: Sequence[Appointment],
    visits: Sequence[NewVisit],
    allow: Sequence[Allowed],
    *,
    by: Actor,
    now: datetime,
) -> list[Entry]:
    """Keeps by whose word each visit breaks which rule; gives the events to record, `appointment.rule_allowed`."""
    reasons = {one.rule: one.reason.strip() for one in allow}
    pairs = [(row, rule) for row, visit in zip(appointments, visits, strict=True) for rule in visit.overruled]
    if pairs:
        Override.objects.bulk_create(
            Override(
                appointment=row,
                rule=rule,
                allowed_by_id=by.staff_id,
                allowed_at=now,
                reason=reasons[rule][:REASON_LENGTH],
            )
            for row, rule in pairs
        )
    return [
        Entry.of_visit("appointment.rule_allowed", row, reason=reasons[rule], data={"rule": rule})
        for row, rule in pairs
    ]
