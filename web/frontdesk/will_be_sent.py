"""The messages that would go, as a page shows them before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from notifications.would_be_told import WouldGo
from web.messages_sent import CHANNELS, PURPOSES
from web.spoken import address, soon


@dataclass(frozen=True, slots=True)
class WillBeSent:
    """One message: what, by which way and to where, when it goes, and its words."""

    purpose: str
    channel: str
    to: str
    when: str
    text: str


def in_words(messages: Sequence[WouldGo], now: datetime) -> list[WillBeSent]:
    """The messages in their order."""
    today = timezone.localdate(now)
    return [
        WillBeSent(
            purpose=str(PURPOSES[one.purpose]),
            channel=str(CHANNELS[one.channel]),
            to=address(one.address),
            when=gettext("goes at %(time)s") % {"time": soon(one.at, today)},
            text=one.text,
        )
        for one in messages
    ]
