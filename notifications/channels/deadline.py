"""A hard limit on a whole conversation: socket timeouts count from the last byte, which a dripping server outlasts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

CUT_EVERY_SECONDS = 0.2


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


@contextmanager
def closes_after(seconds: float, find_socket: Callable[[], socket.socket | None]) -> Iterator[Limit]:
    """Shuts the socket that `find_socket` gives once the time is up; whoever waits on it gets an error or an end.

    No name look-up, connect or TLS handshake can be cut short, because none has a socket to find yet: whoever comes
    out of one asks the limit before going on.
    """
    limit, done = Limit(seconds), threading.Event()

    def cut() -> None:
        wait = seconds
        while not done.wait(wait):
            # Again and again, for a socket that only comes into being after the time is up.
            wait = CUT_EVERY_SECONDS
            if (sock := find_socket()) is not None:
                with suppress(OSError):
                    # Not SSLSocket's own method, which pulls the TLS layer away under the thread that reads.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    threading.Thread(target=cut, name="time limit", daemon=True).start()
    try:
        yield limit
    finally:
        done.set()
