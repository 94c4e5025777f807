"""Uses the checkout's servers: those that run already, or new ones that stay as long as someone uses them."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import IO

from config import env
from config.embedded.keeper import lock_file, taken
from config.embedded.places import ROOT, CannotStart, Places, tell_where

LEAVE_SECONDS = 30
# What stands in for a server of the checkout's own.
REPLACED_BY = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}


@dataclass(frozen=True)
class Use:
    """While this is open, the server called `name` runs. The kernel closes it with the process at the latest."""

    places: Places
    name: str
    in_use: IO[str]

    def leave(self) -> bool:
        """Stops using it. Returns True once the server has stopped, False when somebody else still uses it."""
        last = taken(self.in_use)
        self.in_use.close()
        if not last:
            return False
        until = time.monotonic() + LEAVE_SECONDS
        with lock_file(self.places, self.name, "keeper") as keeper:
            while not taken(keeper) and time.monotonic() < until:
                time.sleep(0.02)
        return True


def attach(places: Places, name: str) -> Use | None:
    """Returns when the server answers; None when the environment names another. Raises `CannotStart`."""
    if env.given(REPLACED_BY[name]):
        return None
    places.make()
    tell_where(places)
    in_use = lock_file(places, name, "in-use")
    # Waits here while a keeper that found nobody left is still stopping its server.
    fcntl.flock(in_use, fcntl.LOCK_SH)
    with lock_file(places, name, "start") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        if not has_keeper(places, name):
            begin_keeper(name)
    return Use(places, name, in_use)


def has_keeper(places: Places, name: str) -> bool:
    with lock_file(places, name, "keeper") as keeper:
        return not taken(keeper)


def begin_keeper(name: str) -> None:
    keeper = subprocess.Popen(
        [sys.executable, "-m", "config.embedded.keeper", name],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert keeper.stdout is not None  # noqa: S101 -- for the type checker
    said = keeper.stdout.readline().strip()
    keeper.stdout.close()
    if said != "ready":
        raise CannotStart(said or f"the program that keeps {name} ended without a word.")
