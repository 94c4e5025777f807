"""What follows infusions at the demo clinic: calls made and due, one in vain, and a patient who wants to come again."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from scheduling.as_needed import as_needed_of, reasons_against
from scheduling.clinician_tasks import open_tasks
from scheduling.follow_up_work import record_follow_up_try
from scheduling.follow_ups_due import follow_ups_due
from scheduling.models import CallOutcome, FollowUpKind, TaskKind
from scheduling.wishes import pass_on_wish
from web.demo.stage import Stage

# Older calls were made; the youngest of them was tried in vain.
MADE_BEFORE: Final = timedelta(days=2)
WISH: Final = "It helped. Could I come once more before my sister's wedding?"


def tell_afterwards(stage: Stage) -> None:
    """Makes sure of calls to make and a wish to answer; what nobody dealt with is still there."""
    due = [
        one
        for one in follow_ups_due(clinic=stage.clinic, until=stage.now)
        if one.follow_up.kind == FollowUpKind.CALL and one.due_at < stage.now - MADE_BEFORE and not one.tries
    ]
    for index, one in enumerate(due):
        outcome = CallOutcome.NO_ANSWER if index == len(due) - 1 else CallOutcome.SPOKE
        record_follow_up_try(
            follow_up=one.follow_up,
            outcome=outcome,
            clinic=stage.clinic,
            by=stage.nurse,
            now=one.due_at + timedelta(hours=1),
        )
    if due and not open_tasks(clinics=[stage.clinic]).filter(kind=TaskKind.WISH).exists():
        orders = [one.follow_up.order for one in due]
        # Of a series after which a single infusion may be ordered, so that the wish can be answered with one.
        order = next((one for one in orders if as_needed_of(one) and not reasons_against(one)), orders[0])
        pass_on_wish(
            patient=order.patient, clinic=stage.clinic, order=order, words=WISH, by=stage.desk, now=stage.ago(days=0.5)
        )
