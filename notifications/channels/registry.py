"""Which channel carries what, read once from the settings EMAIL_URL, SMS_URL and PUBLIC_URL."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from notifications.channels.email import EmailChannel, MailServer
from notifications.channels.outbox import OutboxChannel
from notifications.channels.outcomes import Channel
from notifications.channels.sms import Gateway, SmsChannel
from notifications.notice_facts import ChannelName


def channel_for(name: ChannelName) -> Channel:
    """The channel in use for e-mail or texts. Refuses a wrong URL with ValueError, which names no secret."""
    if name is ChannelName.EMAIL:
        return _email(settings.EMAIL_URL)
    return _sms(settings.SMS_URL, settings.PUBLIC_URL)


@cache
def _email(url: str) -> Channel:
    return OutboxChannel() if urlsplit(url).scheme == "outbox" else EmailChannel(MailServer.from_url(url))


@cache
def _sms(url: str, public_url: str) -> Channel:
    if urlsplit(url).scheme == "outbox":
        return OutboxChannel()
    return SmsChannel(Gateway.from_url(url), callback_base=public_url.rstrip("/"))
