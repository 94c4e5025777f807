"""The fakes of the outside world, put where the settings point."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.fakes.smtp_server import SmtpServer, running_smtp_server
from tests.fakes.twilio_gateway import TwilioGateway, running_gateway


@pytest.fixture
def gateway(settings: Settings) -> Iterator[TwilioGateway]:
    with running_gateway() as running:
        settings.SMS_URL = running.url
        yield running


@pytest.fixture
def outbox(settings: Settings) -> None:
    """Nothing leaves the machine."""
    settings.SMS_URL = settings.EMAIL_URL = "outbox:"


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[SmtpServer]:
    with running_smtp_server() as running:
        settings.EMAIL_URL = running.url
        yield running
