"""What is handed to a channel and the three ways a send can end; the one table from providers' codes to our words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail: `kind` is its media type, such as text/calendar, without the parameters."""

    name: str
    kind: str
    content: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message ready to leave, sent or asked about with the same values.

    `message_id` is ours; the provider must not deliver past `valid_until`; `sender_name` may be empty.
    `unsubscribe_url` stands in the head of mail (RFC 8058); texts and calls carry no `attachments`. `leaves_at` is
    when it was handed to its channel, where that is later than `started_at`; `sender`: the number a text comes from,
    where it is not the account's first one. `is_practice`: it is of a practice clinic, and never leaves the machine.
    """

    message_id: str
    to: str
    subject: str
    body: str
    started_at: datetime
    valid_until: datetime
    sender_name: str = ""
    unsubscribe_url: str = ""
    attachments: tuple[Attachment, ...] = ()
    leaves_at: datetime | None = None
    sender: str = ""
    is_practice: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took responsibility; `reference` is its name for the message."""

    reference: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider has surely not taken it. `permanent`: the same message to the same address would fail again.

    `wait`: how long the provider asked to be left alone, where it did.
    """

    code: str
    permanent: bool
    message: str
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken or not: nobody may send it again without asking the provider."""

    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """The provider has the message, under `reference`."""

    reference: str


@dataclass(frozen=True, slots=True)
class NotKnown:
    """The provider surely has no such message."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The channel has no look-up, or it gave no answer."""


Outcome: TypeAlias = Accepted | Refused | Unknown
LookUp: TypeAlias = Found | NotKnown | CannotTell


class Channel(Protocol):
    """A way to send. No method raises for anything a provider or the network does.

    `sender`: which number or server it sends by, for pace and circuit; empty where nothing leaves the machine, and
    then a send may use the caller's database connection. `at_once`: how many sends may be under way.
    """

    @property
    def sender(self) -> str: ...

    @property
    def at_once(self) -> int: ...

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hands the message over once, within a hard time limit."""

    def look_up(self, outgoing: Outgoing) -> LookUp:
        """Asks whether the provider has a message whose send was cut off."""

    def rest(self) -> None:
        """Lets go of connections that it keeps from one send to the next."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Our word for a refusal, whether it is for good, and whether the address itself can't be used any more.

    `of_gateway`: it says nothing of the message, and another one would meet the same.
    """

    code: str
    permanent: bool
    stops_address: bool
    words: str
    of_gateway: bool = False


def _passing(code: str, words: str, *, of_gateway: bool = False) -> Reason:
    return Reason(code, permanent=False, stops_address=False, words=words, of_gateway=of_gateway)


OPTED_OUT = Reason("opted_out", permanent=True, stops_address=True, words="The patient opted out at the carrier.")
BAD_NUMBER = Reason("bad_number", permanent=True, stops_address=True, words="This number can't receive texts.")
BAD_MAILBOX = Reason("bad_mailbox", permanent=True, stops_address=True, words="This e-mail address does not exist.")
REJECTED = Reason("rejected", permanent=True, stops_address=False, words="The provider refused this message.")
UNSENDABLE = Reason(
    "unsendable", permanent=True, stops_address=False, words="This text can't be put into an e-mail: tell the manager."
)
NO_ROUTE = Reason("no_route", permanent=True, stops_address=False, words="The provider may not send there.")
WRONG_SENDER = _passing("wrong_sender", "The provider may not send from the clinic's number: tell the manager.")
NOT_SIGNED_IN = _passing("not_signed_in", "The provider refused our account: tell the manager.", of_gateway=True)
TOO_MANY = _passing("too_many", "The provider asked us to slow down.", of_gateway=True)
BUSY = _passing("busy", "The provider could not take it just now.")
SHUTTING = _passing("shutting", "The mail server is going down.", of_gateway=True)
UNREACHABLE = _passing("unreachable", "The provider could not be reached.", of_gateway=True)
NO_TLS = _passing("no_tls", "The mail server offered no safe connection.", of_gateway=True)
HELD_UP = _passing("held_up", "It waited too long for its turn.")
HANDSET = Reason("handset", permanent=True, stops_address=False, words="The phone could not be reached.")
LANDLINE = Reason("landline", permanent=True, stops_address=True, words="This number is a landline or not in use.")
FILTERED = Reason("filtered", permanent=True, stops_address=False, words="The carrier blocked this text.")

REASONS = {
    reason.code: reason
    for reason in (
        OPTED_OUT, BAD_NUMBER, BAD_MAILBOX, REJECTED, UNSENDABLE, NO_ROUTE, NOT_SIGNED_IN, TOO_MANY, BUSY, UNREACHABLE,
        NO_TLS, HANDSET, LANDLINE, FILTERED, SHUTTING, HELD_UP, WRONG_SENDER,
    )
}  # fmt: skip

# Twilio renames exact codes now and then, so an unlisted 21xxx is a refusal for good, whatever it says.
TWILIO_REASONS = {
    20003: NOT_SIGNED_IN,
    20429: TOO_MANY,
    21211: BAD_NUMBER,
    21212: WRONG_SENDER,
    21408: NO_ROUTE,
    21606: WRONG_SENDER,
    21610: OPTED_OUT,
    21612: NO_ROUTE,
    21614: BAD_NUMBER,
    21659: WRONG_SENDER,
    21660: WRONG_SENDER,
    30003: HANDSET,
    30004: FILTERED,
    30005: LANDLINE,
    30006: LANDLINE,
    30007: FILTERED,
    30008: REJECTED,
}


def twilio_reason(*, http_status: int, code: int | None) -> Reason:
    """Our reason for a refusal by Twilio: by code where it is listed, else by the family of code or status."""
    if code in TWILIO_REASONS:
        return TWILIO_REASONS[code]
    if http_status == 429:
        return TOO_MANY
    if http_status in (401, 403, 404):
        return NOT_SIGNED_IN
    return REJECTED


# RFC 3463: 5.1.x is about an address, but .7 and .8 are about the sender's. 5.7.1 (relaying denied) is about us.
DETAIL = re.compile(rb"5\.(\d{1,3})\.(\d{1,3})\b")


def smtp_reason(reply: int, text: bytes, *, of_recipient: bool) -> Reason:
    """Our reason for an SMTP refusal: 4xx passes, 5xx stays.

    A 550, 551 or 553 for the recipient means the mailbox, unless its `text` opens with a code that says otherwise.
    """
    if reply == 421:
        return SHUTTING
    if reply < 500:
        return BUSY
    if of_recipient and reply in (550, 551, 553):
        detail = DETAIL.match(text.lstrip())
        if detail is None or (detail[1] == b"1" and detail[2] not in (b"7", b"8")):
            return BAD_MAILBOX
    return NOT_SIGNED_IN if reply in (530, 534, 535, 538) else REJECTED


def refusal(reason: Reason, wait: timedelta | None = None) -> Refused:
    """The refusal as channels return it."""
    return Refused(code=reason.code, permanent=reason.permanent, message=reason.words, wait=wait)


def says_gateway_is_down(outcome: Outcome) -> bool:
    """Whether an outcome is one of those that, in a row, open a gateway's circuit."""
    match outcome:
        case Refused():
            return REASONS[outcome.code].of_gateway
        case Unknown():
            return True
        case Accepted():
            return False
