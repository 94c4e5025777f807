"""No more messages there: pressed on the patient's page, or one click in a mail program (RFC 8058)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from notifications.calls import ask_to_call
from notifications.consent import consenting, withdraw_consent
from notifications.models import CallKind, ConsentMethod, Message
from scheduling.events import Actor

ID_BYTES, PROOF_BYTES = 16, 16
BY = Actor.system("unsubscribe link")
RAW_TEXT = "List-Unsubscribe=One-Click"
# Of the sentence at the button of the patient's page.
PAGE_WORDING = "page-1"


class NoSuchUnsubscription(Exception):
    """The token is none of ours."""


def token_of(message_id: UUID) -> str:
    """43 characters: the message's id and 128 bits that our key alone makes of it. It never ends."""
    return urlsafe_b64encode(message_id.bytes + _proof(message_id)).decode().rstrip("=")


def unsubscribe_url(message_id: UUID) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}/u/{token_of(message_id)}/"


def find_unsubscribed(token: str) -> Message:
    """The message whose unsubscribe link this is. Refuses with NoSuchUnsubscription."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        message_id = UUID(bytes=raw[:ID_BYTES])
    except ValueError:
        raise NoSuchUnsubscription from None
    if not constant_time_compare(raw[ID_BYTES:], _proof(message_id)):
        raise NoSuchUnsubscription
    message = Message.objects.filter(pk=message_id).select_related("address", "patient", "clinic").first()
    if message is None:
        raise NoSuchUnsubscription
    return message


def is_unsubscribed(message: Message) -> bool:
    """Whether nothing more goes to the address of this message."""
    return not consenting([message.address_id])


def unsubscribe(*, token: str, now: datetime) -> Message:
    """Withdraws consent of the mailbox that got this link, for everyone on it, and has the patient called: nobody else
    tells them of their visits now. Twice changes nothing. Refuses with NoSuchUnsubscription.

    Records `consent.withdrawn` and `call.asked`.
    """
    message = find_unsubscribed(token)
    with transaction.atomic():
        if stop_messages(message=message, raw_text=RAW_TEXT, wording_version="", by=BY, now=now):
            ask_what_they_would_like(message=message, by=BY, now=now)
    return message


def ask_what_they_would_like(*, message: Message, by: Actor, now: datetime, reason: str = "") -> None:
    """A call to who wants no more messages where this one went, once, however they said so. Records `call.asked`."""
    ask_to_call(
        key=f"{CallKind.UNSUBSCRIBED}/m{message.pk}",
        kind=CallKind.UNSUBSCRIBED,
        clinic=message.clinic,
        patient=message.patient,
        notice=message.notices.order_by("pk").first(),
        reason=reason,
        by=by,
        now=now,
    )


def stop_messages(
    *, message: Message, by: Actor, now: datetime, raw_text: str = "", wording_version: str = PAGE_WORDING
) -> bool:
    """No more messages to the address this message went to, for everyone on it; False where that was so.

    Records `consent.withdrawn`.
    """
    return withdraw_consent(
        address=message.address,
        method=ConsentMethod.WEB,
        language=message.language,
        patient=message.patient,
        raw_text=raw_text,
        wording_version=wording_version,
        by=by,
        now=now,
    )


def _proof(message_id: UUID) -> bytes:
    mac = salted_hmac("notifications.unsubscribing", str(message_id), algorithm="sha256").digest()
    return bytes(mac[:PROOF_BYTES])
