"""A whole number that comes from outside: a form, an address, a file, another program. No Django."""

from __future__ import annotations

from typing import Final

# As many as fit a bigint whatever they are; Python itself reads no more than some thousands.
MOST_DIGITS: Final = 18


def read_number(text: str, *, digits: int = MOST_DIGITS) -> int | None:
    """The number; None for whatever is not the digits 0 to 9 alone, or is more than so many of them."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None
