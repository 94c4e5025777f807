"""A letter that came in, read from its raw MIME: a reply, a bounce, a complaint, or a machine's answer. Pure.

Pictures and other attachments are counted and never looked into. RFC 3464 says what a bounce looks like, RFC 5965 a
complaint, RFC 3834 an automatic answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses, parseaddr
from enum import StrEnum
from uuid import UUID

from notifications.quoted_text import cut_quoted, text_of_html

MOST_PARTS = 200
# Our own letters: the Message-ID is the message's id at the mail server's domain.
OURS = re.compile(r"<([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})@")
ANSWERED_BY_MACHINE = ("auto-replied", "auto-generated", "auto-notified")
BULK = ("bulk", "junk", "list", "auto_reply")


class MailKind(StrEnum):
    """What a letter is, or what is said of one of ours. DELAYED: a mail server is still trying. CAME_BACK: it did not
    arrive, and the mailbox is there all the same."""

    REPLY = "reply"
    AUTOMATIC = "automatic"
    BOUNCED = "bounced"
    CAME_BACK = "came_back"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"


class Unreadable(Exception):
    """These bytes are no letter."""


@dataclass(frozen=True, slots=True)
class InboundMail:
    """`reference` names the letter, the same each time it is handed over. `ours`: our letters that it answers or is
    about, the likeliest first. `attachments` counts pictures and files."""

    kind: MailKind
    reference: str
    sender: str
    to: tuple[str, ...]
    text: str
    attachments: int
    ours: tuple[UUID, ...]


def read_mail(raw: bytes) -> InboundMail:
    """The letter in these bytes. Refuses with Unreadable what has no sender and is no report either."""
    try:
        letter = message_from_bytes(raw, policy=default)
        assert isinstance(letter, EmailMessage)  # noqa: S101 -- what the policy makes
        return _read(letter, raw)
    # The parser reads lazily, and the standard library has a long list of what broken headers make it raise.
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        raise Unreadable(type(problem).__name__) from None


def _read(letter: EmailMessage, raw: bytes) -> InboundMail:
    parts = [part for _, part in zip(range(MOST_PARTS), letter.walk(), strict=False)]
    kind = _kind(letter, parts)
    sender = parseaddr(_header(letter, "From"))[1].lower()
    if not sender and kind not in (MailKind.BOUNCED, MailKind.DELAYED, MailKind.COMPLAINT):
        raise Unreadable("no sender")
    text, attachments = _words(letter)
    named = _header(letter, "Message-ID").strip() + "\n" + sender + "\n" + text
    return InboundMail(
        kind=kind,
        reference=hashlib.sha256(named.encode("utf-8", "replace") if named.strip() else raw).hexdigest(),
        sender=sender[:254],
        to=tuple(
            address.lower()
            for _, address in getaddresses([_header(letter, "To"), _header(letter, "Delivered-To")])
            if address
        ),
        text=cut_quoted(text),
        attachments=attachments,
        ours=_ours(letter, parts, kind),
    )


def _header(part: Message, name: str) -> str:
    return str(part.get(name, "")).replace("\x00", "")


def _kind(letter: EmailMessage, parts: Sequence[Message]) -> MailKind:
    types = {part.get_content_type(): part for part in parts}
    if "message/feedback-report" in types:
        return MailKind.COMPLAINT
    if "message/delivery-status" in types:
        said = _delivery(types["message/delivery-status"])
        if "failed" in said:
            return MailKind.BOUNCED
        return MailKind.DELAYED if said else MailKind.AUTOMATIC
    # An empty return path is how mail servers send what nobody may answer.
    by_machine = _header(letter, "Auto-Submitted").lower().startswith(ANSWERED_BY_MACHINE)
    by_machine = by_machine or _header(letter, "Precedence").strip().lower() in BULK
    by_machine = by_machine or bool(_header(letter, "X-Autoreply") or _header(letter, "List-Id"))
    by_machine = by_machine or _header(letter, "Return-Path").strip() == "<>"
    return MailKind.AUTOMATIC if by_machine else MailKind.REPLY


def _delivery(part: Message) -> set[str]:
    """What is said of the recipients: failed for good, or delayed, delivered, relayed."""
    blocks = part.get_payload()
    said = set()
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, Message):
            continue
        action = _header(block, "Action").strip().lower()
        # 4.x.x passes, whatever the server calls it.
        if action == "failed" and _header(block, "Status").strip().startswith("4"):
            action = "delayed"
        if action:
            said.add(action)
    return said


def _words(letter: EmailMessage) -> tuple[str, int]:
    body = letter.get_body(("plain", "html"))
    text = ""
    if body is not None:
        content = body.get_content()
        content = content if isinstance(content, str) else ""
        text = text_of_html(content) if body.get_content_type() == "text/html" else content
    files = [
        part
        for part in letter.walk()
        if part is not body and not part.is_multipart() and part.get_content_maintype() not in ("text", "message")
    ]
    return text, min(len(files), MOST_PARTS)


def _ours(letter: EmailMessage, parts: Sequence[Message], kind: MailKind) -> tuple[UUID, ...]:
    if kind in (MailKind.BOUNCED, MailKind.DELAYED, MailKind.COMPLAINT):
        # The letter a report is about comes with it, whole or as its head.
        about = [part for part in parts if part is not letter]
        said = [_header(part, "Message-ID") for part in about]
        said += [str(part.get_payload()) for part in about if part.get_content_type() == "text/rfc822-headers"]
    else:
        said = [_header(letter, "In-Reply-To"), *reversed(_header(letter, "References").split())]
    return tuple(dict.fromkeys(UUID(found) for one in said for found in OURS.findall(one)))
