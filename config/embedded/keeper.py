"""Keeps one embedded server going while any command of this checkout uses it, then stops it and ends.

A user holds a shared lock on the server's in-use file; the kernel lets go of it however that user ends. When the keeper
gets the lock for itself, nobody is left. The keeper's own death takes the server along (children.start).
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from typing import IO

from config.embedded.places import CannotStart, Places, of_checkout
from config.embedded.postgres import Postgres
from config.embedded.redis import Redis

SERVERS = {"postgres": Postgres, "redis": Redis}
LOOK_EVERY_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 30


def main(name: str) -> int:
    """Says `ready` or one sentence on standard output, then works silently."""
    # Ctrl-C and a closing terminal are for the users of the server; the keeper goes by the lock alone.
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.umask(0o022)
    places = of_checkout()
    server = SERVERS[name](places)
    with lock_file(places, name, "keeper") as own, lock_file(places, name, "in-use") as in_use:
        fcntl.flock(own, fcntl.LOCK_EX)
        try:
            server.start()
        except (CannotStart, OSError) as problem:
            server.stop()
            print(sentence(problem), flush=True)
            return 1
        print("ready", flush=True)
        try:
            keep(server, in_use)
        finally:
            server.stop()
    return 0


def keep(server: Postgres | Redis, in_use: IO[str]) -> None:
    """Returns when nobody uses the server. One that dies is started again, after pauses that grow."""
    pause, not_before = 1.0, 0.0
    while not taken(in_use):
        runs = server.process is not None and server.process.poll() is None
        if runs or time.monotonic() < not_before:
            time.sleep(LOOK_EVERY_SECONDS)
        else:
            not_before = time.monotonic() + pause
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            try:
                server.start()
            except (CannotStart, OSError):
                server.stop()


def sentence(problem: Exception) -> str:
    if not isinstance(problem, OSError):
        return str(problem)
    # Copying many files reports a list of failures and no single reason.
    return (
        f"{problem.strerror or 'files could not be copied (is the disk full?)'}: {problem.filename or 'data folder'}."
    )


def taken(in_use: IO[str]) -> bool:
    try:
        fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_file(places: Places, name: str, purpose: str) -> IO[str]:
    return (places.data / f"{name}.{purpose}.lock").open("a")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
