"""The link in a message: a token made from the message's id with our key, looked up by its hash, kept nowhere."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Max, QuerySet
from django.db.models.functions import Upper
from django.utils.crypto import salted_hmac

from notifications.models import Message
from scheduling.models import Appointment

TOKEN_BYTES = 16


class NoSuchLink(Exception):
    """The token is not one of ours, or its visits are over; both look the same from outside."""


def token_for(message_id: UUID, purpose: str) -> str:
    """22 characters that carry 128 bits, short for a text's sake; the same for the same message, purpose and key."""
    mac = salted_hmac("notifications.links", f"{message_id}:{purpose}", algorithm="sha256").digest()
    return urlsafe_b64encode(mac[:TOKEN_BYTES]).decode().rstrip("=")


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def url_for(token: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}/v/{token}/"


def find_message(*, token: str, now: datetime) -> Message:
    """The message whose link this is. Refuses with NoSuchLink a token nobody was given, and one whose visits are over.

    A link is read until a day after the last visit it spoke of has ended, or a week after it was written.
    """
    message = Message.objects.select_related("patient", "clinic").filter(link_hash=hash_of(token)).first()
    if message is None:
        raise NoSuchLink
    last = visits_told(message).aggregate(end=Max(Upper("period")))["end"]
    until = max(filter(None, (last and last + timedelta(days=1), message.written_at + timedelta(days=7))))
    if now >= until:
        raise NoSuchLink
    return message


def visits_told(message: Message) -> QuerySet[Appointment]:
    """The visits that a message spoke of, in order of time."""
    return Appointment.objects.filter(told_by__notice__message=message).distinct().order_by("period")
