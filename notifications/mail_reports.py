"""Bounces and complaints: a mailbox that can't be reached, or whose owner calls us junk, gets nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from notifications import reasons
from notifications.addresses import stop_address
from notifications.inbound_mail import InboundMail, MailKind
from notifications.models import Message, Receipt
from notifications.postmark_events import MailEvent
from notifications.receipts import apply_receipts
from notifications.unsent import ask_to_call_about
from notifications.unsubscribing import ask_what_they_would_like, stop_messages
from scheduling.events import Actor

EMAIL = "email"
STATUS = {
    MailKind.BOUNCED: "undelivered",
    # Another word than for a bounce, which may follow and stops the mailbox.
    MailKind.CAME_BACK: "failed",
    MailKind.DELAYED: "delayed",
    MailKind.DELIVERED: "delivered",
    MailKind.COMPLAINT: "complaint",
}
COMPLAINT = "A complaint about junk mail (RFC 5965)"
BY = Actor.system("mail reports")


def take_mail_report(*, mail: InboundMail, now: datetime) -> bool:
    """Keeps a report about a letter of ours and acts on it; False if it had come before.

    Anyone can send us a report, so it counts only where it carries the letter's Message-ID, which its reader alone
    has; others are kept and change nothing. A bounce for good fails the notice, stops the mailbox and has somebody say
    it by telephone; a complaint withdraws consent as well. Records `address.stopped`, `consent.withdrawn`,
    `call.asked`.
    """
    return _take(EMAIL, mail.kind, mail.reference, _message(mail.ours), now)


def take_provider_event(*, provider: str, event: MailEvent, now: datetime) -> bool:
    """Keeps what a mail provider, whom the edge has checked, says of a letter of ours, and acts on it as
    `take_mail_report` does; a letter that arrived moves its notice on, and one that came back fails it, so that it
    becomes a call to make. False if it had come before.
    """
    ours = [event.message_id] if event.message_id else []
    return _take(provider, event.kind, event.reference, _message(ours), now)


def _take(provider: str, kind: MailKind, reference: str, message: Message | None, now: datetime) -> bool:
    with transaction.atomic():
        _, is_new = Receipt.objects.get_or_create(
            provider=provider,
            reference=reference,
            status=STATUS[kind],
            defaults={"message": message, "received_at": now},
        )
        if is_new and message is not None and kind in ACTS:
            ACTS[kind](message, now)
    return is_new


def _moved_on(message: Message, now: datetime) -> None:
    apply_receipts(message=message, now=now)


def _bounced(message: Message, now: datetime) -> None:
    apply_receipts(message=message, now=now)
    stop_address(address=message.address, reason=reasons.BOUNCED, by=BY, now=now)
    ask_to_call_about(message=message, reason=reasons.BOUNCED, by=BY, now=now)


def _complained(message: Message, now: datetime) -> None:
    stop_messages(message=message, raw_text=COMPLAINT, wording_version="", by=BY, now=now)
    stop_address(address=message.address, reason=reasons.COMPLAINED, by=BY, now=now)
    ask_what_they_would_like(message=message, reason=reasons.COMPLAINED, by=BY, now=now)


# A letter that is only delayed needs nobody.
ACTS: Mapping[MailKind, Callable[[Message, datetime], None]] = {
    MailKind.BOUNCED: _bounced,
    MailKind.CAME_BACK: _moved_on,
    MailKind.DELIVERED: _moved_on,
    MailKind.COMPLAINT: _complained,
}


def _message(ours: Sequence[UUID]) -> Message | None:
    rows = Message.objects.filter(pk__in=ours, channel=EMAIL).select_related("address", "patient", "clinic")
    found = {row.pk: row for row in rows}
    return next((found[one] for one in ours if one in found), None)
