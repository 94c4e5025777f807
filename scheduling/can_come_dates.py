"""Dates as people say them: "the 14th", "dec 14", "14 de diciembre", "12/14/2026", "tomorrow"; without a year each is
the next one from today on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from scheduling.can_come_words import FROM, MONTHS, PLAIN_NOT, UNTIL, WEEKDAY_WORDS, Piece, pieces_of, typed

# With which word a number alone is a day of the month.
BEFORE_A_DAY = frozenset(("the", "el", "del"))
ARTICLES = BEFORE_A_DAY | {"on", "dia"}
LEAP_YEARS = 9
LONG_AGO = date(2000, 1, 1)
# A year further ahead is a slip: no series is booked so far.
YEARS_AHEAD = 2
ONE_DAY = timedelta(days=1)
# Behind these "mañana" is tomorrow; else it may be the morning.
BEFORE_TOMORROW = frozenset((",", ";", "para", "excepto", "salvo", "menos")) | FROM | UNTIL | PLAIN_NOT
BEFORE_TOMORROW_TOO = (("partir", "de"), ("despues", "de"), ("antes", "de"))
# A day, its month and its year, where one is written.
Written = tuple[int, int, int | None]


def read_date(
    pieces: Sequence[Piece], at: int, *, today: date, day_first: bool, loosely: bool
) -> tuple[date, int] | None:
    """The date that begins at a piece, and where what follows begins; None where none does.

    `day_first`: how "12/5" is meant. `loosely`: a number alone is a day of the month.
    """
    has_article = False
    while at < len(pieces) and pieces[at].bare in ARTICLES:
        has_article = has_article or pieces[at].bare in BEFORE_A_DAY
        at += 1
    if at >= len(pieces):
        return None
    if soon := _soon(pieces, at, today):
        return soon
    if in_one := _read_in_one(pieces[at]):
        # Of 12/5 both ways can be meant.
        return _found(_dated(in_one[0 if day_first else -1], today), at + 1)
    if in_two := _in_two(pieces, at):
        # The 30th of February is no 30th of another month.
        return _found(_dated(in_two[0], today), in_two[1])
    return _alone(at, pieces[at].bare, today, loosely=has_article or loosely)


def no_such_days(text: str) -> tuple[str, ...]:
    """What is written like a day of a month, as typed, where no year has such a day: 30 feb, 31.2., 2026-02-31."""
    pieces = pieces_of(text)
    found = []
    for at, piece in enumerate(pieces):
        in_two = _in_two(pieces, at)
        days = [in_two[0]] if in_two else _read_in_one(piece)
        if days and not any(_exists(one) for one in days):
            found.append(typed(pieces[at : in_two[1] if in_two else at + 1]))
    return tuple(found)


def written_until(pieces: Sequence[Piece], at: int) -> int | None:
    """Where a day with its month that begins at a piece ends, whether there is such a day or not; None where none
    begins that can be nothing else: "9 mar" is also nine o'clock on a Tuesday."""
    if at >= len(pieces):
        return None
    if in_two := _in_two(pieces, at):
        return in_two[1] if says_which(pieces[at : in_two[1]]) else None
    return at + 1 if _read_in_one(pieces[at]) else None


def says_which(pieces: Iterable[Piece]) -> bool:
    """Whether the pieces of a date can mean no other day and no weekday: 5 dec and 5 mar 2027, not 5 mar or 12/5."""
    return any(
        (one.bare in MONTHS and one.bare not in WEEKDAY_WORDS)
        or re.fullmatch(r"\d{4}|\d{4}-\d\d-\d\d|\d+([./-])\d+\1\d+|today|tomorrow|hoy|manana", one.bare)
        or _dotted(one)
        for one in pieces
    )


def _soon(pieces: Sequence[Piece], at: int, today: date) -> tuple[date, int] | None:
    """Today, tomorrow and the day after."""
    one, two, three = (pieces[place].bare if place < len(pieces) else "" for place in range(at, at + 3))
    if one in ("today", "hoy"):
        return today, at + 1
    if one == "tomorrow":
        return today + ONE_DAY, at + 1
    if (one, two, three) == ("day", "after", "tomorrow"):
        return today + 2 * ONE_DAY, at + 3
    if (one, two) == ("pasado", "manana"):
        return today + 2 * ONE_DAY, at + 2
    before = tuple(piece.bare for piece in pieces[max(at - 2, 0) : at])
    if one == "manana" and (not before or before[-1] in BEFORE_TOMORROW or before in BEFORE_TOMORROW_TOO):
        return today + ONE_DAY, at + 1
    return None


def _in_two(pieces: Sequence[Piece], at: int) -> tuple[Written, int] | None:
    """Day and month of dec 14, 14 dec, 14 de diciembre, with the year behind them; and where what follows begins."""
    first, words = pieces[at].bare, [piece.bare for piece in pieces[at + 1 : at + 3]]
    if first in MONTHS:
        day, month, after = _number(words[0]) if words else None, MONTHS[first], at + 2
    else:
        joint = bool(words and words[0] in ("de", "of"))
        day, month = _number(first), MONTHS.get(words[joint] if len(words) > joint else "", 0)
        after = at + 2 + joint
    if not (day and month):
        return None
    ahead = after + (after < len(pieces) and pieces[after].bare in (",", "de", "del", "of"))
    if ahead < len(pieces) and re.fullmatch(r"\d{4}", pieces[ahead].bare):
        return (day, month, int(pieces[ahead].bare)), ahead + 1
    return (day, month, None), after


def _read_in_one(piece: Piece) -> list[Written]:
    """Days with their months that one piece may mean, whether there are such days or not; day first comes first."""
    if found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", piece.bare):
        return [(int(found[3]), int(found[2]), int(found[1]))]
    found = re.fullmatch(r"(\d{1,2})(?:/(\d{1,2})(?:/(\d{4}|\d{2}))?|-(\d{1,2})-(\d{4}))", piece.bare)
    if found:
        one, other, year = int(found[1]), int(found[2] or found[4]), _year(found[3] or found[5])
        return [(one, other, year), (other, one, year)]
    return [dotted] if (dotted := _dotted(piece)) else []


def _dotted(piece: Piece) -> Written | None:
    """Day and month of 31.12. and 31.12.2026, in which the day stands first everywhere."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?", piece.typed)
    return (int(found[1]), int(found[2]), _year(found[3])) if found else None


def _year(digits: str | None) -> int | None:
    return None if digits is None else int(digits) + (0 if len(digits) > 2 else LONG_AGO.year)


def _alone(at: int, first: str, today: date, *, loosely: bool) -> tuple[date, int] | None:
    day = _number(first)
    if day is None or not 1 <= day <= 31 or not (loosely or not first.isdecimal()):
        return None
    return _found(next_day_of_month(day, today), at + 1)


def _found(day: date | None, after: int) -> tuple[date, int] | None:
    return None if day is None else (day, after)


def _dated(written: Written, today: date) -> date | None:
    """Without a year the next one; with one that day, unless it is past or its year is far."""
    day, month, year = written
    if year is None:
        return next_date(month, day, today)
    if not _exists(written):
        return None
    found = date(year, month, day)
    # The day before and the day behind are what "before today" and "after" the last day mean.
    return None if found < today - ONE_DAY or (found - ONE_DAY).year > today.year + YEARS_AHEAD else found


def _exists(written: Written) -> bool:
    day, month, year = written
    if year is None:
        return next_date(month, day, LONG_AGO) is not None
    try:
        date(year, month, day)
    except ValueError:
        return False
    return year > 1


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
