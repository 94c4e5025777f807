"""The parts of a letter: its words whatever alphabet it claims, its calendar answers, and how many files. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.errors import MessageError
from email.message import EmailMessage, Message

from notifications.calendar_replies import CalendarAnswer, read_answers
from notifications.quoted_text import text_of_html

# What the standard library raises over broken heads and bodies: it reads lazily, and the list is long.
BROKEN = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
# A signature's logo is a small picture that the letter's own page shows; a photograph is larger.
LARGEST_LOGO = 64 * 1024
CALENDARS = ("text/calendar", "application/ics")


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


def calendar_answers(parts: Sequence[Message]) -> tuple[CalendarAnswer, ...]:
    """What was pressed in a calendar; the same answer as a part and as a file counts once."""
    found = (answer for part in parts if _is_calendar(part) for answer in read_answers(text_of(part)))
    return tuple({answer.uid: answer for answer in found}.values())


def count_files(parts: Sequence[Message], body: Message | None) -> int:
    """Pictures and files that somebody sent: neither calendar answers nor what a signature brings along."""
    shown = [text_of(part) for part in parts if part.get_content_type() == "text/html"]
    related = {id(child) for part in parts for child in _children(part, "multipart/related")}
    return sum(
        part is not body
        and not part.is_multipart()
        and part.get_content_maintype() not in ("text", "message")
        and not _is_calendar(part)
        and not _is_logo(part, shown, is_related=id(part) in related)
        for part in parts
    )


def _body(letter: EmailMessage, parts: Sequence[Message]) -> Message | None:
    try:
        return letter.get_body(("plain", "html"))
    except BROKEN:
        return next((part for part in parts if part.get_content_type() in ("text/plain", "text/html")), None)


def _is_calendar(part: Message) -> bool:
    return part.get_content_type() in CALENDARS or (part.get_filename() or "").lower().endswith(".ics")


def _is_logo(part: Message, shown: Sequence[str], *, is_related: bool) -> bool:
    ident = str(part.get("Content-ID", "")).strip().strip("<>")
    if not ident or part.get_content_maintype() != "image":
        return False
    payload = part.get_payload(decode=True)
    is_small = isinstance(payload, bytes) and len(payload) <= LARGEST_LOGO
    return is_small and (is_related or any(f"cid:{ident}" in page for page in shown))


def _children(part: Message, kind: str) -> Iterator[Message]:
    payload = part.get_payload() if part.get_content_type() == kind else None
    for child in payload if isinstance(payload, list) else ():
        if isinstance(child, Message):
            yield child
