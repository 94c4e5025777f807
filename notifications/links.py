"""The link in a message: a token made from the message's id with our key, looked up by its hash.

The token itself stands in the message's stored body and nowhere else.
"""

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
from notifications.notice_facts import Purpose
from notifications.patient_facts import is_address_of
from scheduling.models import Appointment

TOKEN_BYTES = 16
CANCELLATION_IS_READ_FOR = timedelta(days=7)


class NoSuchLink(Exception):
    """The token is none of ours, its visits are over or its address is the patient's no more; all look the same."""


def token_for(message_id: UUID, purpose: str) -> str:
    """22 characters that carry 128 bits, short for a text's sake; the same for the same message, purpose and key."""
    mac = salted_hmac("notifications.links", f"{message_id}:{purpose}", algorithm="sha256").digest()
    return urlsafe_b64encode(mac[:TOKEN_BYTES]).decode().rstrip("=")


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def url_for(token: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}/v/{token}/"


def find_message(*, token: str, now: datetime) -> Message:
    """The message whose link this is, until the last visit it spoke of ends; a cancellation's, for a week.

    Refuses with NoSuchLink a token nobody was given, one that is over, and one that went to an address which was
    stopped or is the patient's no more.
    """
    messages = Message.objects.select_related("patient", "clinic", "address")
    message = messages.filter(link_hash=hash_of(token)).first()
    if message is None or not is_address_of(message.patient, message.address):
        raise NoSuchLink
    if message.purpose == Purpose.CANCELLED:
        until = message.written_at + CANCELLATION_IS_READ_FOR
    else:
        until = visits_told(message).aggregate(end=Max(Upper("period")))["end"]
    if now >= until:
        raise NoSuchLink
    return message


def visits_told(message: Message) -> QuerySet[Appointment]:
    """The visits that a message spoke of, in order of time."""
    return Appointment.objects.filter(told_by__notice__message=message).distinct().order_by("period")
