"""What mail providers other than Postmark say of letters they sent for us: anymail checks the request and reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from django.http import HttpRequest

from notifications.channels.provider_mail import SCHEME
from notifications.inbound_mail import MailKind
from notifications.mail_providers import VIEWS, view_of
from notifications.models import Message, OutcomeKind
from notifications.postmark_events import MailEvent

WANTS_NONE = ("spam", "unsubscribed")
KINDS = {
    "delivered": MailKind.DELIVERED,
    "deferred": MailKind.DELAYED,
    "bounced": MailKind.BOUNCED,
    # This one did not go; the next may.
    "rejected": MailKind.CAME_BACK,
    "failed": MailKind.CAME_BACK,
    "complained": MailKind.COMPLAINT,
    "unsubscribed": MailKind.COMPLAINT,
}


class NoSuchProvider(Exception):
    """Mail is not sent by this provider, or it reports nothing here."""


class NotSigned(Exception):
    """Whoever sent this doesn't know the secret, or the provider's signature is not right."""


class NotUnderstood(Exception):
    """This is none of the provider's events."""


def read_events(request: HttpRequest, *, provider: str, email_url: str, secret: str) -> list[MailEvent]:
    """The events in a provider's request, of which those that change nothing are left out.

    Refuses with NoSuchProvider, NotSigned and NotUnderstood.
    """
    if provider not in VIEWS or not secret or urlsplit(email_url).scheme != SCHEME + provider:
        raise NoSuchProvider
    try:
        view = view_of(provider, email_url, secret)
        view.run_validators(request)
        return list(_events(view.parse_events(request)))
    except AnymailWebhookValidationFailure:
        raise NotSigned from None
    # What a request that is none of theirs makes anymail raise.
    except (AnymailConfigurationError, ValueError, LookupError, TypeError, AttributeError):
        raise NotUnderstood from None


def _events(found: list[Any]) -> Iterator[MailEvent]:
    for event in found:
        kind = KINDS.get(event.event_type)
        if event.event_type == "rejected" and event.reject_reason in WANTS_NONE:
            kind = MailKind.COMPLAINT
        if kind is not None:
            reference = str(event.message_id or "")[:200]
            message = _message(reference, str(event.recipient or ""))
            yield MailEvent(kind, reference, message.pk if message else None)


def _message(reference: str, recipient: str) -> Message | None:
    """The letter that the provider took under this name. By its mailbox, of whose letters there are few."""
    # Some write it in brackets in one place and without them in the other.
    names = [reference, reference.strip("<>")]
    mails = Message.objects.filter(channel="email", address__kind="email", address__value=recipient.lower())
    taken = {"attempts__outcomes__kind": OutcomeKind.ACCEPTED, "attempts__outcomes__gateway_reference__in": names}
    return mails.filter(**taken).first() if reference else None
