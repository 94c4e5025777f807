"""Workers that are killed at random, whole or only the process that does the work, and what they had in hand then."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from subprocess import Popen

from django.utils import timezone

from notifications.models import Attempt
from tests.faults.outside import Outside, kill_hand, wait_until_working
from tests.programs import kill_group, wait_for

# Every so many kills a whole worker goes, which takes seconds to start anew; else the one process that works.
WHOLE_WORKER_EVERY = 8
STUCK_SECONDS = 90
LONGEST_PAUSE_SECONDS = 0.1


@dataclass
class Killer:
    """`in_hand`: the attempts that were open, anybody's, when a worker died."""

    outside: Outside
    chance: random.Random
    programs: ExitStack
    workers: list[Popen[bytes]] = field(default_factory=list)
    kills: int = 0
    whole: int = 0
    in_hand: set[int] = field(default_factory=set)
    last_kill: datetime = field(default_factory=timezone.now)

    def start(self, workers: int) -> None:
        for _ in range(workers):
            self._start_one()
        for worker in self.workers:
            wait_until_working(worker)

    def kill(self, times: int, *, messages: int) -> None:
        """Kills so many times while the first try of so many messages is made: at random points of the work, not of
        the clock, so that there is work under way."""
        points = sorted(self.chance.randrange(messages) for _ in range(times))
        for point in points:
            wait_for(partial(self._has_begun, point), seconds=STUCK_SECONDS, every=0.02)
            time.sleep(self.chance.uniform(0, LONGEST_PAUSE_SECONDS))
            wait_for(self._kill_one, seconds=STUCK_SECONDS, every=0.02)

    def _has_begun(self, attempts: int) -> bool:
        return Attempt.objects.count() >= attempts

    def _kill_one(self) -> bool:
        index = self.chance.randrange(len(self.workers))
        if (self.kills + 1) % WHOLE_WORKER_EVERY == 0:
            worker = self.workers.pop(index)
            os.killpg(worker.pid, signal.SIGSTOP)
            self._look()
            kill_group(worker)
            self._start_one()
            self.whole += 1
        elif not kill_hand(self.workers[index], self._look):
            return False
        self.kills += 1
        self.last_kill = timezone.now()
        return True

    def _look(self) -> None:
        self.in_hand.update(Attempt.objects.filter(outcomes=None).values_list("pk", flat=True))

    def _start_one(self) -> None:
        worker: AbstractContextManager[Popen[bytes]] = self.outside.worker()
        self.workers.append(self.programs.enter_context(worker))
