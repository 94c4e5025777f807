"""A stand-in for a mail provider's API (Postmark's: POST /email), with a ledger of its own and ways to misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import quote

TOKEN = "a-public-dummy-server-token"


class Mode(StrEnum):
    """How the API meets a message. ACCEPT, RESET, ERROR_500 and HANG put it in the ledger."""

    ACCEPT = "accept"
    RESET = "accept, then reset"
    ERROR_500 = "accept, then 500"
    HANG = "accept, then hang"
    NO_SUCH_MAILBOX = "422: invalid address"
    INACTIVE = "422: bounced before"
    REFUSE = "422: refused for another reason"
    TOO_MANY = "429"


INACTIVE = (
    "You tried to send to a recipient that has been marked as inactive. Found inactive addresses: ana@patients.test."
    " Inactive recipients are ones that have generated a hard bounce or a spam complaint."
)
REFUSALS = {
    Mode.NO_SUCH_MAILBOX: (422, 300, "Invalid 'To' address: 'ana@patients.test'."),
    Mode.INACTIVE: (
        422, 406, INACTIVE,
    ),
    Mode.REFUSE: (422, 412, "Sending is not allowed just now."),
    Mode.TOO_MANY: (429, 429, "Slow down."),
}  # fmt: skip


@dataclass
class PostmarkApi:
    """The state behind the server: set `mode`, read `ledger` (the requests' JSON)."""

    mode: Mode = Mode.ACCEPT
    ledger: list[dict[str, Any]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        api, sender = f"http://127.0.0.1:{self.port}/", quote("Harbor Center <desk@harbor.test>")
        return f"anymail+postmark://?server_token={TOKEN}&api_url={api}&from={sender}"


@contextmanager
def running_postmark() -> Iterator[PostmarkApi]:
    """A server on a free port of this machine."""
    state = PostmarkApi()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Five may wait by default, and the sixth of a burst is cut off.
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    state: ClassVar[PostmarkApi]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        if self.headers.get("X-Postmark-Server-Token") != TOKEN:
            self._answer(401, {"ErrorCode": 10, "Message": "No or wrong server token."})
        elif self.state.mode in REFUSALS:
            status, code, message = REFUSALS[self.state.mode]
            self._answer(status, {"ErrorCode": code, "Message": message})
        else:
            self._take(content)

    def _take(self, content: dict[str, Any]) -> None:
        self.state.ledger.append(content)
        if self.state.mode is Mode.RESET:
            self.close_connection = True
            self.connection.close()
        elif self.state.mode is Mode.ERROR_500:
            self._answer(500, {"ErrorCode": 500, "Message": "Internal error."})
        elif self.state.mode is Mode.HANG:
            self.state.closing.wait(60)
            self.close_connection = True
        else:
            number = f"b7bc2f4a-e38e-4336-af7d-{len(self.state.ledger):012}"
            self._answer(200, {"To": content["To"], "MessageID": number, "ErrorCode": 0, "Message": "OK"})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Says nothing: the ledger is what tests read."""
