"""The one hook: when events were committed that someone outside may have to hear of, alert, plan and wake a worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from notifications.planning import plan_after_commit
from notifications.task_alerts import raise_after_commit
from notifications.wake_up import wake_worker


def plan_committed_events(*, event_ids: Sequence[int], **_: Any) -> None:
    """Receives `scheduling.events.events_committed`. Raises nothing: the sweep finds what fails here."""
    now = timezone.now()
    raise_after_commit(event_ids=event_ids, now=now)
    plan_after_commit(event_ids=event_ids, now=now)
    wake_worker()
