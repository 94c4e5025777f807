"""One contract for every channel, played against each one's fake: three outcomes, never two, and nothing ever twice."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifications.channels.call import CallChannel
from notifications.channels.console import ConsoleChannel
from notifications.channels.deadline import TimeIsUp, closes_after
from notifications.channels.email import EmailChannel
from notifications.channels.mail_server import MailServer
from notifications.channels.outbox import OutboxChannel
from notifications.channels.outcomes import (
    REASONS,
    Accepted,
    Attachment,
    CannotTell,
    Channel,
    Found,
    NotKnown,
    Outgoing,
    Refused,
    Unknown,
)
from notifications.channels.provider_mail import MailProvider, ProviderMailChannel
from notifications.channels.sms import Gateway, SmsChannel
from notifications.models import CallTask, Message
from tests.fakes import postmark_api, smtp_server, twilio_gateway
from tests.notifications.world import NOON as BOOKED_AT
from tests.notifications.world import booker, clinic_that_writes, new_york, plan, reachable_patient

NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
PATIENCE = 1.0


@dataclass
class Setup:
    """A channel over its fake."""

    channel: Channel
    to: str
    arrived: Callable[[], int]
    can_look_up: bool


@dataclass
class RemoteSetup(Setup):
    """A channel that leaves the machine, and the ways in which its fake can fail."""

    unreachable: Channel
    refuse_for_good: Callable[[], None]
    refuse_for_now: Callable[[], None]
    cut_after_accepting: Callable[[], None]
    hang: Callable[[], None]


def outgoing(to: str, **changes: object) -> Outgoing:
    values: dict[str, object] = {
        "message_id": "7d0f9a52-5a4d-4ba1-8d4c-0d7f0a3f6f11", "to": to, "subject": "Your visit",
        "body": "Harbor Center: your visit is on Thu Dec 3, 10:00 AM. ñ\n.\n", "started_at": datetime.now(UTC),
        "valid_until": datetime.now(UTC) + timedelta(hours=2),
    }  # fmt: skip
    return Outgoing(**(values | changes))  # type: ignore[arg-type]


A_FILE = Attachment(
    "visits.ics", "text/calendar", "BEGIN:VCALENDAR\r\nLOCATION:Cañón 1\r\nEND:VCALENDAR\r\n".encode(),
    {"method": "PUBLISH", "charset": "utf-8"},
)  # fmt: skip
REMOTE = ["sms", "email", "provider"]
SECRETS = (twilio_gateway.TOKEN, postmark_api.TOKEN)


@pytest.fixture(params=[*REMOTE, "outbox", "console", "call"])
def setup(request: pytest.FixtureRequest) -> Iterator[Setup]:
    if request.param == "outbox":
        yield Setup(OutboxChannel(), "+15551230001", arrived=lambda: 1, can_look_up=True)
    elif request.param == "console":
        printed = request.getfixturevalue("capsys")
        yield Setup(
            ConsoleChannel(), "+15551230001", lambda: printed.readouterr().out.count("+15551230001"), can_look_up=False
        )
    elif request.param == "call":
        request.getfixturevalue("db")
        create_message()
        yield Setup(CallChannel(), "+15551230001", arrived=CallTask.objects.count, can_look_up=True)
    else:
        with ExitStack() as stack:
            yield remote_setup(request.param, stack)


@pytest.fixture(params=REMOTE)
def remote(request: pytest.FixtureRequest) -> Iterator[RemoteSetup]:
    with ExitStack() as stack:
        yield remote_setup(request.param, stack)


def remote_setup(name: str, stack: ExitStack) -> RemoteSetup:
    if name == "sms":
        return _sms(stack.enter_context(twilio_gateway.running_gateway()))
    if name == "provider":
        return _provider(stack.enter_context(postmark_api.running_postmark()))
    return _email(stack.enter_context(smtp_server.running_smtp_server()))


def _sms(gateway: twilio_gateway.TwilioGateway) -> RemoteSetup:
    def become(mode: twilio_gateway.Mode) -> Callable[[], None]:
        return lambda: setattr(gateway, "mode", mode)

    return RemoteSetup(
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


def _email(server: smtp_server.SmtpServer) -> RemoteSetup:
    def become(mode: smtp_server.Mode) -> Callable[[], None]:
        return lambda: setattr(server, "mode", mode)

    return RemoteSetup(
        channel=EmailChannel(MailServer.from_url(server.url), total_seconds=PATIENCE),
        to="ana@patients.test",
        arrived=lambda: len(server.ledger),
        unreachable=EmailChannel(MailServer.from_url(f"smtp://127.0.0.1:{free_port()}?from=a@b.test")),
        refuse_for_good=become(smtp_server.Mode.NO_SUCH_MAILBOX),
        refuse_for_now=become(smtp_server.Mode.GREYLIST),
        cut_after_accepting=become(smtp_server.Mode.RESET),
        hang=become(smtp_server.Mode.HANG),
        can_look_up=False,
    )


def _provider(server: postmark_api.PostmarkApi) -> RemoteSetup:
    def become(mode: postmark_api.Mode) -> Callable[[], None]:
        return lambda: setattr(server, "mode", mode)

    nowhere = f"anymail+postmark://?server_token=t&api_url=http://127.0.0.1:{free_port()}/&from=a@b.test"
    return RemoteSetup(
        channel=ProviderMailChannel(MailProvider.from_url(server.url), total_seconds=PATIENCE),
        to="ana@patients.test",
        arrived=lambda: len(server.ledger),
        unreachable=ProviderMailChannel(MailProvider.from_url(nowhere)),
        refuse_for_good=become(postmark_api.Mode.NO_SUCH_MAILBOX),
        refuse_for_now=become(postmark_api.Mode.TOO_MANY),
        cut_after_accepting=become(postmark_api.Mode.RESET),
        hang=become(postmark_api.Mode.HANG),
        can_look_up=False,
    )


def create_message() -> None:
    """The row that a call is made from, under the id that `outgoing` has."""
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, now=BOOKED_AT)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    address = patient.addresses.get().address
    Message.objects.create(
        id=outgoing("").message_id, patient=patient, clinic=clinic, address=address, channel="call", purpose="reminder",
        language="en", template="t", template_version=1, body="words", link_hash="h", written_at=NOW,
        valid_until=NOW + timedelta(hours=1),
    )  # fmt: skip


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


def test_message_with_a_file_is_taken_as_any_other_is(setup: Setup) -> None:
    message = outgoing(setup.to, attachments=(A_FILE,))
    outcome = setup.channel.send(message)
    assert isinstance(outcome, Accepted)
    assert setup.arrived() == 1
    assert setup.channel.look_up(message) == (Found(outcome.reference) if setup.can_look_up else CannotTell())


def test_look_up_finds_what_was_sent_where_the_channel_has_one(setup: Setup) -> None:
    message = outgoing(setup.to)
    outcome = setup.channel.send(message)
    assert isinstance(outcome, Accepted)
    assert setup.channel.look_up(message) == (Found(outcome.reference) if setup.can_look_up else CannotTell())


def test_refusal_for_good_is_permanent_and_nothing_arrives(remote: RemoteSetup) -> None:
    remote.refuse_for_good()
    outcome = remote.channel.send(outgoing(remote.to))
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code in REASONS, remote.arrived()) == (True, True, 0)


def test_refusal_for_now_may_be_tried_again_and_nothing_arrives(remote: RemoteSetup) -> None:
    remote.refuse_for_now()
    outcome = remote.channel.send(outgoing(remote.to))
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.code in REASONS, remote.arrived()) == (False, True, 0)


def test_nothing_listening_is_a_refusal_for_now(remote: RemoteSetup) -> None:
    outcome = remote.unreachable.send(outgoing(remote.to))
    assert outcome == Refused("unreachable", permanent=False, message=REASONS["unreachable"].words)


def test_connection_cut_after_accepting_is_unknown_and_the_look_up_tells(remote: RemoteSetup) -> None:
    remote.cut_after_accepting()
    message = outgoing(remote.to)
    assert isinstance(remote.channel.send(message), Unknown)
    assert remote.arrived() == 1
    found = remote.channel.look_up(message)
    assert isinstance(found, Found if remote.can_look_up else CannotTell)


def test_hanging_provider_is_unknown_within_the_time_limit(remote: RemoteSetup) -> None:
    remote.hang()
    began = time.monotonic()
    assert isinstance(remote.channel.send(outgoing(remote.to)), Unknown)
    assert time.monotonic() - began < PATIENCE + 1


def test_look_up_of_what_was_never_sent_is_not_a_find(remote: RemoteSetup) -> None:
    found = remote.channel.look_up(outgoing(remote.to))
    assert found == (NotKnown() if remote.can_look_up else CannotTell())


def test_connection_that_comes_too_late_sends_nothing(remote: RemoteSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name look-up outlasts the limit, with no socket there to be shut: by then another may be sending."""
    found = socket.getaddrinfo

    def slow(*args: Any, **options: Any) -> Any:
        time.sleep(PATIENCE + 0.3)
        return found(*args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    outcome = remote.channel.send(outgoing(remote.to))
    assert outcome == Refused("unreachable", permanent=False, message=REASONS["unreachable"].words)
    assert remote.arrived() == 0


def test_socket_that_appears_after_the_limit_is_shut_all_the_same() -> None:
    ours, theirs = socket.socketpair()
    appears = time.monotonic() + 0.3
    with ours, theirs, closes_after(0.1, lambda: ours if time.monotonic() > appears else None) as limit:
        ours.settimeout(5)
        assert ours.recv(1) == b""
        with pytest.raises(TimeIsUp):
            limit.check()


@pytest.mark.parametrize("way", ["refuse_for_good", "refuse_for_now", "cut_after_accepting", "hang"])
def test_what_went_wrong_is_said_without_secrets_and_without_the_patient(remote: RemoteSetup, way: str) -> None:
    getattr(remote, way)()
    said = repr(remote.channel.send(outgoing(remote.to)))
    assert not [secret for secret in (*SECRETS, remote.to, "Harbor Center") if secret in said]


def test_many_at_once_arrive_once_each(remote: RemoteSetup) -> None:
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda number: remote.channel.send(outgoing(remote.to, body=f"{number}")), range(24)))
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 24
    assert remote.arrived() == 24
    remote.channel.rest()
