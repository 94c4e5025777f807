"""A hard limit on a whole conversation: socket timeouts count from the last byte, which a dripping server outlasts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def closes_after(seconds: float, find_socket: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shuts the socket that `find_socket` gives once the time is up; whoever waits on it gets an error or an end."""

    def cut() -> None:
        if (sock := find_socket()) is not None:
            with suppress(OSError):
                # Not SSLSocket's own method, which pulls the TLS layer away under the thread that reads.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
