"""The Celery application. Redis only wakes the worker: all due work stands in PostgreSQL and a sweep finds it."""

from __future__ import annotations

import os
import warnings
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]  # missing in its stubs
from django.conf import settings
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

MESSAGES = "messages"
UPKEEP = "upkeep"
QUEUES = (MESSAGES, UPKEEP)


def every(period: timedelta, task: str) -> dict[str, Any]:
    """One line of the beat schedule. It expires with its period: a worker that was away has nothing to catch up."""
    return {"task": task, "schedule": period, "options": {"expires": period.total_seconds()}}


BEAT_SCHEDULE = {
    "send what is due": every(timedelta(seconds=10), "notifications.tasks.sweep"),
    "count messages": every(timedelta(minutes=1), "notifications.tasks.count_notices"),
    "answer and alert": every(timedelta(seconds=20), "notifications.tasks.answer"),
    "plan everyone anew": every(timedelta(minutes=5), "notifications.tasks.plan_everyone"),
    "end orders past their last day": every(timedelta(minutes=10), "scheduling.tasks.expire_orders"),
    "seal events": every(timedelta(minutes=1), "scheduling.tasks.seal_events"),
    "alert prescribers": every(timedelta(minutes=5), "notifications.tasks.alert_prescribers"),
    # Each sheet is written when it is an hour old: a beat that starts anew has forgotten when it last was.
    "downtime sheets": every(timedelta(minutes=5), "web.tasks.write_downtime_sheets"),
    "reviews past their day": every(timedelta(minutes=5), "scheduling.tasks.reach_review_limits"),
}


def broker_url(redis_url: str) -> str:
    """Kombu's spelling of a Redis URL: it calls a Unix socket redis+socket."""
    return redis_url.replace("unix://", "redis+socket://", 1)


if settings.EMBEDDED:
    # Root may try the demo; its worker takes no pickled tasks, which is what the warning is about.
    warnings.simplefilter("ignore", SecurityWarning)
# A wake-up that was fetched and not begun is not given back when Redis goes: kombu 5.7 asks a connection that it let go
# already, and the worker would end in an AttributeError. The next sweep comes in seconds.
Channel.do_restore = False
app = Celery("infusion_desk")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    timezone="UTC",
    enable_utc=True,
    task_routes={"notifications.*": {"queue": MESSAGES}, "scheduling.*": {"queue": UPKEEP}},
    task_default_queue=UPKEEP,
    accept_content=["json"],
    beat_schedule=BEAT_SCHEDULE,
    task_ignore_result=True,
    # A task is acknowledged before it runs: it is only a wake-up, and the next one comes in seconds. Acknowledging late
    # makes kombu 5.7's worker end in an AttributeError when Redis goes while a task runs.
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    # Both stay below visibility_timeout, or a slow task runs twice at once.
    task_soft_time_limit=60,
    task_time_limit=90,
    broker_transport_options={
        "visibility_timeout": 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
    },
    task_publish_retry=False,
    broker_pool_acquire_timeout=5,
    broker_connection_retry_on_startup=True,
    # Celery gives up after 100 tries by default; a clinic's worker never does.
    broker_connection_max_retries=None,
    worker_soft_shutdown_timeout=20,
    worker_max_tasks_per_child=500,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
)
app.autodiscover_tasks()
