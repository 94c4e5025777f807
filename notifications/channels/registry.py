"""Which channel carries what, read once from the settings EMAIL_URL, SMS_URL and PUBLIC_URL."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from notifications.channels.console import ConsoleChannel
from notifications.channels.email import EmailChannel
from notifications.channels.mail_server import MailServer
from notifications.channels.outbox import OutboxChannel
from notifications.channels.outcomes import Channel
from notifications.channels.practice_guard import PracticeGuard
from notifications.channels.sms import Gateway, SmsChannel
from notifications.notice_facts import ChannelName

BY_PROVIDER = "anymail+"


def channel_for(name: ChannelName) -> Channel:
    """The channel in use for e-mail, texts or calls. Refuses a wrong URL with ValueError, which names no secret."""
    if name is ChannelName.EMAIL:
        return _email(settings.EMAIL_URL)
    if name is ChannelName.CALL:
        # It writes rows, and the channels are named before Django may load its models.
        from notifications.channels.call import CallChannel  # noqa: PLC0415

        return CallChannel()
    return _sms(settings.SMS_URL, settings.PUBLIC_URL)


@cache
def _email(url: str) -> Channel:
    scheme = urlsplit(url).scheme
    if scheme.startswith(BY_PROVIDER):
        # Few use one, and all its parts are slow to load.
        from notifications.channels.provider_mail import MailProvider, ProviderMailChannel  # noqa: PLC0415

        return PracticeGuard(ProviderMailChannel(MailProvider.from_url(url)))
    return _on_this_machine(scheme) or PracticeGuard(EmailChannel(MailServer.from_url(url)))


@cache
def _sms(url: str, public_url: str) -> Channel:
    here = _on_this_machine(urlsplit(url).scheme)
    return here or PracticeGuard(SmsChannel(Gateway.from_url(url), callback_base=public_url.rstrip("/")))


def _on_this_machine(scheme: str) -> Channel | None:
    if scheme == "outbox":
        return OutboxChannel()
    return ConsoleChannel() if scheme == "console" else None
