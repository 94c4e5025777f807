"""Workers that are killed at random, whole or only the process that does the work, and what they had in hand then."""

from __future__ import annotations

import random
import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from subprocess import Popen

from django.utils import timezone

from notifications.models import Attempt
from tests.faults.outside import Outside, kill_hand, wait_until_working
from tests.programs import kill_group

# Every so many kills a whole worker goes, which takes seconds to start anew; else the one process that works.
WHOLE_WORKER_EVERY = 8


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

    def kill(self, times: int, *, over_seconds: float) -> None:
        """Kills so many times at random moments in that time, or a little longer where there is nobody to kill."""
        began = time.monotonic()
        for moment in sorted(self.chance.uniform(0, over_seconds) for _ in range(times)):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            while not self._kill_one():
                time.sleep(0.05)

    def _kill_one(self) -> bool:
        index = self.chance.randrange(len(self.workers))
        if (self.kills + 1) % WHOLE_WORKER_EVERY == 0:
            self._look()
            kill_group(self.workers.pop(index))
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
