"""The words of a letter, whatever alphabet it claims to be in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from email.errors import MessageError
from email.message import EmailMessage, Message

from notifications.page_text import text_of_html

# What the standard library raises over broken heads and bodies: it reads lazily, and the list is long.
BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


def words_of(letter: EmailMessage, parts: Sequence[Message]) -> tuple[str, Message | None]:
    """The letter's words, and the part they stand in: the plain text before the page."""
    body = _body(letter, parts)
    if body is None:
        return "", None
    content = text_of(body)
    return (text_of_html(content) if body.get_content_type() == "text/html" else content), body


def text_of(part: Message) -> str:
    """A part as text. One that claims an alphabet nobody knows, or another than its own, is read all the same."""
    try:
        content = part.get_content() if isinstance(part, EmailMessage) and part.get_content_charset() else None
        if isinstance(content, str):
            return content
    except BROKEN:
        pass
    raw = part.get_payload(decode=True)
    return decoded(raw) if isinstance(raw, bytes) else ""


def decoded(raw: bytes) -> str:
    """Bytes of an unknown alphabet as text: most are UTF-8, and the others lose an accent rather than a letter."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _body(letter: EmailMessage, parts: Sequence[Message]) -> Message | None:
    try:
        return letter.get_body(("plain", "html"))
    except BROKEN:
        return next((part for part in parts if part.get_content_type() in ("text/plain", "text/html")), None)
