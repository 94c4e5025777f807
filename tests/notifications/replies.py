"""A patient who was told of visits, and quick ways for them to write back, for tests of replies."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from notifications.dispatch import dispatch_due
from notifications.inbound import Arrived, take_reply
from notifications.models import InboundMessage
from notifications.notice_facts import ChannelName
from tests.notifications.world import NOON, PHONE, plan

OUR_NUMBER = "+15550100000"
TOLD = NOON + timedelta(minutes=3)
# An hour after the message.
THEN = TOLD + timedelta(hours=1)
numbers = itertools.count(1)


def tell(now: datetime = TOLD) -> None:
    """Plans and sends what is due."""
    plan(now=now - timedelta(minutes=3))
    dispatch_due(clock=lambda: now, until=now + timedelta(seconds=1))


def text_back(
    text: str,
    *,
    sender: str = PHONE,
    to: str = OUR_NUMBER,
    now: datetime = THEN,
    reference: str = "",
    pictures: int = 0,
    opted_out: bool = False,
) -> InboundMessage:
    """A text to us, as the webhook hands it over; gives what the inbox has of it."""
    reference = reference or f"SM{next(numbers)}"
    arrived = Arrived(
        provider="twilio",
        reference=reference,
        channel=ChannelName.SMS,
        sender=sender,
        to=[to],
        text=text,
        pictures=pictures,
        opted_out=opted_out,
    )
    take_reply(arrived=arrived, now=now)
    return InboundMessage.objects.get(provider="twilio", reference=reference)


def became(reply: InboundMessage) -> tuple[str, bool]:
    """What became of a reply, and whether a person has still to look at it."""
    reply.refresh_from_db()
    return reply.outcome, reply.handled_at is None
