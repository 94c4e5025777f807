"""Dates as people say them: "the 14th", "dec 14", "14 de diciembre", "12/14"; each the next one from today on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from scheduling.can_come_words import MONTHS, Piece

# With which word a number alone is a day of the month.
BEFORE_A_DAY = frozenset(("the", "el", "del"))
LEAP_YEARS = 9


def read_date(
    pieces: Sequence[Piece], at: int, *, today: date, day_first: bool, loosely: bool
) -> tuple[date, int] | None:
    """The date that begins at a piece, and where what follows begins; None where none does.

    `day_first`: how "12/5" is meant. `loosely`: a number alone is a day of the month.
    """
    has_article = False
    while at < len(pieces) and pieces[at].bare in ("on", "the", "el", "del", "dia"):
        has_article = has_article or pieces[at].bare in BEFORE_A_DAY
        at += 1
    if at >= len(pieces):
        return None
    first = pieces[at].bare
    if found := _whole(first, today=today, day_first=day_first):
        return found, at + 1
    return _in_two(pieces, at, first, today) or _alone(at, first, today, loosely=has_article or loosely)


def _in_two(pieces: Sequence[Piece], at: int, first: str, today: date) -> tuple[date, int] | None:
    """Dec 14; 14 dec; 14 de diciembre."""
    words = [piece.bare for piece in pieces[at + 1 : at + 3]]
    if first in MONTHS:
        day = _day_of_month(words[0]) if words else None
        return _found(next_date(MONTHS[first], day, today), at + 2) if day else None
    joint = bool(words and words[0] in ("de", "of"))
    day, month = _day_of_month(first), MONTHS.get(words[joint] if len(words) > joint else "")
    return _found(next_date(month, day, today), at + 2 + joint) if day and month else None


def _alone(at: int, first: str, today: date, *, loosely: bool) -> tuple[date, int] | None:
    day = _day_of_month(first)
    if day is None or not (loosely or not first.isdecimal()):
        return None
    return _found(next_day_of_month(day, today), at + 1)


def _found(day: date | None, after: int) -> tuple[date, int] | None:
    return None if day is None else (day, after)


def _whole(text: str, *, today: date, day_first: bool) -> date | None:
    if text in ("tomorrow", "today", "hoy"):
        return today + timedelta(days=text == "tomorrow")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})", text)
    if found is None:
        return None
    one, other = int(found[1]), int(found[2])
    return next_date(other, one, today) if day_first else next_date(one, other, today)


def _day_of_month(text: str) -> int | None:
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|o)?", text)
    return int(found[1]) if found and 1 <= int(found[1]) <= 31 else None


def next_date(month: int, day: int | None, today: date) -> date | None:
    """This day of this month, from today on; None where no month has it."""
    for year in range(today.year, today.year + LEAP_YEARS):
        try:
            found = date(year, month, day or 0)
        except ValueError:
            continue
        if found >= today:
            return found
    return None


def next_day_of_month(day: int, today: date) -> date | None:
    """The next day of this number, today included."""
    for ahead in range(62):
        if (today + timedelta(days=ahead)).day == day:
            return today + timedelta(days=ahead)
    return None
