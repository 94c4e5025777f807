"""How many routine texts one address may get a day and a week, and when the next may go. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from notifications.notice_facts import ChannelName, Purpose

WEEK = timedelta(days=7)
# What a patient can do without on a day with many messages. News of a visit and answers are never held back.
ROUTINE = frozenset({Purpose.REMINDER, Purpose.RIDE, Purpose.CHECK_IN, Purpose.MISSED})
# Who doesn't hear until when to eat can't be treated, so instructions always go; other texts give way to them.
COUNTED = ROUTINE | {Purpose.INSTRUCTIONS}


@dataclass(frozen=True, slots=True)
class Caps:
    """Most routine texts to one address in a day of its owner's and in any seven days; 0 for no limit.

    The defaults are those under which US law asks no further consent for a clinic's texts: 47 CFR 64.1200(a)(9)(iv).
    """

    a_day: int = 1
    a_week: int = 3


def bind(purpose: Purpose, channel: ChannelName) -> bool:
    """Whether caps hold such a message back."""
    return purpose in ROUTINE and channel is ChannelName.SMS


def count(purpose: Purpose, channel: ChannelName) -> bool:
    """Whether such a message takes one of the places of its day and week."""
    return purpose in COUNTED and channel is ChannelName.SMS


def free_at(sent: Sequence[datetime], *, caps: Caps, now: datetime, zone: ZoneInfo) -> datetime:
    """The first instant from `now` on at which one text more keeps within the caps; `sent`: when others went."""
    at = now
    while True:
        today = sum(one.astimezone(zone).date() == at.astimezone(zone).date() for one in sent)
        week = sorted(one for one in sent if at - WEEK < one <= at)
        if caps.a_day and today >= caps.a_day:
            at = _next_day(at, zone)
        elif caps.a_week and len(week) >= caps.a_week:
            at = week[-caps.a_week] + WEEK
        else:
            return at


def _next_day(at: datetime, zone: ZoneInfo) -> datetime:
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)
