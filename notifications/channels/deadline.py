"""A hard limit on a whole conversation: socket timeouts count from the last byte, which a dripping server outlasts."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

LOOK_EVERY_SECONDS = 0.1


class TimeIsUp(TimeoutError):
    """The limit on the whole conversation has passed."""


class Limit:
    """When a conversation has to be over, by a clock that nobody sets."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds

    def check(self) -> None:
        """Refuses with TimeIsUp once the limit has passed: what was not handed over by now never is."""
        if time.monotonic() >= self.ends:
            raise TimeIsUp


class _Watch:
    """The limits that run in this process, and one thread that cuts off whoever is past theirs: a thread a conversation
    would cost more than the conversation."""

    def __init__(self) -> None:
        self.running: dict[Limit, Callable[[], socket.socket | None]] = {}
        self.lock = threading.Lock()
        self.any_runs = threading.Event()
        self.process = 0

    def add(self, limit: Limit, find_socket: Callable[[], socket.socket | None]) -> None:
        with self.lock:
            self.running[limit] = find_socket
            # A thread does not survive a fork, so a forked worker starts its own.
            if self.process != os.getpid():
                self.process = os.getpid()
                threading.Thread(target=self._look, name="time limits", daemon=True).start()
        self.any_runs.set()

    def remove(self, limit: Limit) -> None:
        with self.lock:
            del self.running[limit]

    def _look(self) -> None:
        while self.any_runs.wait():
            time.sleep(LOOK_EVERY_SECONDS)
            now = time.monotonic()
            with self.lock:
                late = [find_socket for limit, find_socket in self.running.items() if now >= limit.ends]
                if not self.running:
                    self.any_runs.clear()
            # Again and again, for a socket that only comes into being after the time is up.
            for find_socket in late:
                _cut(find_socket())


def _cut(sock: socket.socket | None) -> None:
    if sock is not None:
        with suppress(OSError):
            # Not SSLSocket's own method, which pulls the TLS layer away under the thread that reads.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


_watch = _Watch()


@contextmanager
def closes_after(seconds: float, find_socket: Callable[[], socket.socket | None]) -> Iterator[Limit]:
    """Shuts the socket that `find_socket` gives once the time is up; whoever waits on it gets an error or an end.

    No name look-up, connect or TLS handshake can be cut short, because none has a socket to find yet: whoever comes
    out of one asks the limit before going on.
    """
    limit = Limit(seconds)
    _watch.add(limit, find_socket)
    try:
        yield limit
    finally:
        _watch.remove(limit)
