"""When two names are easily taken for one another."""

from __future__ import annotations

import unicodedata
from typing import Final

# So many letters at the beginning make a short form: Alex is Alexandra.
SHORT_FORM: Final = 3


def plain(name: str) -> str:
    """The name in lower case, its letters without their marks."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def alike(one: str, other: str) -> bool:
    """Whether two names are the same, begin one another, or differ by one slip; nothing is like an empty name."""
    shorter, longer = sorted((plain(one), plain(other)), key=len)
    if len(shorter) < SHORT_FORM:
        return bool(shorter) and shorter == longer
    return longer.startswith(shorter) or one_slip_apart(shorter, longer)


def one_slip_apart(shorter: str, longer: str) -> bool:
    """Whether a letter more, another letter, or two swapped make the one of the other."""
    if len(longer) - len(shorter) > 1:
        return False
    at = next((i for i, letter in enumerate(shorter) if letter != longer[i]), len(shorter))
    if len(longer) > len(shorter):
        return shorter[at:] == longer[at + 1 :]
    swapped = shorter[at + 1 : at + 2] + shorter[at : at + 1] + shorter[at + 2 :]
    return shorter[at + 1 :] == longer[at + 1 :] or swapped == longer[at:]
