"""The address Twilio hands texts to: only what is signed with our token is believed, each text once, nothing said."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.http import QueryDict
from django.test import Client
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from notifications.channels.sms import Gateway
from notifications.models import InboundMessage, Message, Notice, Receipt
from notifications.receipts import take_twilio_status
from scheduling.models import Appointment
from tests.fakes.shared_inputs import read_json
from tests.fakes.twilio_gateway import ACCOUNT, SENDER, TwilioGateway, running_gateway
from tests.notifications.replies import THEN, tell
from tests.notifications.world import PHONE, booker, clinic_that_writes, new_york, reachable_patient

pytestmark = pytest.mark.django_db
PATH = "/webhooks/sms/twilio/inbound"


@pytest.fixture
def gateway(settings: Settings) -> Iterator[TwilioGateway]:
    with running_gateway() as running:
        settings.SMS_URL = running.url
        yield running


@pytest.fixture
def visit(gateway: TwilioGateway) -> Iterator[Appointment]:
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    tell()
    with time_machine.travel(THEN, tick=False):
        yield visit


def form_of(text: str, **more: str) -> dict[str, str]:
    form = {"MessageSid": "SM1", "AccountSid": ACCOUNT, "From": PHONE, "To": SENDER, "Body": text, "NumMedia": "0"}
    return form | more


def post(gateway: TwilioGateway, settings: Settings, form: dict[str, str], **changed: str) -> Any:
    signature = RequestValidator(gateway.token).compute_signature(settings.PUBLIC_URL.rstrip("/") + PATH, form)
    client = Client(enforce_csrf_checks=True)
    return client.post(PATH, form | changed, headers={"X-Twilio-Signature": str(signature)})


def test_signed_text_is_kept_acted_on_and_answered_with_nothing(
    gateway: TwilioGateway, settings: Settings, visit: Appointment
) -> None:
    answer = post(gateway, settings, form_of("1"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml")
    assert answer.content.decode().endswith("<Response/>")
    visit.refresh_from_db()
    assert (visit.confirmed_by, InboundMessage.objects.get().outcome) == ("reply", "confirmed")


def test_text_that_comes_again_gets_the_same_answer(
    gateway: TwilioGateway, settings: Settings, visit: Appointment
) -> None:
    assert [post(gateway, settings, form_of("hello")).status_code for _ in range(3)] == [200, 200, 200]
    assert InboundMessage.objects.count() == 1
    assert Notice.objects.filter(purpose="reply").count() == 1


def test_forged_text_is_refused_and_nothing_is_kept(
    gateway: TwilioGateway, settings: Settings, visit: Appointment
) -> None:
    assert post(gateway, settings, form_of("hello"), Body="STOP").status_code == 403
    gateway.token = "another"
    assert post(gateway, settings, form_of("STOP")).status_code == 403
    assert InboundMessage.objects.count() == 0


def test_pictures_are_counted_and_never_fetched(gateway: TwilioGateway, settings: Settings, visit: Appointment) -> None:
    before = gateway.requests
    form = form_of("", NumMedia="2", MediaUrl0=f"http://127.0.0.1:{gateway.port}/picture.jpg")
    assert post(gateway, settings, form).status_code == 200
    assert (InboundMessage.objects.get().pictures, gateway.requests) == (2, before)


def test_opt_out_that_the_account_took_is_one(gateway: TwilioGateway, settings: Settings, visit: Appointment) -> None:
    post(gateway, settings, form_of("fini", OptOutType="STOP"))
    assert InboundMessage.objects.get().outcome == "opted_out"


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_signed_form_that_is_no_text_is_refused(gateway: TwilioGateway, settings: Settings, missing: str) -> None:
    form = {key: value for key, value in form_of("1").items() if key != missing}
    assert post(gateway, settings, form).status_code == 400


def test_without_an_account_no_signature_is_right(gateway: TwilioGateway, settings: Settings) -> None:
    settings.SMS_URL = "outbox:"
    assert post(gateway, settings, form_of("1")).status_code == 403
    assert InboundMessage.objects.count() == 0


def test_reading_the_address_is_refused(client: Client) -> None:
    assert client.get(PATH).status_code == 405


VECTORS = [vector for vector in read_json("real/twilio/signature_vectors.json")["vectors"] if "form" in vector]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_real_signatures_over_a_raw_form_are_judged_as_twilio_does(vector: dict[str, Any]) -> None:
    form = QueryDict(mutable=True)
    for key, value in vector["form"]:
        form.appendlist(key, value)
    gateway = Gateway("AC1", vector["token"], "https://api.twilio.test", "+15550100")
    assert gateway.is_signed(url=vector["url"], form=form, signature=vector["signature"]) is vector["valid"]


@pytest.mark.parametrize("seed", range(5))
def test_reports_in_any_order_doubled_or_of_nobody_move_a_notice_once(visit: Appointment, seed: int) -> None:
    message = Message.objects.get()
    events = [(str(message.pk), status) for status in ("queued", "sent", "delivered", "undelivered")] * 5
    events += [("nobody", f"s{number}") for number in range(40)]
    random.Random(seed).shuffle(events)
    states = ["sent"]
    for message_id, status in events:
        take_twilio_status(form={"MessageSid": "SM9", "MessageStatus": status}, message_id=message_id, now=THEN)
        state = Notice.objects.get(message=message).state
        states += [state] if state != states[-1] else []
    first = next(status for _, status in events if status in ("delivered", "undelivered"))
    assert states == ["sent", "delivered" if first == "delivered" else "failed"]
    assert Receipt.objects.count() == 4 + 40
