"""Workers that are killed at random, whole or only the process that does the work, and what they had in hand then."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from subprocess import Popen

from django.db import connection
from django.utils import timezone

from notifications.models import Attempt, Notice
from tests.faults.crowd import make_due
from tests.faults.outside import Outside, kill_hand, wait_until_working
from tests.programs import kill_group, wait_for

# Every so many kills a whole worker goes, which takes seconds to start anew; else the one process that works.
WHOLE_WORKER_EVERY = 8
STUCK_SECONDS = 90
LONGEST_PAUSE_SECONDS = 0.05
SESSIONS = """
SELECT application_name, array_agg(pid) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1
"""
STILL_THERE = "SELECT 1 FROM pg_stat_activity WHERE pid = ANY(%s)"
LEFT_OPEN = """
SELECT attempt_id FROM attempt_begun b WHERE session = ANY(%s)
AND NOT EXISTS (SELECT 1 FROM notifications_attemptoutcome o WHERE o.attempt_id = b.attempt_id)
"""


@dataclass
class Killer:
    """`cut_off`: for each kill the attempts that the dead one itself had begun and not recorded."""

    outside: Outside
    chance: random.Random
    programs: ExitStack
    workers: dict[str, Popen[bytes]] = field(default_factory=dict)
    started: int = 0
    whole: int = 0
    cut_off: list[set[int]] = field(default_factory=list)
    last_kill: datetime = field(default_factory=timezone.now)

    @property
    def kills(self) -> int:
        return len(self.cut_off)

    def start(self, workers: int) -> None:
        for _ in range(workers):
            self._start_one()
        for worker in self.workers.values():
            wait_until_working(worker)

    def kill(self, times: int, rows: Sequence[Notice]) -> None:
        """Makes these due in so many portions, and kills once in the middle of each: at a random point of the work, not
        of the clock, for a busy machine starts workers more slowly than the others send."""
        for portion in (rows[first::times] for first in range(times)):
            point = Attempt.objects.count() + self.chance.randint(1, len(portion))
            make_due(portion)
            wait_for(partial(self._has_begun, point), seconds=STUCK_SECONDS, every=0.005)
            time.sleep(self.chance.uniform(0, LONGEST_PAUSE_SECONDS))
            wait_for(self._kill_one, seconds=STUCK_SECONDS, every=0.005)

    def _has_begun(self, attempts: int) -> bool:
        return Attempt.objects.count() >= attempts

    def _kill_one(self) -> bool:
        """One of those at work; False where none is just now."""
        at_work = working()
        names = [name for name in self.workers if name in at_work]
        if not names:
            return False
        name = self.chance.choice(names)
        worker, sessions = self.workers[name], list[int]()

        def look() -> None:
            sessions[:] = working().get(name, [])

        if (self.kills + 1) % WHOLE_WORKER_EVERY == 0:
            del self.workers[name]
            os.killpg(worker.pid, signal.SIGSTOP)
            look()
            kill_group(worker)
            self._start_one()
            self.whole += 1
        elif not kill_hand(worker, look):
            return False
        self.last_kill = timezone.now()
        self.cut_off.append(left_open(sessions))
        return True

    def _start_one(self) -> None:
        self.started += 1
        name = f"worker {self.started}"
        worker: AbstractContextManager[Popen[bytes]] = self.outside.worker(name=name)
        self.workers[name] = self.programs.enter_context(worker)


def working() -> dict[str, list[int]]:
    """The database sessions of each worker that has any, by name."""
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS)
        return {str(name): list(sessions) for name, sessions in cursor.fetchall()}


def left_open(sessions: list[int]) -> set[int]:
    """The attempts begun in these sessions without an outcome, once the server has noticed that nobody is there: until
    then what was said last may still be committed."""
    wait_for(partial(_are_gone, sessions), seconds=STUCK_SECONDS, every=0.005)
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OPEN, [sessions])
        return {int(attempt) for (attempt,) in cursor.fetchall()}


def _are_gone(sessions: list[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(STILL_THERE, [sessions])
        return cursor.fetchone() is None
