"""What somebody pressed in their own calendar (RFC 5546 REPLY and COUNTER), read from the file that came back. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from icalendar import Calendar

LARGEST, MOST_EVENTS, LONGEST_COMMENT = 200_000, 50, 1_000


class Said(StrEnum):
    """What was pressed. OTHER_TIME: a time of their own was proposed."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    OTHER_TIME = "other_time"


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """An answer about one event: `uid` names it, and `sequence` is the version that the calendar showed."""

    uid: str
    sequence: int
    said: Said
    comment: str = ""

    def as_data(self) -> dict[str, Any]:
        """The answer as it is kept with the reply."""
        return asdict(self)


def read_answers(text: str) -> list[CalendarAnswer]:
    """The answers in a calendar file; none where it is something else or can't be read. Never raises."""
    try:
        return list(_answers(text[:LARGEST]))
    # Whatever a broken file makes the parser raise, its letter is there for a person to read.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _answers(text: str) -> Iterator[CalendarAnswer]:
    for calendar in Calendar.from_ical(text, multiple=True):
        method = str(calendar.get("METHOD", "")).upper()
        for event in calendar.walk("VEVENT")[:MOST_EVENTS]:
            said = _said(event, method)
            if said is not None and event.get("UID"):
                comment = " ".join(str(one) for one in _listed(event.get("COMMENT")))
                yield CalendarAnswer(
                    uid=str(event["UID"]).strip(),
                    sequence=int(event.get("SEQUENCE", 0)),
                    said=said,
                    comment=comment.replace("\x00", "").strip()[:LONGEST_COMMENT],
                )


def _said(event: Any, method: str) -> Said | None:
    if method == "COUNTER":
        return Said.OTHER_TIME
    if method != "REPLY":
        return None
    pressed = {str(one.params.get("PARTSTAT", "")).lower() for one in _listed(event.get("ATTENDEE"))}
    # A reply is one person's: several who say different things are nobody's answer.
    known = pressed & set(Said) - {Said.OTHER_TIME}
    return Said(known.pop()) if len(known) == 1 else None


def _listed(found: Any) -> list[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]
