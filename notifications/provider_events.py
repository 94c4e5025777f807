"""What mail providers other than Postmark say of letters they sent for us: anymail checks the request and reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from django.http import HttpRequest
from django.utils.module_loading import import_string

from notifications.channels.provider_mail import SCHEME, MailProvider
from notifications.inbound_mail import MailKind
from notifications.models import Message, OutcomeKind
from notifications.postmark_events import MailEvent

POSTMARK = "postmark"
# Each is tried with events as it posts them; anymail can read more, whose signatures want what one URL can't say.
VIEWS = {
    "brevo": "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    "mailgun": "anymail.webhooks.mailgun.MailgunTrackingWebhookView",
    "mailjet": "anymail.webhooks.mailjet.MailjetTrackingWebhookView",
    "mailtrap": "anymail.webhooks.mailtrap.MailtrapTrackingWebhookView",
    "resend": "anymail.webhooks.resend.ResendTrackingWebhookView",
    "sparkpost": "anymail.webhooks.sparkpost.SparkPostTrackingWebhookView",
}
# Of EMAIL_URL's settings those that a webhook's signature is checked with.
KEYS = ("api_key", "signing_secret", "webhook_signing_key")
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


def check_reports(email_url: str, secret: str) -> None:
    """Refuses with ValueError, which names no secret, a mail provider whose reports could not be heard: a letter that
    came back would stand as sent."""
    if not urlsplit(email_url).scheme.startswith(SCHEME):
        return
    name = MailProvider.from_url(email_url).name
    if name not in (POSTMARK, *VIEWS):
        heard = ", ".join((POSTMARK, *VIEWS))
        raise ValueError(
            f"EMAIL_URL: {name} can't tell us what became of a letter. Use its SMTP server, or one of {heard}."
        )
    if not secret:
        raise ValueError(
            f"EMAIL_URL names {name}: set INBOUND_MAIL_SECRET, so that it can tell us which letters came back."
        )
    if name != POSTMARK:
        try:
            _view(name, email_url, secret)
        except AnymailConfigurationError as problem:
            # Anymail's sentence names the setting that is missing and no value.
            raise ValueError(f"EMAIL_URL: {name} needs another setting: {problem}") from None


def read_events(request: HttpRequest, *, provider: str, email_url: str, secret: str) -> list[MailEvent]:
    """The events in a provider's request, of which those that change nothing are left out.

    Refuses with NoSuchProvider, NotSigned and NotUnderstood.
    """
    if provider not in VIEWS or not secret or urlsplit(email_url).scheme != SCHEME + provider:
        raise NoSuchProvider
    try:
        view = _view(provider, email_url, secret)
        view.run_validators(request)
        return list(_events(view.parse_events(request)))
    except AnymailWebhookValidationFailure:
        raise NotSigned from None
    # What a request that is none of theirs makes anymail raise.
    except (AnymailConfigurationError, ValueError, LookupError, TypeError, AttributeError):
        raise NotUnderstood from None


def _view(name: str, email_url: str, secret: str) -> Any:
    options = MailProvider.from_url(email_url).options
    keys = {key: options[key] for key in KEYS if key in options}
    return import_string(VIEWS[name])(webhook_secret=f"{name}:{secret}", **keys)


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
