"""What somebody looks for in one line of text: parts of names, a birth date, digits of a telephone or record number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from scheduling.typed_dates import matches, readings

MOST_PARTS: Final = 8
LONGEST: Final = 60
# Of three letters only a swap is forgiven, and beside something else one that is missing, or every short name would be
# meant.
SLIPS_FROM: Final = 4
# "DOB", "MRN" and "#" are typed in front of what is meant.
LABELS: Final = frozenset({"dob", "mrn", "tel"})
# Deleted inside of names, as the database deletes them: O'Brien is found by obrien.
APOSTROPHES: Final = str.maketrans("", "", "'’`´")
DIGITS: Final = re.compile(r"(?<!\d)[+(]*\d(?:[\s().+/-]*\d)*(?!\w)")
WORD: Final = re.compile(r"[^\s\-.,_/()+#:;]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing typed: a `word` of a name or record number; or what has more than one reading, of which any will do:
    `digits` of a telephone, one of `dates`, and as it was `typed` in a record number."""

    word: str = ""
    digits: str = ""
    dates: tuple[date, ...] = ()
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Sought:
    """All that was typed; whoever is found matches every part. `rest`: the words in the order and case typed."""

    parts: tuple[Part, ...]
    rest: str

    @property
    def words(self) -> tuple[str, ...]:
        """The pieces of names."""
        return tuple(part.word for part in self.parts if part.word)

    @property
    def born(self) -> date | None:
        """The likeliest birth date typed."""
        return next((day for part in self.parts for day in part.dates), None)

    @property
    def phone(self) -> str:
        """Digits long enough to be a whole number."""
        return next((part.digits for part in self.parts if len(part.digits) >= 10), "")


def read_search(text: str, *, today: date) -> Sought:
    """Reads a line. Dates come first, then digits in any grouping, then words; punctuation stands between words."""
    left = unicodedata.normalize("NFC", text)
    parts: list[Part] = []
    lower = left.lower()
    if len(lower) == len(left):
        for match in matches(lower):
            days = tuple(readings(match, today=today))
            if days and left[match.start() : match.end()].lower() == match[0]:
                # Eight digits in a row may as well be a record number.
                digits = match[0] if match[0].isdecimal() else ""
                parts.append(Part(digits=digits, dates=days, typed=match[0]))
                left = left[: match.start()] + " " * len(match[0]) + left[match.end() :]
    for match in DIGITS.finditer(left):
        digits = "".join(letter for letter in match[0] if letter.isdecimal())
        if len(digits) >= 3:
            parts.append(Part(digits=digits, typed=match[0]))
            left = left[: match.start()] + " " * len(match[0]) + left[match.end() :]
    words = [word for word in WORD.findall(left.translate(APOSTROPHES)) if word.lower() not in LABELS]
    rest = [word for word in re.split(r"[\s,]+", left) if WORD.search(word) and word.lower() not in LABELS]
    parts += [Part(word=word[:LONGEST]) for word in words]
    return Sought(tuple(parts[:MOST_PARTS]), " ".join(rest))


def one_slip(typed: str) -> list[str]:
    """Regular expressions of what may have been meant by a word with one slip: a letter too many, another one, one
    missing, or two swapped. Empty for a word too short to tell, or that is not all letters."""
    word = _plain(typed)
    if len(word) < SLIPS_FROM - 1 or not word.isalpha():
        return []
    swapped = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]
    if len(word) < SLIPS_FROM:
        return swapped
    too_many_or_another = [f"{word[:i]}.?{word[i + 1 :]}" for i in range(len(word))]
    one_missing = [f"{word[:i]}.{word[i:]}" for i in range(1, len(word))]
    return [*swapped, *too_many_or_another, *one_missing]


def one_too_few(typed: str) -> list[str]:
    """Regular expressions of the names of four letters of which one inside was left out; empty for a word that is not
    three letters."""
    word = _plain(typed)
    return [f"{word[:i]}.{word[i:]}" for i in (1, 2)] if len(word) == SLIPS_FROM - 1 and word.isalpha() else []


def _plain(typed: str) -> str:
    apart = unicodedata.normalize("NFKD", typed.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
