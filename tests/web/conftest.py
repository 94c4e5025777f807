"""The time of day at which pages are tested, and the gateway that texts go to where a test sends some."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from pytest_django import Settings

from tests.factories import NOW
from tests.fakes.twilio_gateway import TwilioGateway, running_gateway


@pytest.fixture
def before_opening() -> Iterator[None]:
    """It is seven in the morning of a Monday in New York, an hour before the clinic opens, and stays so."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def gateway(settings: Settings) -> Iterator[TwilioGateway]:
    """What texts go out through, with a ledger of its own."""
    with running_gateway() as running:
        settings.SMS_URL = running.url
        yield running
