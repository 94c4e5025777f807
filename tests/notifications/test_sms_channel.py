"""What only the SMS channel has: Twilio's errors, STOP, validity, signed callbacks, look-up by number and text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from twilio.request_validator import RequestValidator

from notifications.channels.outcomes import Accepted, CannotTell, Found, NotKnown, Refused, Unknown
from notifications.channels.sms import LOOK_UP_LIMIT, Gateway, SmsChannel
from tests.fakes.shared_inputs import read_json
from tests.fakes.twilio_gateway import MAGIC_NUMBERS, SENDER, TOKEN, Mode, TwilioGateway, running_gateway
from tests.notifications.test_channels import PATIENCE, outgoing, sms_channel

ANA = "+15551230001"


@pytest.fixture
def gateway() -> Iterator[TwilioGateway]:
    with running_gateway() as running:
        yield running


@pytest.mark.parametrize(
    ("number", "word", "stops"),
    [
        ("+15005550001", "bad_number", True),
        ("+15005550002", "no_route", True),
        ("+15005550003", "no_route", True),
        ("+15005550004", "opted_out", True),
        ("+15005550009", "bad_number", True),
    ],
)
def test_magic_number_is_refused_for_good(gateway: TwilioGateway, number: str, word: str, stops: bool) -> None:
    assert number in MAGIC_NUMBERS
    outcome = sms_channel(gateway).send(outgoing(number))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent, gateway.ledger) == (word, stops, [])


@pytest.mark.parametrize("word", read_json("real/twilio/behaviour.json")["stop_words"])
def test_send_after_stop_word_is_refused_as_opted_out(gateway: TwilioGateway, word: str) -> None:
    channel = sms_channel(gateway)
    gateway.hear(ANA, f" {word.lower()} ")
    refused = channel.send(outgoing(ANA))
    assert isinstance(refused, Refused)
    assert refused.code == "opted_out"
    gateway.hear(ANA, "START")
    assert isinstance(channel.send(outgoing(ANA)), Accepted)


def test_stop_inside_a_sentence_does_not_block(gateway: TwilioGateway) -> None:
    gateway.hear(ANA, "please stop calling me at work")
    assert isinstance(sms_channel(gateway).send(outgoing(ANA)), Accepted)


def test_unlisted_21xxx_is_refused_for_good(gateway: TwilioGateway) -> None:
    gateway.mode = Mode.REFUSE
    outcome = sms_channel(gateway).send(outgoing(ANA))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent) == ("rejected", True)


def test_wrong_token_is_our_fault_and_may_be_tried_again(gateway: TwilioGateway) -> None:
    gateway.token = "another"
    outcome = sms_channel(gateway).send(outgoing(ANA))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent) == ("not_signed_in", False)


def test_error_500_after_accepting_is_unknown(gateway: TwilioGateway) -> None:
    gateway.mode = Mode.ERROR_500
    message = outgoing(ANA)
    channel = sms_channel(gateway)
    assert isinstance(channel.send(message), Unknown)
    assert channel.look_up(message) == Found(gateway.ledger[0].sid)


def test_dripping_answer_meets_the_time_limit(gateway: TwilioGateway) -> None:
    gateway.mode = Mode.DRIP
    began = datetime.now(UTC)
    assert isinstance(sms_channel(gateway).send(outgoing(ANA)), Unknown)
    assert datetime.now(UTC) - began < timedelta(seconds=PATIENCE + 1)


def test_one_send_is_one_request(gateway: TwilioGateway) -> None:
    gateway.mode = Mode.ERROR_500
    sms_channel(gateway).send(outgoing(ANA))
    assert gateway.requests == 1


@pytest.mark.parametrize(("minutes", "seconds"), [(30, 1800 - PATIENCE), (24 * 60, 36_000)])
def test_validity_ends_with_the_messages_use(gateway: TwilioGateway, minutes: int, seconds: int) -> None:
    now = datetime.now(UTC)
    sms_channel(gateway).send(outgoing(ANA, started_at=now, valid_until=now + timedelta(minutes=minutes)))
    assert gateway.ledger[0].validity == seconds


def test_text_that_waited_for_its_turn_lives_no_longer_for_it(gateway: TwilioGateway) -> None:
    now = datetime.now(UTC)
    began = now - timedelta(seconds=14)
    text = outgoing(ANA, started_at=began, leaves_at=now, valid_until=now + timedelta(minutes=5))
    sms_channel(gateway).send(text)
    [arrival] = gateway.ledger
    assert arrival.validity == 300 - PATIENCE
    assert arrival.at + arrival.validity <= text.valid_until.timestamp()


def test_text_that_could_arrive_too_late_is_not_sent(gateway: TwilioGateway) -> None:
    now = datetime.now(UTC)
    refused = sms_channel(gateway).send(outgoing(ANA, started_at=now, valid_until=now + timedelta(seconds=PATIENCE)))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.permanent, gateway.ledger) == ("held_up", False, [])


def test_text_leaves_from_the_number_it_names_and_is_looked_up_there(gateway: TwilioGateway) -> None:
    channel, theirs = sms_channel(gateway), outgoing(ANA, sender="+12125550188")
    assert isinstance(channel.send(theirs), Accepted)
    assert [text.sender for text in gateway.ledger] == ["+12125550188"]
    assert channel.look_up(theirs) == Found(gateway.ledger[0].sid)
    assert channel.look_up(outgoing(ANA)) == NotKnown(), "the same words from another number"


def test_callback_carries_our_id_and_verifies(gateway: TwilioGateway) -> None:
    message = outgoing(ANA)
    sms_channel(gateway).send(message)
    url, form, signature = gateway.status_request(gateway.ledger[0], "delivered")
    assert parse_qs(urlsplit(url).query) == {"message": [message.message_id]}
    assert urlsplit(url).path == "/webhooks/sms/twilio/status"
    assert RequestValidator(TOKEN).validate(url, form, signature)


def test_look_up_tells_texts_apart_by_their_exact_words(gateway: TwilioGateway) -> None:
    channel = sms_channel(gateway)
    channel.send(outgoing(ANA, body="one"))
    channel.send(outgoing(ANA, body="two"))
    channel.send(outgoing("+15551230002", body="three"))
    assert channel.look_up(outgoing(ANA, body="two")) == Found(gateway.ledger[1].sid)
    assert channel.look_up(outgoing(ANA, body="three")) == NotKnown()


def test_look_up_ignores_the_same_words_of_another_day(gateway: TwilioGateway) -> None:
    channel = sms_channel(gateway)
    channel.send(outgoing(ANA))
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert channel.look_up(outgoing(ANA, started_at=tomorrow)) == NotKnown()


def test_look_up_that_does_not_reach_back_cannot_tell(gateway: TwilioGateway) -> None:
    for _ in range(LOOK_UP_LIMIT):
        gateway.accept({"To": ANA, "From": SENDER, "Body": "another"})
    assert sms_channel(gateway).look_up(outgoing(ANA)) == CannotTell()


@pytest.mark.parametrize(
    "url",
    ["twilio://AC1:t@h?from=abc", "twilio://AC1@h?from=+1555", "smtp://h", "twilio://a:b@h?from=+1555&scheme=ftp"],
)
def test_wrong_url_is_refused_without_telling_the_token(url: str) -> None:
    with pytest.raises(ValueError, match="SMS_URL"):
        Gateway.from_url(url)


def test_url_without_a_host_means_twilio_itself() -> None:
    gateway = Gateway.from_url("twilio://AC1:token@?from=%2B15550100000")
    assert (gateway.base_url, gateway.sender) == ("https://api.twilio.com", "+15550100000")
    assert isinstance(SmsChannel(gateway, callback_base="https://desk.test"), SmsChannel)


@pytest.mark.parametrize(
    "vector", read_json("real/twilio/signature_vectors.json")["vectors"], ids=lambda vector: vector["name"]
)
def test_signature_vector(vector: dict[str, object]) -> None:
    """The SDK's check is the one the webhook uses; these are its published vectors and forgeries of them."""
    form: dict[str, list[str]] = {}
    for key, value in vector.get("form", []):  # type: ignore[attr-defined]
        form.setdefault(key, []).append(value)
    body = vector.get("body") if "body" in vector else _Many(form)
    assert RequestValidator(vector["token"]).validate(vector["url"], body, vector["signature"]) is vector["valid"]


class _Many(dict[str, list[str]]):
    def getlist(self, key: str) -> list[str]:
        return self[key]
