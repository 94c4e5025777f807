"""Numbers that a phone dials at a press: a clinic's own, and those for an emergency in its words."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from notifications.addresses import REGION

# Standing alone: no part of a longer number.
EMERGENCY: Final = re.compile(r"(?<![\w+(.-])(?<!\d )(?:911|988)(?![\w)-]|[ .]\d)")


def dialled(phone: str) -> str:
    """What to dial, without a space: +12125550100; empty where nothing can be. An extension is said to who answers."""
    if EMERGENCY.fullmatch(phone):
        return phone
    try:
        number = phonenumbers.parse(phone, REGION)
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def with_calls(words: str) -> SafeString:
    """The words with each emergency number as a link that dials it. Words stay words, whatever is in them."""
    pieces, at = [], 0
    for found in EMERGENCY.finditer(words):
        link = format_html('<a href="tel:{0}">{0}</a>', found[0])
        pieces += [(words[at : found.start()],), (link,)]
        at = found.end()
    return format_html_join("", "{}", [*pieces, (words[at:],)])
