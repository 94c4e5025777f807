"""The link in a message: a token made from the message's id with our key, looked up by its hash.

The token itself stands in the message's stored body and nowhere else.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Lower, Upper
from django.utils.crypto import salted_hmac

from notifications.link_address import TOKEN_BYTES
from notifications.models import Message, NoticeVisit
from notifications.notice_facts import Purpose
from notifications.reaching import is_address_of
from scheduling.models import PATIENT_IS_THERE, Appointment, Status

READ_FOR = timedelta(days=7)
# They speak of visits that are no more, or over; a check-in's leads to the questions it asks.
READ_AFTERWARDS = (Purpose.CANCELLED, Purpose.CHECK_IN, Purpose.MISSED)
TO_COME = (Status.BOOKED, *PATIENT_IS_THERE)


class NoSuchLink(Exception):
    """The token is none of ours, its visits are over or its address is the patient's no more; all look the same."""


def token_for(ident: UUID, purpose: str) -> str:
    """22 characters that carry 128 bits, short for a text's sake; the same for the same id, purpose and key."""
    mac = salted_hmac("notifications.links", f"{ident}:{purpose}", algorithm="sha256").digest()
    return urlsafe_b64encode(mac[:TOKEN_BYTES]).decode().rstrip("=")


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_message(*, token: str, now: datetime) -> Message:
    """The message whose link this is, until the last visit it spoke of ends; that of a cancellation, a missed visit
    or a check-in, for a week.

    Refuses with NoSuchLink a token nobody was given, one that is over, and one that went to an address which was
    stopped or is the patient's no more.
    """
    messages = Message.objects.select_related("patient", "clinic", "address")
    message = messages.filter(link_hash=hash_of(token)).first()
    if message is None or not is_address_of(message.patient, message.address):
        raise NoSuchLink
    until = message.written_at + READ_FOR
    if message.purpose not in READ_AFTERWARDS:
        until = visits_told(message).aggregate(end=Max(Upper("period")))["end"] or until
    if now >= until:
        raise NoSuchLink
    return message


def visits_told(message: Message) -> QuerySet[Appointment]:
    """The visits that a message spoke of, in order of time."""
    return Appointment.objects.filter(told_by__notice__message=message).distinct().order_by("period")


def visits_behind(message: Message, *, now: datetime) -> QuerySet[Appointment]:
    """What its link opens: the visits the message spoke of, cancelled ones too, and the others of their series, as far
    as still to come."""
    told = visits_told(message)
    ours = Q(pk__in=told.values("pk")) | Q(
        order__in=told.filter(order__isnull=False).values("order"), status__in=(*TO_COME, Status.CANCELLED)
    )
    visits = Appointment.objects.filter(ours, patient=message.patient, period__endswith__gt=now)
    return visits.filter(status__in=(*TO_COME, Status.CANCELLED)).order_by("period", "pk")


def is_superseded(message: Message, *, now: datetime) -> bool:
    """Whether a visit the message told is booked at another time or place by now: who holds an old message learns that
    it changed, never what it became. A cancellation tells nothing new and leaves the link as it is.
    """
    told = NoticeVisit.objects.filter(notice__message=message, appointment__status=Status.BOOKED)
    told = told.filter(appointment__period__endswith__gt=now).annotate(starts_now=Lower("appointment__period"))
    return told.exclude(starts_at=F("starts_now"), clinic=F("appointment__clinic")).exists()
