"""SMS by Twilio's SDK. Twilio takes no idempotency key: a cut-off send is looked up by number, time and exact text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from urllib.parse import parse_qs, unquote, urlsplit

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from notifications.channels.one_request import AskedToWait, NeverSent
from notifications.channels.outcomes import (
    HELD_UP,
    TOO_MANY,
    UNREACHABLE,
    Accepted,
    CannotTell,
    Found,
    LookUp,
    NotKnown,
    Outcome,
    Outgoing,
    Unknown,
    refusal,
    twilio_reason,
)
from notifications.channels.twilio_http import PlainHttpClient

TOTAL_SECONDS = 15.0
SHORTEST_VALIDITY, LONGEST_VALIDITY = 1, 36_000
LOOK_UP_LIMIT = 100
# A worker process; two of them make sixteen.
AT_ONCE = 8
CLOCK_SLACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A Twilio account and where its API answers."""

    account: str
    token: str
    base_url: str
    sender: str

    @classmethod
    def from_url(cls, url: str) -> Gateway:
        """Reads `twilio://SID:TOKEN@host:port?from=+15550100&scheme=https`; without a host it is Twilio's own.

        Refuses anything else with ValueError. (A plus sign in `from` may be written as it is or as %2B.)
        """
        parts = urlsplit(url)
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        sender = "+" + asked.get("from", "").strip().removeprefix("+")
        scheme = asked.get("scheme", "https")
        if parts.scheme != "twilio" or not parts.username or not parts.password or not sender[1:].isdigit():
            raise ValueError("SMS_URL is not twilio://SID:TOKEN@host:port?from=+15550100.")
        if scheme not in ("http", "https"):
            raise ValueError("SMS_URL's scheme is neither http nor https.")
        host = parts.hostname or "api.twilio.com"
        base_url = f"{scheme}://{host}:{parts.port}" if parts.port else f"{scheme}://{host}"
        return cls(unquote(parts.username), unquote(parts.password), base_url, sender)

    def is_signed(self, *, url: str, form: object, signature: str) -> bool:
        """Whether a callback to our public `url` with this `form` (a QueryDict) was signed with the account's token."""
        return bool(RequestValidator(self.token).validate(url, form, signature))


class SmsChannel:
    """Sends through one account. `callback_base` is our public address, where Twilio tells what became of a text."""

    at_once = AT_ONCE

    def __init__(self, gateway: Gateway, *, callback_base: str, total_seconds: float = TOTAL_SECONDS) -> None:
        self.gateway = gateway
        self.callback_base = callback_base
        self.total_seconds = total_seconds
        self.client = Client(
            gateway.account, gateway.token, http_client=PlainHttpClient(gateway.base_url, total_seconds)
        )

    @property
    def sender(self) -> str:
        return self.gateway.sender

    def rest(self) -> None:
        """Keeps nothing open."""

    def send(self, outgoing: Outgoing) -> Outcome:
        # The provider counts from when it has the text, which may be as late as our time limit.
        left = outgoing.valid_until - (outgoing.leaves_at or outgoing.started_at)
        validity = int(left.total_seconds() - self.total_seconds)
        return refusal(HELD_UP) if validity < SHORTEST_VALIDITY else self._send(outgoing, validity)

    def _send(self, outgoing: Outgoing, validity: int) -> Outcome:
        try:
            sent = self.client.messages.create(
                to=outgoing.to,
                from_=outgoing.sender or self.sender,
                body=outgoing.body,
                validity_period=min(validity, LONGEST_VALIDITY),
                status_callback=f"{self.callback_base}/webhooks/sms/twilio/status?message={outgoing.message_id}",
            )
        except NeverSent:
            return refusal(UNREACHABLE)
        except AskedToWait as asked:
            return refusal(TOO_MANY, asked.wait)
        except TwilioRestException as problem:
            if problem.status >= 500 or problem.status == 408:
                return Unknown(f"The gateway answered {problem.status}.")
            return refusal(twilio_reason(http_status=problem.status, code=problem.code))
        except (OSError, HTTPException, TwilioException, json.JSONDecodeError) as problem:
            return Unknown(f"No answer after the text was sent ({type(problem).__name__}).")
        return Accepted(reference=str(sent.sid)) if sent.sid else Unknown("The gateway's answer names no message.")

    def look_up(self, outgoing: Outgoing) -> LookUp:
        try:
            # Newest first. Not filtered by date: Twilio's filter is on the time of sending, which a queued text lacks.
            recent = self.client.messages.list(
                to=outgoing.to, from_=outgoing.sender or self.sender, limit=LOOK_UP_LIMIT, page_size=LOOK_UP_LIMIT
            )
        except (OSError, HTTPException, TwilioException, json.JSONDecodeError, NeverSent, AskedToWait):
            return CannotTell()
        since = outgoing.started_at - CLOCK_SLACK
        for text in recent:
            if text.body == outgoing.body and _created(text.date_created) >= since:
                return Found(reference=str(text.sid))
        reaches_back = len(recent) < LOOK_UP_LIMIT or any(_created(text.date_created) < since for text in recent)
        return NotKnown() if reaches_back else CannotTell()


def _created(value: datetime | None) -> datetime:
    # A text without a date may be the one just made.
    return value.astimezone(UTC) if value else datetime.max.replace(tzinfo=UTC)
