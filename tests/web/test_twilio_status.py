"""The address Twilio reports to: only what is signed with our token is believed, and each report once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from notifications.dispatch import dispatch_due
from notifications.models import Notice, Receipt
from tests.fakes.twilio_gateway import Arrival, TwilioGateway, running_gateway
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
TOLD = NOON + timedelta(minutes=3)


@pytest.fixture
def gateway(settings: Settings) -> Iterator[TwilioGateway]:
    with running_gateway() as running:
        settings.SMS_URL = running.url
        yield running


@pytest.fixture
def text(gateway: TwilioGateway) -> Arrival:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    dispatch_due(clock=lambda: TOLD, until=TOLD + timedelta(seconds=1))
    return gateway.ledger[0]


def post(gateway: TwilioGateway, text: Arrival, status: str, **changes: str) -> int:
    url, form, signature = gateway.status_request(text, status)
    parts = urlsplit(url)
    client = Client(enforce_csrf_checks=True)
    answer = client.post(f"{parts.path}?{parts.query}", form | changes, headers={"X-Twilio-Signature": signature})
    return answer.status_code


def state() -> str:
    return Notice.objects.get(purpose="booking_confirmation").state


def test_signed_report_is_applied(gateway: TwilioGateway, text: Arrival) -> None:
    assert post(gateway, text, "delivered") == 200
    assert state() == "delivered"


def test_report_that_comes_again_gets_the_same_answer(gateway: TwilioGateway, text: Arrival) -> None:
    assert [post(gateway, text, "delivered") for _ in range(3)] == [200, 200, 200]
    assert Receipt.objects.count() == 1


def test_forged_report_is_refused_and_nothing_is_stored(gateway: TwilioGateway, text: Arrival) -> None:
    assert post(gateway, text, "delivered", MessageStatus="failed") == 403
    gateway.token = "another"
    assert post(gateway, text, "delivered") == 403
    assert (Receipt.objects.count(), state()) == (0, "sent")


def test_without_an_account_no_signature_is_right(gateway: TwilioGateway, text: Arrival, settings: Settings) -> None:
    settings.SMS_URL = "outbox:"
    assert post(gateway, text, "delivered") == 403
    assert Receipt.objects.count() == 0


def test_reading_the_address_is_refused(client: Client) -> None:
    assert client.get("/webhooks/sms/twilio/status").status_code == 405
