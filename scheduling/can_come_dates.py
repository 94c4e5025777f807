"""Dates as people say them: "the 14th", "dec 14", "14 de diciembre", "12/14"; each the next one from today on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from scheduling.can_come_words import MONTHS, Piece, pieces_of, typed

# With which word a number alone is a day of the month.
BEFORE_A_DAY = frozenset(("the", "el", "del"))
LEAP_YEARS = 9
LONG_AGO = date(2000, 1, 1)


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
    if found := _whole(pieces[at], today=today, day_first=day_first):
        return found, at + 1
    if in_two := _in_two(pieces, at):
        # The 30th of February is no 30th of another month.
        day, month, after = in_two
        return _found(next_date(month, day, today), after)
    return _alone(at, first, today, loosely=has_article or loosely)


def no_such_days(text: str) -> tuple[str, ...]:
    """What is written like a day of a month, as typed, where no year has such a day: 30 feb, 31.2., 2026-02-31."""
    pieces = pieces_of(text)
    found = []
    for at, piece in enumerate(pieces):
        in_two = _in_two(pieces, at)
        days = [in_two[:2]] if in_two else _read_in_one(piece)
        if days and all(next_date(month, day, LONG_AGO) is None for day, month in days):
            found.append(typed(pieces[at : in_two[2] if in_two else at + 1]))
    return tuple(found)


def _in_two(pieces: Sequence[Piece], at: int) -> tuple[int, int, int] | None:
    """Day and month of dec 14, 14 dec, 14 de diciembre, and where what follows begins."""
    first, words = pieces[at].bare, [piece.bare for piece in pieces[at + 1 : at + 3]]
    if first in MONTHS:
        day = _number(words[0]) if words else None
        return (day, MONTHS[first], at + 2) if day else None
    joint = bool(words and words[0] in ("de", "of"))
    day, month = _number(first), MONTHS.get(words[joint] if len(words) > joint else "")
    return (day, month, at + 2 + joint) if day and month else None


def _read_in_one(piece: Piece) -> list[tuple[int, int]]:
    """Days with their months that one piece may mean, whether there are such days or not."""
    if found := re.fullmatch(r"\d{4}-(\d{2})-(\d{2})", piece.bare):
        return [(int(found[2]), int(found[1]))]
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})", piece.bare):
        return [(int(found[1]), int(found[2])), (int(found[2]), int(found[1]))]
    return [dotted] if (dotted := _dotted(piece)) else []


def _dotted(piece: Piece) -> tuple[int, int] | None:
    """Day and month of 31.12., in which the day stands first everywhere."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.", piece.typed)
    return (int(found[1]), int(found[2])) if found else None


def _alone(at: int, first: str, today: date, *, loosely: bool) -> tuple[date, int] | None:
    day = _day_of_month(first)
    if day is None or not (loosely or not first.isdecimal()):
        return None
    return _found(next_day_of_month(day, today), at + 1)


def _found(day: date | None, after: int) -> tuple[date, int] | None:
    return None if day is None else (day, after)


def _whole(piece: Piece, *, today: date, day_first: bool) -> date | None:
    text = piece.bare
    if dotted := _dotted(piece):
        return next_date(dotted[1], dotted[0], today)
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
    day = _number(text)
    return day if day is not None and 1 <= day <= 31 else None


def _number(text: str) -> int | None:
    """Of a day of a month, also of one that no month has."""
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|o)?", text)
    return int(found[1]) if found else None


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
