"""Sending in the test's own process, where a guard can be taken out and a clock put forward."""

from __future__ import annotations

from datetime import timedelta

from django.db import connections
from django.utils import timezone

from notifications.dispatch import dispatch_due
from notifications.models import Notice
from notifications.planning import plan_waiting
from scheduling.models import EventToPlan
from tests.programs import wait_for


def send_for(seconds: float, *, later: timedelta = timedelta(0)) -> int:
    """Sends what is due, for so long, by a clock that is so much `later`; gives how many messages were tried."""
    try:
        return dispatch_due(
            clock=lambda: timezone.now() + later, until=timezone.now() + later + timedelta(seconds=seconds)
        )
    finally:
        connections.close_all()


def finish(*, later: timedelta = timedelta(0)) -> None:
    """Plans and sends what changes call for, until nothing is due."""
    plan_all()
    wait_for(
        lambda: send_for(10, later=later) == 0 and not Notice.objects.due(timezone.now() + later).exists(), seconds=180
    )


def plan_all() -> None:
    """Plans until no event waits."""
    while EventToPlan.objects.exists():
        plan_waiting(now=timezone.now())
