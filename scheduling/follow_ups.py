"""What was ordered for after an infusion: calls, check-ins, reviews. They open by what was given."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduling.clinic_time import AmbiguousTime, ClinicTime, NonexistentTime
from scheduling.events import Entry
from scheduling.models import FollowUp, FollowUpKind, FollowUpState, Order


def open_follow_ups(order: Order, number: int, time_zone: str, *, now: datetime) -> list[Entry]:
    """Opens what was ordered for after this infusion, due so many clinic-local days after it was given."""
    waiting = FollowUp.objects.filter(order=order, after_number=number, state=FollowUpState.WAITING)
    clock = ClinicTime(time_zone)
    opened = []
    for follow_up in waiting.order_by("pk"):
        due = _days_later(clock, now, follow_up.offset_days)
        FollowUp.objects.filter(pk=follow_up.pk).update(state=FollowUpState.OPEN, opened_at=now, due_at=due)
        is_asked = follow_up.kind == FollowUpKind.CHECK_IN
        opened.append(Entry("follow_up.opened", order_id=order.pk, data={"follow_up": follow_up.pk}, tell=is_asked))
    return opened


def _days_later(clock: ClinicTime, instant: datetime, days: int) -> datetime:
    """The same wall time so many days later; where the clocks skip or double it, that many times 24 hours."""
    try:
        return clock.add_local_days(instant, days)
    except (NonexistentTime, AmbiguousTime):
        return instant + timedelta(days=days)
