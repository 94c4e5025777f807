"""How many SMS segments a text takes: GSM 03.38 with its extension table, or UCS-2. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")

# What has no accent to take off.
PLAIN = str.maketrans({
    "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "·": "-", "•": "-", "ł": "l", "Ł": "L", "đ": "d",
    "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE",
})  # fmt: skip

GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67


@dataclass(frozen=True, slots=True)
class Segments:
    """`units` are septets (gsm-7) or 16-bit units (ucs-2); `count` is what the carrier bills, 0 for an empty text."""

    encoding: Literal["gsm-7", "ucs-2"]
    units: int
    count: int


def measure(text: str) -> Segments:
    """The encoding a carrier picks for `text` and the number of segments it is cut into."""
    if all(char in GSM_BASIC or char in GSM_EXTENSION for char in text):
        return _pack("gsm-7", [2 if char in GSM_EXTENSION else 1 for char in text], GSM_SINGLE, GSM_PART)
    return _pack("ucs-2", [2 if ord(char) > 0xFFFF else 1 for char in text], UCS2_SINGLE, UCS2_PART)


def outside_gsm(text: str) -> list[str]:
    """The characters, each once in order, that force the short UCS-2 segments."""
    return list(dict.fromkeys(char for char in text if char not in GSM_BASIC and char not in GSM_EXTENSION))


def in_plain_letters(text: str, *, most_units: int) -> str:
    """One line of `text` for a short message: each letter outside GSM without its accent, as "Rio" for "Río"; "é" and
    "ñ" are GSM and stay. What takes more than `most_units` is cut. Empty where a character has no plain form: half a
    name is none.
    """
    plain = " ".join("".join(map(_plain, unicodedata.normalize("NFC", text))).split())
    while measure(plain).units > most_units:
        plain = plain[:-1].rstrip()
    return "" if outside_gsm(plain) else plain


def _plain(char: str) -> str:
    if char in GSM_BASIC or char in GSM_EXTENSION:
        return char
    parts = unicodedata.normalize("NFKD", char)
    return "".join(part for part in parts if not unicodedata.combining(part)).translate(PLAIN)


def _pack(encoding: Literal["gsm-7", "ucs-2"], widths: Iterable[int], single: int, part: int) -> Segments:
    widths = list(widths)
    units = sum(widths)
    if units <= single:
        return Segments(encoding, units, 1 if units else 0)
    # A two-unit character is never split over two segments, so one unit at the end of a segment may stay empty.
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return Segments(encoding, units, count)
