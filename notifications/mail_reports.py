"""Bounces and complaints: a mailbox that can't be reached, or whose owner calls us junk, gets nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from notifications import reasons
from notifications.addresses import stop_address
from notifications.inbound_mail import InboundMail, MailKind
from notifications.models import CallKind, Message, Receipt
from notifications.receipts import apply_receipts
from notifications.reply_calls import ask_to_call
from notifications.unsubscribing import withdraw
from scheduling.events import Actor

EMAIL = "email"
STATUS = {MailKind.BOUNCED: "undelivered", MailKind.DELAYED: "delayed", MailKind.COMPLAINT: "complaint"}
COMPLAINT = "A complaint about junk mail (RFC 5965)"
BY = Actor.system("mail reports")


def take_mail_report(*, mail: InboundMail, now: datetime) -> bool:
    """Keeps a report about a letter of ours and acts on it; False if it had come before.

    Anyone can send us a report, so it counts only where it carries the letter's Message-ID, which its reader alone
    has; others are kept and change nothing. A bounce for good fails the notice, stops the mailbox and has somebody say
    it by telephone; a complaint withdraws consent as well. Records `address.stopped`, `consent.withdrawn`,
    `call.asked`.
    """
    with transaction.atomic():
        message = _message(mail)
        _, is_new = Receipt.objects.get_or_create(
            provider=EMAIL,
            reference=mail.reference,
            status=STATUS[mail.kind],
            defaults={"message": message, "received_at": now},
        )
        act = ACTS.get(mail.kind)
        if is_new and message is not None and act is not None:
            act(message, now)
    return is_new


def _bounced(message: Message, now: datetime) -> None:
    apply_receipts(message=message, now=now)
    stop_address(address=message.address, reason=reasons.BOUNCED, by=BY, now=now)
    _call(CallKind.SAY_INSTEAD, reasons.BOUNCED, message, now)


def _complained(message: Message, now: datetime) -> None:
    withdraw(message=message, raw_text=COMPLAINT, by=BY, now=now)
    stop_address(address=message.address, reason=reasons.COMPLAINED, by=BY, now=now)
    _call(CallKind.UNSUBSCRIBED, reasons.COMPLAINED, message, now)


# A letter that is only delayed needs nobody.
ACTS: Mapping[MailKind, Callable[[Message, datetime], None]] = {
    MailKind.BOUNCED: _bounced,
    MailKind.COMPLAINT: _complained,
}


def _call(kind: CallKind, reason: str, message: Message, now: datetime) -> None:
    ask_to_call(
        key=f"{kind}/{reason}/m{message.pk}",
        kind=kind,
        clinic=message.clinic,
        patient=message.patient,
        notice=message.notices.order_by("pk").first(),
        reason=reason,
        by=BY,
        now=now,
    )


def _message(mail: InboundMail) -> Message | None:
    rows = Message.objects.filter(pk__in=mail.ours, channel=EMAIL).select_related("address", "patient", "clinic")
    found = {row.pk: row for row in rows}
    return next((found[one] for one in mail.ours if one in found), None)
