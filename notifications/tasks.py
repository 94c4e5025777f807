"""What beat and wake-ups start. Everything due is found in the database; a task that never runs loses nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from notifications.calls import settle_what_lapsed
from notifications.dispatch import dispatch_due
from notifications.planning import plan_everyone, plan_waiting
from notifications.rescue import rescue_expired
from notifications.unsent import ask_to_call_about_unsent
from scheduling.events import Actor

# Together below the task's soft time limit (60 s), with room for one send (20 s) and one look-up (15 s) that hang.
SEND_FOR = timedelta(seconds=15)
RESCUE_FOR = timedelta(seconds=8)
BY = Actor.system("messages")


@shared_task(name="notifications.tasks.sweep")
def sweep(**legacy: Any) -> None:
    """Plans waiting events, sends what is due, settles what workers left behind, asks for calls where that failed.

    Any number may run at once.
    """
    plan_waiting(now=timezone.now())
    # Sending first: look-ups at a provider that hangs must not take the time of what it has nothing to do with.
    dispatch_due(clock=timezone.now, until=timezone.now() + SEND_FOR)
    rescue_expired(clock=timezone.now, until=timezone.now() + RESCUE_FOR)
    settle_what_lapsed(clinic=None, by=BY, now=timezone.now())
    ask_to_call_about_unsent(by=BY, now=timezone.now())


@shared_task(name="notifications.tasks.plan_everyone")
def plan_every_patient(**legacy: Any) -> None:
    """Plans every patient with a visit ahead: what the events missed, once a night."""
    plan_everyone(now=timezone.now())
