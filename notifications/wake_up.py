"""Tells a worker that something may be due, without anyone waiting for the broker: frozen or gone, it costs nothing."""

from __future__ import annotations

import logging
import os
import threading

from celery import current_app

log = logging.getLogger(__name__)
EXPIRES_SECONDS = 60


class _Bell:
    """Rung from any thread; one thread of its own, made on the first ring of a process, talks to the broker."""

    def __init__(self) -> None:
        self.rung = threading.Event()
        self.lock = threading.Lock()
        self.process = 0

    def ring(self) -> None:
        self.rung.set()
        with self.lock:
            # A thread does not survive a fork, so a forked worker starts its own.
            if self.process != os.getpid():
                self.process = os.getpid()
                threading.Thread(target=self._listen, name="wake-up", daemon=True).start()

    def _listen(self) -> None:
        while True:
            self.rung.wait()
            self.rung.clear()
            try:
                current_app.send_task("notifications.tasks.sweep", queue="messages", expires=EXPIRES_SECONDS)
            except Exception as problem:  # noqa: BLE001 -- whatever the broker does, the sweep finds the work
                log.info("no wake-up, the sweep will find it: %s", type(problem).__name__)


_bell = _Bell()


def wake_worker() -> None:
    """Asks for a sweep soon. Returns at once, whatever the broker does; many calls become one."""
    _bell.ring()
