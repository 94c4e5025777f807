"""One HTTP request: one try, a hard limit on the whole of it, nothing logged, and whether it ever left the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import SplitResult

from notifications.channels.deadline import closes_after
from scheduling.typed_numbers import read_number

LONGEST_WAIT_SECONDS = 3600


class NeverSent(Exception):
    """No connection in time: the gateway has seen nothing of the request."""


class AskedToWait(Exception):
    """The gateway answered 429, and perhaps for how long to leave it alone."""

    def __init__(self, wait: timedelta | None) -> None:
        super().__init__("429")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def one_request(
    base: SplitResult,
    method: str,
    target: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str],
    total_seconds: float,
) -> Answer:
    """Opens a connection of its own, since one that was kept may be dead, which shows only once the request has left.

    Raises NeverSent before the first byte left, AskedToWait on a 429, OSError or HTTPException after.
    """
    kind = HTTPSConnection if base.scheme == "https" else HTTPConnection
    connection = kind(base.hostname or "", base.port, timeout=total_seconds)
    try:
        with closes_after(total_seconds, lambda: connection.sock) as limit:
            try:
                connection.connect()
                # A slow look-up or handshake may have outlived the lease, and another worker then sends.
                limit.check()
            except OSError as problem:
                raise NeverSent(type(problem).__name__) from problem
            connection.request(method, target, body, dict(headers))
            answer = connection.getresponse()
            found = Answer(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()
    if found.status == 429:
        raise AskedToWait(_wait(found.headers))
    return found


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    # RFC 9110 10.2.3 also allows a date, which no gateway in use sends.
    said = next((value.strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    seconds = read_number(said)
    return timedelta(seconds=min(seconds, LONGEST_WAIT_SECONDS)) if seconds is not None else None
