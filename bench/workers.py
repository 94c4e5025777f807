"""A Celery worker as the software's own, for what is measured through one. It also knows the yardstick's task."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kombu import Queue

from bench.databases import Database
from config.celery import MESSAGES, app
from config.embedded.places import Places
from config.embedded.redis import Redis

# As many as the software's own worker has.
PROCESSES = 2
READY_SECONDS = 30


@contextmanager
def broker(places: Places) -> Iterator[None]:
    """The Redis that workers are woken by; gone afterwards."""
    redis = Redis(places)
    redis.start()
    try:
        yield
    finally:
        redis.stop()


@contextmanager
def worker(database: Database, sms_url: str) -> Iterator[None]:
    """A worker that is ready, with nothing queued; gone afterwards."""
    with app.connection_for_write() as connection:
        Queue(MESSAGES, channel=connection.channel()).purge()
    command = [
        *(str(Path(sys.executable).parent / "celery"), "--app", "config.celery", "--quiet", "worker"),
        *("--include", "bench.one_task_a_message,notifications.tasks", "--queues", MESSAGES),
        *("--concurrency", str(PROCESSES), "--loglevel", "ERROR"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
    environment = database.environment | {"SMS_URL": sms_url}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_ready()
            yield
        finally:
            process.terminate()


def _wait_until_ready() -> None:
    for _ in range(READY_SECONDS):
        if app.control.ping(timeout=1):
            return
    raise AssertionError(f"no worker after {READY_SECONDS} s")
