"""E-mail by a provider's own API, through django-anymail. None in use has a look-up or takes a key of ours.

Postmark, whose events we read, gets two things more. `Metadata` comes back with every event and is seen by no reader
(postmarkapp.com/support/article/1125-custom-metadata-faq). Without the head `X-PM-KeepID` it may put a Message-ID of
its own in place of ours, and no answer would name our letter; that head is documented for its SMTP server
(postmarkapp.com/developer/user-guide/send-email-with-smtp) and sent through its API by others, so nothing but the
matching of answers rests on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.exceptions import (
    AnymailAPIError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from notifications.channels.mail_over_http import OneTry
from notifications.channels.one_request import AskedToWait, NeverSent
from notifications.channels.outcomes import (
    BAD_MAILBOX,
    NOT_SIGNED_IN,
    REJECTED,
    TOO_MANY,
    UNREACHABLE,
    UNSENDABLE,
    Accepted,
    CannotTell,
    LookUp,
    Outcome,
    Outgoing,
    Unknown,
    refusal,
)
from notifications.postmark_events import OUR_ID

TOTAL_SECONDS = 20.0
AT_ONCE = 8
SCHEME = "anymail+"
POSTMARK = "postmark"


@dataclass(frozen=True, slots=True)
class MailProvider:
    """Which of anymail's backends, with which of its settings, and the address that mail comes from."""

    name: str
    backend: type[AnymailRequestsBackend]
    options: Mapping[str, str]
    sender: str

    @classmethod
    def from_url(cls, url: str) -> MailProvider:
        """Reads `anymail+postmark://?server_token=...&from=Name <a@b>`: what is not `from` are the backend's settings.

        Refuses anything else with ValueError, which names no secret.
        """
        parts = urlsplit(url)
        name = parts.scheme.removeprefix(SCHEME)
        options = dict(parse_qsl(parts.query))
        sender = options.pop("from", "")
        if "@" not in parseaddr(sender)[1]:
            raise ValueError("EMAIL_URL needs ?from=, the address that mail comes from.")
        try:
            backend = import_string(f"anymail.backends.{name.replace('-', '_')}.EmailBackend")
        except ImportError:
            raise ValueError(f"EMAIL_URL: there is no mail provider {name}.") from None
        if not issubclass(backend, AnymailRequestsBackend):
            raise ValueError(f"EMAIL_URL: {name} can't be held to a time limit; use its SMTP server.")  # noqa: TRY004
        made = cls(name, backend, options, sender)
        try:
            made.connect()
        except (ImproperlyConfigured, TypeError) as problem:
            # Anymail's sentence names the setting that is missing and no value.
            raise ValueError(f"EMAIL_URL: {name} needs another setting: {problem}") from None
        return made

    def connect(self) -> AnymailRequestsBackend:
        """The backend for one message: it keeps nothing from one to the next."""
        return self.backend(**self.options)


class ProviderMailChannel:
    """Sends through one provider's account."""

    at_once = AT_ONCE

    def __init__(self, provider: MailProvider, *, total_seconds: float = TOTAL_SECONDS) -> None:
        self.provider = provider
        self.total_seconds = total_seconds

    @property
    def sender(self) -> str:
        return self.provider.name

    def send(self, outgoing: Outgoing) -> Outcome:
        if set("\r\n") & set(outgoing.to + outgoing.subject + outgoing.sender_name):
            return refusal(UNSENDABLE)
        message = self.compose(outgoing)
        try:
            self._post(message)
        except Exception as problem:  # noqa: BLE001 -- each way to fail has its outcome
            return _outcome_of(problem)
        reference = message.anymail_status.message_id
        return Accepted(reference=str(reference)) if reference else Unknown("The provider's answer names no message.")

    def look_up(self, outgoing: Outgoing) -> LookUp:
        return CannotTell()

    def rest(self) -> None:
        """Keeps nothing open."""

    def compose(self, outgoing: Outgoing) -> Any:
        """The message as anymail takes it; its Message-ID is made from our id."""
        name, address = parseaddr(self.provider.sender)
        headers = {
            "Date": format_datetime(outgoing.started_at),
            "Message-ID": f"<{outgoing.message_id}@{address.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        }
        if outgoing.unsubscribe_url:
            headers |= {
                "List-Unsubscribe": f"<{outgoing.unsubscribe_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        sender = formataddr((outgoing.sender_name or name, address))
        message: Any = EmailMessage(outgoing.subject, outgoing.body, sender, [outgoing.to], headers=headers)
        if self.provider.name == POSTMARK:
            # Not for others: some put it in the head of the mail, where the reader sees it, and some refuse it.
            message.extra_headers["X-PM-KeepID"] = "true"
            message.metadata = {OUR_ID: outgoing.message_id}
        for file in outgoing.attachments:
            kind = "; ".join([file.kind, *(f"{name}={value}" for name, value in file.parameters.items())])
            message.attach(file.name, file.content, kind)
        return message

    def _post(self, message: EmailMessage) -> None:
        backend = self.provider.connect()
        backend.open()
        try:
            one_try = OneTry(self.total_seconds)
            backend.session.mount("https://", one_try)
            backend.session.mount("http://", one_try)
            backend.send_messages([message])
        finally:
            backend.close()


BEFORE_IT_LEFT = (
    (NeverSent, UNREACHABLE),
    (AnymailInvalidAddress, UNSENDABLE),
    (AnymailUnsupportedFeature, UNSENDABLE),
    (AnymailSerializationError, UNSENDABLE),
)


def _outcome_of(problem: Exception) -> Outcome:
    for kind, reason in BEFORE_IT_LEFT:
        if isinstance(problem, kind):
            return refusal(reason)
    if isinstance(problem, AskedToWait):
        return refusal(TOO_MANY, problem.wait)
    if isinstance(problem, AnymailRecipientsRefused):
        status = problem.email_message.anymail_status.status or set()
        return refusal(BAD_MAILBOX if "invalid" in status else REJECTED)
    if isinstance(problem, AnymailAPIError) and problem.status_code is not None:
        return _of_status(problem.status_code)
    return Unknown(f"No answer after the text was sent ({type(problem).__name__}).")


def _of_status(status: int) -> Outcome:
    if status < 300 or status >= 500 or status == 408:
        return Unknown(f"The provider answered {status}.")
    return refusal(NOT_SIGNED_IN if status in (401, 403) else REJECTED)
