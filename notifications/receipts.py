"""Providers' reports on what became of a text: stored once as they came, applied by rank, early ones kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from notifications import reasons
from notifications.addresses import stop_address
from notifications.channels.outcomes import TWILIO_REASONS
from notifications.models import AttemptOutcome, Message, Notice, NoticeState, OutcomeKind, Receipt
from scheduling.events import Actor
from scheduling.typed_numbers import read_number

TWILIO = "twilio"
ARRIVED = ("delivered", "read")
LOST = ("undelivered", "failed", "canceled")
FINAL = (OutcomeKind.ACCEPTED, OutcomeKind.REFUSED, OutcomeKind.NOT_KNOWN)
BY = Actor.system("receipts")


def take_twilio_status(*, form: Mapping[str, str], message_id: str, now: datetime) -> bool:
    """Stores a status callback whose signature the edge has checked, and applies it; False if it had come before.

    One for a message nobody knows is kept without it. Records `address.stopped` where the number can't work.
    """
    with transaction.atomic():
        receipt, is_new = Receipt.objects.get_or_create(
            provider=TWILIO,
            reference=form.get("MessageSid", "")[:200],
            status=form.get("MessageStatus", "")[:20],
            defaults={
                "error_code": form.get("ErrorCode", "")[:20],
                "message": _message(message_id),
                "received_at": now,
            },
        )
        if is_new and receipt.message is not None:
            apply_receipts(message=receipt.message, now=now)
    return is_new


def apply_receipts(*, message: Message, now: datetime) -> None:
    """Moves a message's notices as far as its receipts say, in whatever order these came.

    A message whose attempt has no answer yet is left to the answer, which applies them then.
    """
    # The row lock comes first: of a receipt and the recording of the answer, the second sees what the first wrote.
    notices = Notice.objects.filter(message=message)
    list(notices.order_by("pk").select_for_update().values_list("pk", flat=True))
    receipts = list(Receipt.objects.filter(message=message).order_by("pk"))
    if not receipts:
        return
    statuses = {receipt.status for receipt in receipts}
    if notices.filter(state=NoticeState.UNKNOWN).exists():
        _settle_unknown(message, receipts[0].reference, now)
        notices.filter(state=NoticeState.UNKNOWN).move(NoticeState.SENT, now=now)
    # A delivery outranks a failure reported before or after it: the text is on the phone.
    if statuses & set(ARRIVED):
        notices.move(NoticeState.DELIVERED, now=now)
    elif statuses & set(LOST):
        _lose(message, receipts, now)


def _lose(message: Message, receipts: list[Receipt], now: datetime) -> None:
    codes = [code for receipt in receipts if (code := read_number(receipt.error_code)) is not None]
    reason = next((TWILIO_REASONS[code] for code in codes if code in TWILIO_REASONS), None)
    word = reason.code if reason else reasons.UNDELIVERED
    sent = Notice.objects.filter(message=message, state=NoticeState.SENT)
    lost = sent.move(NoticeState.FAILED, now=now, reason=word)
    if lost and reason is not None and reason.stops_address:
        stop_address(address=message.address, reason=reason.code, by=BY, now=now)


def _settle_unknown(message: Message, reference: str, now: datetime) -> None:
    for attempt in message.attempts.exclude(outcomes__kind__in=FINAL):
        AttemptOutcome.objects.create(
            attempt=attempt,
            kind=OutcomeKind.ACCEPTED,
            gateway_reference=reference or TWILIO,
            detail="the provider reported on it",
            recorded_at=now,
        )


def _message(message_id: str) -> Message | None:
    try:
        return Message.objects.filter(pk=UUID(message_id)).first()
    except ValueError:
        return None
