"""A birth date as people type it: 3/4/1985, 4 mar 1985, March 4th 1985, 1985-03-04, 03041985."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from scheduling.can_come_dates import no_such_days

OLDEST: Final = 1900
CENTURY: Final = 2000
MONTHS: Final = (
    ("january", "enero"), ("february", "febrero"), ("march", "marzo"), ("april", "abril"), ("may", "mayo"),
    ("june", "junio"), ("july", "julio"), ("august", "agosto"), ("september", "septiembre", "setiembre"),
    ("october", "octubre"), ("november", "noviembre"), ("december", "diciembre"),
)  # fmt: skip
DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th|º)?"
MONTH: Final = r"(?P<month>[a-z]{3,10})\.?"
YEAR: Final = r"(?P<year>\d{4}|\d{2})(?!\d)"
BETWEEN: Final = r"(?:[\s,./-]+(?:(?:of|de|del)\s+)?)"
WRITTEN: Final = (
    re.compile(rf"(?<!\d){DAY}{BETWEEN}?{MONTH}{BETWEEN}?{YEAR}"),
    re.compile(rf"\b{MONTH}{BETWEEN}?{DAY}{BETWEEN}{YEAR}"),
    re.compile(r"(?<!\d)(?P<year>\d{4})[-/.](?P<first>\d{1,2})[-/.](?P<second>\d{1,2})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<first>\d{{1,2}})(?P<mark>[-/.])(?P<second>\d{{1,2}})(?P=mark){YEAR}"),
    re.compile(r"(?<![\d-])(?P<first>\d{1,2})\s(?P<second>\d{1,2})\s(?P<year>(?:19|20)\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<first>\d{2})(?P<second>\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<first>\d{2})(?P<second>\d{2})(?P<year>(?:19|20)\d{2})(?!\d)"),
)


def read_birth_date(text: str, *, today: date) -> date | None:
    """The likeliest reading of a text that is nothing but a birth date; None where it is none, or not yet."""
    plain = text.strip().lower()
    for match in matches(plain):
        if (match.start(), match.end()) == (0, len(plain)):
            for reading in readings(match, today=today):
                return reading
    return None


def is_no_day(text: str) -> bool:
    """Whether a text is written like a date that there is not, with a year or without: 31.2.1980, 30 feb."""
    plain = text.strip().lower()
    whole = [match for match in matches(plain) if (match.start(), match.end()) == (0, len(plain))]
    # Leap years of two digits are the same in both centuries.
    years = [(match, int(match["year"]) + (0 if len(match["year"]) > 2 else CENTURY)) for match in whole]
    written = [(year, *order) for match, year in years for order in _orders(match.groupdict())]
    if written:
        return not any(_is_a_day(*one) for one in written)
    return bool(no_such_days(plain))


def _is_a_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def matches(text: str) -> Iterator[re.Match[str]]:
    """Pieces of a lower-case text that are written like dates."""
    for pattern in WRITTEN:
        yield from pattern.finditer(text)


def readings(match: re.Match[str], *, today: date) -> Iterator[date]:
    """The dates that such a piece may mean, from 1900 to `today`. 3/4/1985 is March 4 and then April 3; with dots it
    is April 3 first. Of two digits the year is the latest that is not ahead."""
    said = match.groupdict()
    year = int(said["year"])
    if len(said["year"]) == 2:
        year += today.year // 100 * 100
        year -= 100 * (year > today.year)
    for month, day in _orders(said):
        try:
            read = date(year, month, day)
        except ValueError:
            continue
        if date(OLDEST, 1, 1) <= read <= today:
            yield read


def _orders(said: dict[str, str]) -> list[tuple[int, int]]:
    """Month and day, in the order in which they are tried."""
    if "month" in said:
        month = _month(said["month"])
        return [(month, int(said["day"]))] if month else []
    first, second = int(said["first"]), int(said["second"])
    # The year stands in front: nobody goes on with the day.
    if next(iter(said)) == "year":
        return [(first, second)]
    both = [(first, second), (second, first)]
    if first == second:
        return both[:1]
    return both[::-1] if said.get("mark") == "." else both


def _month(word: str) -> int:
    """The number of a month by its name in English or Spanish, or how that begins; 0 for another word."""
    return next((n for n, names in enumerate(MONTHS, 1) if any(name.startswith(word) for name in names)), 0)
