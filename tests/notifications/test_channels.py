"""One contract for every channel, played against each one's fake: three outcomes, never two, and nothing ever twice."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from notifications.channels.email import EmailChannel, MailServer
from notifications.channels.outbox import OutboxChannel
from notifications.channels.outcomes import (
    REASONS,
    Accepted,
    CannotTell,
    Channel,
    Found,
    NotKnown,
    Outgoing,
    Refused,
    Unknown,
)
from notifications.channels.sms import Gateway, SmsChannel
from tests.fakes import smtp_server, twilio_gateway

NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
PATIENCE = 1.0


@dataclass
class Setup:
    """A channel, and what its fake can do. An ability that a channel does not have is None."""

    channel: Channel
    to: str
    arrived: Callable[[], int]
    unreachable: Channel | None = None
    refuse_for_good: Callable[[], None] | None = None
    refuse_for_now: Callable[[], None] | None = None
    cut_after_accepting: Callable[[], None] | None = None
    hang: Callable[[], None] | None = None
    can_look_up: bool = False


def outgoing(to: str, **changes: object) -> Outgoing:
    values: dict[str, object] = {
        "message_id": "7d0f9a52-5a4d-4ba1-8d4c-0d7f0a3f6f11", "to": to, "subject": "Your visit",
        "body": "Harbor Center: your visit is on Thu Dec 3, 10:00 AM. ñ\n.\n", "started_at": datetime.now(UTC),
        "valid_until": datetime.now(UTC) + timedelta(hours=2),
    }  # fmt: skip
    return Outgoing(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(params=["sms", "email", "outbox"])
def setup(request: pytest.FixtureRequest) -> Iterator[Setup]:
    with ExitStack() as stack:
        if request.param == "sms":
            yield _sms(stack.enter_context(twilio_gateway.running_gateway()))
        elif request.param == "email":
            yield _email(stack.enter_context(smtp_server.running_smtp_server()))
        else:
            yield Setup(OutboxChannel(), "+15551230001", arrived=lambda: 1, can_look_up=True)


def _sms(gateway: twilio_gateway.TwilioGateway) -> Setup:
    def become(mode: twilio_gateway.Mode) -> Callable[[], None]:
        return lambda: setattr(gateway, "mode", mode)

    return Setup(
        channel=sms_channel(gateway),
        to="+15551230001",
        arrived=lambda: len(gateway.ledger),
        unreachable=SmsChannel(Gateway.from_url(url_to(free_port())), callback_base="http://desk.test"),
        refuse_for_good=become(twilio_gateway.Mode.REFUSE),
        refuse_for_now=become(twilio_gateway.Mode.TOO_MANY),
        cut_after_accepting=become(twilio_gateway.Mode.RESET),
        hang=become(twilio_gateway.Mode.HANG),
        can_look_up=True,
    )


def _email(server: smtp_server.SmtpServer) -> Setup:
    def become(mode: smtp_server.Mode) -> Callable[[], None]:
        return lambda: setattr(server, "mode", mode)

    return Setup(
        channel=EmailChannel(MailServer.from_url(server.url), total_seconds=PATIENCE),
        to="ana@patients.test",
        arrived=lambda: len(server.ledger),
        unreachable=EmailChannel(MailServer.from_url(f"smtp://127.0.0.1:{free_port()}?from=a@b.test")),
        refuse_for_good=become(smtp_server.Mode.NO_SUCH_MAILBOX),
        refuse_for_now=become(smtp_server.Mode.GREYLIST),
        cut_after_accepting=become(smtp_server.Mode.RESET),
        hang=become(smtp_server.Mode.HANG),
    )


def sms_channel(gateway: twilio_gateway.TwilioGateway) -> SmsChannel:
    return SmsChannel(Gateway.from_url(gateway.url), callback_base="http://desk.test", total_seconds=PATIENCE)


def url_to(port: int) -> str:
    return f"twilio://{twilio_gateway.ACCOUNT}:{twilio_gateway.TOKEN}@127.0.0.1:{port}?from=+15550100000&scheme=http"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_accepted_message_has_a_reference_and_arrives_once(setup: Setup) -> None:
    outcome = setup.channel.send(outgoing(setup.to))
    assert isinstance(outcome, Accepted)
    assert outcome.reference
    assert setup.arrived() == 1


def test_look_up_finds_what_was_sent_where_the_channel_has_one(setup: Setup) -> None:
    message = outgoing(setup.to)
    outcome = setup.channel.send(message)
    assert isinstance(outcome, Accepted)
    assert setup.channel.look_up(message) == (Found(outcome.reference) if setup.can_look_up else CannotTell())


def test_refusal_for_good_is_permanent_and_nothing_arrives(setup: Setup) -> None:
    if setup.refuse_for_good is None:
        assert isinstance(setup.channel, OutboxChannel)
        return
    setup.refuse_for_good()
    outcome = setup.channel.send(outgoing(setup.to))
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code in REASONS, setup.arrived()) == (True, True, 0)


def test_refusal_for_now_may_be_tried_again_and_nothing_arrives(setup: Setup) -> None:
    if setup.refuse_for_now is None:
        assert isinstance(setup.channel, OutboxChannel)
        return
    setup.refuse_for_now()
    outcome = setup.channel.send(outgoing(setup.to))
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code in REASONS, setup.arrived()) == (False, True, 0)


def test_nothing_listening_is_a_refusal_for_now(setup: Setup) -> None:
    if setup.unreachable is None:
        assert isinstance(setup.channel, OutboxChannel)
        return
    outcome = setup.unreachable.send(outgoing(setup.to))
    assert outcome == Refused("unreachable", permanent=False, message=REASONS["unreachable"].words)


def test_connection_cut_after_accepting_is_unknown_and_the_look_up_tells(setup: Setup) -> None:
    if setup.cut_after_accepting is None:
        assert isinstance(setup.channel, OutboxChannel)
        return
    setup.cut_after_accepting()
    message = outgoing(setup.to)
    assert isinstance(setup.channel.send(message), Unknown)
    assert setup.arrived() == 1
    found = setup.channel.look_up(message)
    assert isinstance(found, Found if setup.can_look_up else CannotTell)


def test_hanging_provider_is_unknown_within_the_time_limit(setup: Setup) -> None:
    if setup.hang is None:
        assert isinstance(setup.channel, OutboxChannel)
        return
    setup.hang()
    began = time.monotonic()
    assert isinstance(setup.channel.send(outgoing(setup.to)), Unknown)
    assert time.monotonic() - began < PATIENCE + 1


def test_look_up_of_what_was_never_sent_is_not_a_find(setup: Setup) -> None:
    if isinstance(setup.channel, OutboxChannel):
        return
    found = setup.channel.look_up(outgoing(setup.to))
    assert found == (NotKnown() if setup.can_look_up else CannotTell())
