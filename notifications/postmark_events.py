"""What Postmark says of a letter it sent for us, read from its JSON. Pure.

Postmark names each event by RecordType; of bounces it says by Inactive whether it sends to that mailbox any more. Our
message's id comes back in the metadata that went with the letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from notifications.inbound_mail import MailKind

FOR_GOOD = ("HardBounce", "BadEmailAddress", "ManuallyDeactivated")


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
    said = metadata.get("message") if isinstance(metadata, Mapping) else None
    try:
        message_id = UUID(str(said))
    except ValueError:
        message_id = None
    return MailEvent(kind, str(payload.get("MessageID", ""))[:200], message_id)


def _kind(payload: Mapping[str, Any]) -> MailKind | None:
    record = payload.get("RecordType")
    if record == "Delivery":
        return MailKind.DELIVERED
    if record == "SpamComplaint":
        return MailKind.COMPLAINT
    if record == "SubscriptionChange":
        # The reader pressed Postmark's own unsubscribe link, or its junk button.
        wants_none = payload.get("SuppressSending") is True and payload.get("Origin") == "Recipient"
        return MailKind.COMPLAINT if wants_none else None
    if record == "Bounce":
        for_good = payload.get("Inactive") is True or payload.get("Type") in FOR_GOOD
        return MailKind.BOUNCED if for_good else MailKind.DELAYED
    return None
