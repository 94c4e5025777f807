"""What Postmark says of a letter it sent for us, read from its JSON. Pure.

Postmark names each event by RecordType; of bounces it says by Inactive whether it sends to that mailbox any more. Our
message's id comes back in the Metadata that went with the letter. The fields are those of the examples on
postmarkapp.com/developer/webhooks: bounce-webhook, delivery-webhook, spam-complaint-webhook and
subscription-change-webhook; the types of bounce those of /developer/api/bounce-api#bounce-types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from notifications.inbound_mail import MailKind

# Where our message's id stands in the metadata.
OUR_ID = "message"
FOR_GOOD = ("HardBounce", "BadEmailAddress", "ManuallyDeactivated")
# This letter came back, though the next may arrive: a full mailbox, a server that blocked it. Of Transient and DnsError
# Postmark is still trying, and the rest are machines' answers.
CAME_BACK = ("SoftBounce", "Blocked", "DMARCPolicy", "SpamNotification", "VirusNotification")
# Why a mailbox is on Postmark's list of those it doesn't send to. A reader who unsubscribes counts as by hand.
WANTS_NONE = ("SpamComplaint", "ManualSuppression")


@dataclass(frozen=True, slots=True)
class MailEvent:
    """`reference` is Postmark's name for the letter; `message_id` is ours, None where the event has none."""

    kind: MailKind
    reference: str
    message_id: UUID | None


def read_event(payload: Mapping[str, Any]) -> MailEvent | None:
    """The event, or None for one that changes nothing: opened, clicked, or of a kind that is newer than this."""
    kind = _kind(payload)
    if kind is None:
        return None
    metadata = payload.get("Metadata")
    said = metadata.get(OUR_ID) if isinstance(metadata, Mapping) else None
    try:
        message_id = UUID(str(said))
    except ValueError:
        message_id = None
    # Null where somebody changed Postmark's list by hand.
    return MailEvent(kind, str(payload.get("MessageID") or "")[:200], message_id)


def _kind(payload: Mapping[str, Any]) -> MailKind | None:
    record = payload.get("RecordType")
    if record == "Delivery":
        return MailKind.DELIVERED
    if record == "SpamComplaint":
        return MailKind.COMPLAINT
    if record == "SubscriptionChange":
        return _of_change(payload)
    if record == "Bounce":
        return _of_bounce(payload)
    return None


def _of_change(payload: Mapping[str, Any]) -> MailKind | None:
    """The reader pressed Postmark's own unsubscribe link or the junk button. A hard bounce puts the mailbox on the same
    list, with the recipient as its origin too, and says nothing of what the reader wants."""
    if payload.get("SuppressSending") is not True or payload.get("Origin") != "Recipient":
        return None
    reason = payload.get("SuppressionReason")
    if reason == "HardBounce":
        return MailKind.BOUNCED
    return MailKind.COMPLAINT if reason in WANTS_NONE else None


def _of_bounce(payload: Mapping[str, Any]) -> MailKind:
    if payload.get("Inactive") is True or payload.get("Type") in FOR_GOOD:
        return MailKind.BOUNCED
    return MailKind.CAME_BACK if payload.get("Type") in CAME_BACK else MailKind.DELAYED
