"""What beat and wake-ups start. Everything due is found in the database; a task that never runs loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from notifications.by_night import ask_to_call_by_night
from notifications.conservation import count_all, go_on_looking, last_look
from notifications.dispatch import dispatch_due
from notifications.inbound import act_on_waiting
from notifications.lapsed_calls import settle_what_lapsed
from notifications.models import Notice
from notifications.planning import plan_everyone, plan_waiting
from notifications.rescue import free_left_behind, rescue_expired
from notifications.review_alerts import alert_about_reviews
from notifications.staff_alerts import send_due_alerts
from notifications.taken_alerts import remind_who_took
from notifications.task_alerts import count_unraised, raise_missing
from notifications.unconfirmed import ask_about_unconfirmed
from notifications.unsent import ask_to_call_about_unsent
from notifications.wake_up import wake_worker
from scheduling.events import Actor

log = logging.getLogger(__name__)
# Together below the task's soft time limit (60 s), with room for sends (20 s) and a look-up (15 s) that hang: where
# planning took long, the last look-up begins so long after the sweep at most.
PLAN_FOR = timedelta(seconds=8)
LAST_LOOK_UP = timedelta(seconds=43)
SEND_FOR = timedelta(seconds=15)
RESCUE_FOR = timedelta(seconds=8)
ALERT_FOR = timedelta(seconds=30)
LOOK_FOR = timedelta(seconds=5)
EVERYONE_EVERY, EVERYONE_FOR = timedelta(hours=6), timedelta(seconds=45)
# From so many due on, a second process helps to send them.
PLENTY = 100
BY = Actor.system("messages")


def past(end: datetime) -> Callable[[], bool]:
    """Whether the clock is past `end`."""
    return lambda: timezone.now() >= end


@shared_task(name="notifications.tasks.sweep")
def sweep(**legacy: Any) -> None:
    """Plans waiting events, sends what is due, settles what workers left behind, asks for calls where that failed.

    Any number may run at once.
    """
    began = timezone.now()
    plan_waiting(now=began, time_is_up=past(began + PLAN_FOR))
    # What a killed worker had only claimed goes out in this very sweep.
    free_left_behind(now=timezone.now())
    # One process can't keep a quick gateway busy. (Each sweep rings once, so the queue never holds more than one more.)
    if Notice.objects.due(timezone.now())[PLENTY : PLENTY + 1].exists():
        wake_worker()
    # Sending before asking: look-ups at a provider that hangs must not take the time of what has nothing to do with it.
    dispatch_due(clock=timezone.now, until=timezone.now() + SEND_FOR)
    if rescue_expired(clock=timezone.now, until=min(timezone.now() + RESCUE_FOR, began + LAST_LOOK_UP)):
        # What the provider never had may go again at once.
        wake_worker()
    settle_what_lapsed(clinic=None, by=BY, now=timezone.now())
    ask_to_call_about_unsent(by=BY, now=timezone.now())
    ask_to_call_by_night(by=BY, now=timezone.now())
    ask_about_unconfirmed(by=BY, now=timezone.now())


@shared_task(name="notifications.tasks.count_notices")
def count_notices(**legacy: Any) -> None:
    """Looks each minute whether every message is somewhere; what is wrong is logged as an error, by number."""
    now = timezone.now()
    go_on_looking(now=now, time_is_up=past(now + LOOK_FOR))
    if faults := count_all(now=now).faults() | last_look(now=now).faults() | count_unraised(now=now):
        log.error("messages are not where they should be: %s", faults)


@shared_task(name="notifications.tasks.plan_everyone")
def plan_every_patient(**legacy: Any) -> None:
    """Plans every patient with a visit ahead, for what the events missed: every six hours, in parts where it takes."""
    now = timezone.now()
    plan_everyone(now=now, every=EVERYONE_EVERY, time_is_up=past(now + EVERYONE_FOR))


@shared_task(name="notifications.tasks.answer")
def answer(**legacy: Any) -> None:
    """Acts on replies whose first try failed, raises the alerts that are missing, alerts the clinicians on duty, and
    reminds those who took something urgent and did not close it."""
    act_on_waiting(now=timezone.now())
    raise_missing(now=timezone.now())
    send_due_alerts(clock=timezone.now, until=timezone.now() + ALERT_FOR)
    remind_who_took(clock=timezone.now, until=timezone.now() + ALERT_FOR)


@shared_task(name="notifications.tasks.alert_prescribers")
def alert_prescribers(**legacy: Any) -> None:
    """Alerts who is to decide a review today or was to: once a day each."""
    alert_about_reviews(clock=timezone.now, until=timezone.now() + ALERT_FOR)
