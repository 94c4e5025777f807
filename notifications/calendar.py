"""Calendar files as RFC 5545 and 5546 want them: METHOD PUBLISH, so that no calendar shows Yes and No buttons that
would reach nobody. Pure.

Times are UTC: every reader takes them alike, and no zone rules have to travel along. No word tells of treatment, the
name of this software included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

MOST_OCTETS: Final = 75
PRODUCT: Final = "-//Clinic Desk//Visits//EN"
REFRESH: Final = "PT2H"
# Beside control characters what some readers take for the end of a line.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
# Nothing escapes a quotation mark inside a parameter.
QUOTED: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\"]")
UNBREAKABLE: Final = range(0x80, 0xC0)


class Standing(StrEnum):
    """STATUS of an event."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class CalendarVisit:
    """One event. `uid` is the visit's for life, and `sequence` rises with whatever the patient would notice."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    standing: Standing
    summary: str
    place: str = ""
    note: str = ""


def write_calendar(
    visits: Iterable[CalendarVisit], *, organiser: str, mailbox: str, now: datetime, feed_name: str = ""
) -> bytes:
    """The file: one event a visit, lines of at most 75 octets, CRLF. With `feed_name` it says when to look again."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    if feed_name:
        lines += [f"X-WR-CALNAME:{_text(feed_name)}", f"X-PUBLISHED-TTL:{REFRESH}"]
    for visit in visits:
        lines += _event(visit, organiser, mailbox, now)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(visit: CalendarVisit, organiser: str, mailbox: str, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{visit.uid}"
    yield f"SEQUENCE:{visit.sequence}"
    yield f"DTSTAMP:{_instant(now)}"
    yield f"DTSTART:{_instant(visit.starts_at)}"
    yield f"DTEND:{_instant(visit.ends_at)}"
    yield f"STATUS:{visit.standing}"
    yield f"SUMMARY:{_text(visit.summary)}"
    if visit.place:
        yield f"LOCATION:{_text(visit.place)}"
    if visit.note:
        yield f"DESCRIPTION:{_text(visit.note)}"
    yield f'ORGANIZER;CN="{QUOTED.sub("", organiser)}":mailto:{mailbox}'
    # In a calendar shared with a family or a firm it shows as busy.
    yield "CLASS:PRIVATE"
    yield f"TRANSP:{'TRANSPARENT' if visit.standing is Standing.CANCELLED else 'OPAQUE'}"
    yield "END:VEVENT"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(said: str) -> str:
    plain = CONTROL.sub("", said.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """The line in pieces of at most 75 octets, none of which splits a character."""
    rest, pieces, most = line.encode(), [], MOST_OCTETS
    while len(rest) > most:
        end = most
        while rest[end] in UNBREAKABLE:
            end -= 1
        pieces.append(rest[:end])
        # The space that marks a continuation counts.
        rest, most = rest[end:], MOST_OCTETS - 1
    return b"\r\n ".join([*pieces, rest]) + b"\r\n"
