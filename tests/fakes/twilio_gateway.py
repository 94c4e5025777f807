"""A stand-in for Twilio's SMS API with a ledger of its own, playing the facts of `real/twilio/behaviour.json`."""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from twilio.request_validator import RequestValidator

from tests.fakes.shared_inputs import read_json

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "a-public-dummy-token"
SENDER = "+15550100000"

# Twilio's own test numbers and what a send to them answers.
MAGIC_NUMBERS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}


class Mode(StrEnum):
    """How the gateway meets a send. All but LOSE, REFUSE and TOO_MANY put it in the ledger."""

    ACCEPT = "accept"
    RESET = "accept, then reset"
    ERROR_500 = "accept, then 500"
    HANG = "hang"
    DRIP = "drip"
    DELAY = "delay"
    LOSE = "lose, then reset"
    REFUSE = "refuse"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One text as the gateway got it."""

    at: float
    sid: str
    to: str
    sender: str
    body: str
    validity: int
    callback: str


@dataclass
class TwilioGateway:
    """The state behind the server: set `mode`, read `ledger`; `arrivals_file` gets a line a text, at once.

    It takes `think_seconds` before it has a text and `answer_seconds` after, in which it calls `before_answer`. About
    a number in `cannot_tell` its look-up answers 500, about one in `forgets` that it knows of no text.
    """

    mode: Mode = Mode.ACCEPT
    delay_seconds: float = 0.3
    think_seconds: float = 0.0
    answer_seconds: float = 0.0
    before_answer: Callable[[Arrival], None] | None = None
    cannot_tell: set[str] = field(default_factory=set)
    forgets: set[str] = field(default_factory=set)
    token: str = TOKEN
    arrivals_file: Path | None = None
    ledger: list[Arrival] = field(default_factory=list)
    clock: Callable[[], float] = time.time
    requests: int = 0
    opted_out: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"twilio://{ACCOUNT}:{TOKEN}@127.0.0.1:{self.port}?from={SENDER}&scheme=http"

    def to(self, number: str) -> list[Arrival]:
        """What arrived for one number."""
        return [arrival for arrival in self.ledger if arrival.to == number]

    def hear(self, number: str, text: str) -> None:
        """A patient texts the sender: only a single stop or start word, in any case, blocks or opens."""
        behaviour = read_json("real/twilio/behaviour.json")
        word = text.strip().upper()
        if word in behaviour["stop_words"]:
            self.opted_out.add(number)
        elif word in behaviour["start_words"]:
            self.opted_out.discard(number)

    def accept(self, form: dict[str, str]) -> Arrival:
        with self.lock:
            sid = f"SM{len(self.ledger) + 1:032x}"
            arrival = Arrival(
                self.clock(), sid, form["To"], form.get("From", ""), form.get("Body", ""),
                int(form.get("ValidityPeriod", "36000")), form.get("StatusCallback", ""),
            )  # fmt: skip
            self.ledger.append(arrival)
            if self.arrivals_file:
                with self.arrivals_file.open("a") as file:
                    file.write(json.dumps([arrival.at, sid, arrival.to, arrival.body]) + "\n")
        return arrival

    def refusal_code(self, to: str) -> int | None:
        if to in self.opted_out:
            return 21610
        return MAGIC_NUMBERS.get(to)

    def status_request(
        self, arrival: Arrival, status: str, error: int | None = None
    ) -> tuple[str, dict[str, str], str]:
        """The callback Twilio would post: (url, form, signature)."""
        form = {
            "MessageSid": arrival.sid, "SmsSid": arrival.sid, "AccountSid": ACCOUNT, "From": arrival.sender,
            "To": arrival.to, "MessageStatus": status, "SmsStatus": status, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        if error:
            form["ErrorCode"] = str(error)
        signature = RequestValidator(self.token).compute_signature(arrival.callback, form)
        return arrival.callback, form, str(signature)

    def post_status(self, arrival: Arrival, status: str, error: int | None = None) -> int:
        """Posts a callback over HTTP and gives the answer's status."""
        url, form, signature = self.status_request(arrival, status, error)
        request = urllib.request.Request(  # noqa: S310 -- the address came from our own code
            url, urlencode(form).encode(), headers={"X-Twilio-Signature": signature}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return int(answer.status)


@contextmanager
def running_gateway(**settings: Any) -> Iterator[TwilioGateway]:
    """A gateway on a free port of this machine."""
    gateway = TwilioGateway(**settings)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"gateway": gateway}))
    gateway.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        gateway.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Five may wait by default, and the sixth of a burst is cut off: that would be a fault nobody asked for.
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    gateway: ClassVar[TwilioGateway]
    protocol_version = "HTTP/1.1"
    messages_path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"

    def do_POST(self) -> None:
        self.gateway.requests += 1
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {key: values[-1] for key, values in parse_qs(raw, keep_blank_values=True).items()}
        if not self._may():
            return
        if self.gateway.mode is Mode.LOSE:
            self.close_connection = True
            self.connection.close()
        elif self.gateway.mode is Mode.TOO_MANY:
            self._error(429, 20429, "Too Many Requests")
        elif self.gateway.mode is Mode.REFUSE:
            self._error(400, 21999, "Refused for a newer reason")
        elif "To" not in form:
            self._error(400, 21604, "A 'To' phone number is required.")
        elif code := self.gateway.refusal_code(form["To"]):
            self._error(400, code, "The message could not be sent.")
        else:
            self._take(form)

    def _take(self, form: dict[str, str]) -> None:
        if self.gateway.mode is Mode.DELAY:
            self.gateway.closing.wait(self.gateway.delay_seconds)
        self.gateway.closing.wait(self.gateway.think_seconds)
        arrival = self.gateway.accept(form)
        self.gateway.closing.wait(self.gateway.answer_seconds)
        if self.gateway.before_answer:
            self.gateway.before_answer(arrival)
        if self.gateway.mode is Mode.RESET:
            self.close_connection = True
            self.connection.close()
        elif self.gateway.mode is Mode.ERROR_500:
            self._error(500, 20500, "Internal Server Error")
        elif self.gateway.mode is Mode.HANG:
            self.gateway.closing.wait(60)
            self.close_connection = True
        elif self.gateway.mode is Mode.DRIP:
            self._drip()
        else:
            self._answer(201, _as_json(arrival))

    def _drip(self) -> None:
        self.close_connection = True
        for _ in range(600):
            try:
                self.connection.send(b"H")
            except OSError:
                return
            if self.gateway.closing.wait(0.1):
                return

    def do_GET(self) -> None:
        self.gateway.requests += 1
        if not self._may():
            return
        parts = urlsplit(self.path)
        if parts.path == f"{self.messages_path}.json":
            asked = parse_qs(parts.query)
            to, sender = asked.get("To", [""])[0], asked.get("From", [""])[0]
            if to in self.gateway.cannot_tell:
                self._error(500, 20500, "Internal Server Error")
                return
            known = [] if to in self.gateway.forgets else list(reversed(self.gateway.ledger))
            found = [
                _as_json(arrival) for arrival in known if to in ("", arrival.to) and sender in ("", arrival.sender)
            ]
            self._answer(200, {"messages": found, "page": 0, "page_size": len(found), "next_page_uri": None})
            return
        sid = parts.path.removeprefix(f"{self.messages_path}/").removesuffix(".json")
        for arrival in self.gateway.ledger:
            if arrival.sid == sid:
                self._answer(200, _as_json(arrival))
                return
        self._error(404, 20404, "The requested resource was not found")

    def _may(self) -> bool:
        wanted = base64.b64encode(f"{ACCOUNT}:{self.gateway.token}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {wanted}" and self.path.startswith(self.messages_path):
            return True
        self._error(401, 20003, "Authenticate")
        return False

    def _error(self, status: int, code: int, message: str) -> None:
        more = f"https://www.twilio.com/docs/errors/{code}"
        self._answer(status, {"code": code, "message": message, "more_info": more, "status": status})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Says nothing: the ledger is what tests read."""


def _as_json(arrival: Arrival) -> dict[str, Any]:
    created = format_datetime(datetime.fromtimestamp(arrival.at, UTC))
    return {
        "sid": arrival.sid, "account_sid": ACCOUNT, "to": arrival.to, "from": arrival.sender, "body": arrival.body,
        "status": "queued", "date_created": created, "date_updated": created, "date_sent": None, "direction":
        "outbound-api", "error_code": None, "error_message": None, "num_segments": "1", "num_media": "0",
        "price": None, "price_unit": "USD", "messaging_service_sid": None, "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{arrival.sid}.json", "subresource_uris": {},
    }  # fmt: skip
