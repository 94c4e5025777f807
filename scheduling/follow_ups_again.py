"""What a start opened, when the start is taken back: it waits for the start again."""

from __future__ import annotations

from scheduling.events import Entry
from scheduling.models import FollowUp, FollowUpKind, FollowUpState, Order


def wait_again(order: Order, number: int) -> list[Entry]:
    """What is open after this infusion and was not done waits again, in a verb's transaction; gives the events."""
    opened = FollowUp.objects.filter(order=order, after_number=number, state=FollowUpState.OPEN)
    entries = []
    for follow_up in opened.order_by("pk"):
        FollowUp.objects.filter(pk=follow_up.pk).update(
            state=FollowUpState.WAITING, opened_at=None, due_at=None, snoozed_until=None, taken_by=None
        )
        is_asked = follow_up.kind == FollowUpKind.CHECK_IN
        data = {"follow_up": follow_up.pk}
        entries.append(
            Entry("follow_up.waits_again", order_id=order.pk, patient_id=order.patient_id, data=data, tell=is_asked)
        )
    return entries
