"""What beat and wake-ups start. Everything due is found in the database; a task that never runs loses nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from notifications.dispatch import dispatch_due
from notifications.planning import plan_everyone, plan_waiting
from notifications.rescue import rescue_expired

# Well below the task's soft time limit (60 s), with room for one send that hangs.
WORK_FOR = timedelta(seconds=25)


@shared_task(name="notifications.tasks.sweep")
def sweep(**legacy: Any) -> None:
    """Plans waiting events, settles what workers left behind, sends what is due. Any number may run at once."""
    until = timezone.now() + WORK_FOR
    plan_waiting(now=timezone.now())
    rescue_expired(clock=timezone.now, until=until)
    dispatch_due(clock=timezone.now, until=until)


@shared_task(name="notifications.tasks.plan_everyone")
def plan_every_patient(**legacy: Any) -> None:
    """Plans every patient with a visit ahead: what the events missed, once a night."""
    plan_everyone(now=timezone.now())
