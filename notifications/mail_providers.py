"""Which mail providers tell us what became of a letter. Knows no model: a start is refused before any is loaded."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from anymail.exceptions import AnymailConfigurationError
from django.utils.module_loading import import_string

from notifications.channels.provider_mail import SCHEME, MailProvider

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
            view_of(name, email_url, secret)
        except AnymailConfigurationError as problem:
            # Anymail's sentence names the setting that is missing and no value.
            raise ValueError(f"EMAIL_URL: {name} needs another setting: {problem}") from None


def view_of(name: str, email_url: str, secret: str) -> Any:
    """anymail's reader of what this provider posts. Refuses with AnymailConfigurationError where a key is missing."""
    options = MailProvider.from_url(email_url).options
    keys = {key: options[key] for key in KEYS if key in options}
    return import_string(VIEWS[name])(webhook_secret=f"{name}:{secret}", **keys)
