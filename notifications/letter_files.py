"""What comes with a letter: what was pressed in a calendar, and how many pictures and files. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.message import Message

from notifications.calendar_replies import CalendarAnswer, read_answers
from notifications.letter_words import text_of

# A signature's logo is a small picture that the letter's own page shows; a photograph is larger.
LARGEST_LOGO = 64 * 1024
CALENDARS = ("text/calendar", "application/ics")


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
