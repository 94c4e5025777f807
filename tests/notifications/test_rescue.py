"""What a worker left behind: sent where the provider never had it, never twice, for a person where nobody knows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from notifications.attempt_outcomes import record_look_up, record_outcome
from notifications.attempts import start_attempts
from notifications.channels.outcomes import BAD_MAILBOX, HELD_UP, Accepted, CannotTell, Found, Outcome, Unknown, refusal
from notifications.channels.registry import channel_for
from notifications.channels.sms import SmsChannel
from notifications.claiming import LEASE, claim_due
from notifications.dispatch import dispatch_due
from notifications.models import AttemptOutcome, Notice, NoticeState
from notifications.notice_facts import ChannelName
from notifications.recording import record_outcomes
from notifications.rescue import free_left_behind, rescue_expired
from notifications.tasks import sweep
from scheduling.models import Appointment
from tests.fakes import smtp_server
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.twilio_gateway import Mode, TwilioGateway
from tests.notifications.world import (
    MAILBOX,
    NOON,
    booker,
    clinic_that_writes,
    new_york,
    plan,
    reachable_patient,
)  # fmt: skip

pytestmark = pytest.mark.django_db

TOLD = NOON + timedelta(minutes=3)
AWAKE = TOLD + LEASE + timedelta(seconds=1)


def send(now: datetime) -> int:
    return dispatch_due(clock=lambda: now, until=now + timedelta(seconds=1))


def rescue(now: datetime) -> int:
    return rescue_expired(clock=lambda: now, until=now + timedelta(seconds=1))


def gateway_name() -> str:
    return channel_for(ChannelName.SMS).sender


@pytest.fixture
def visit(gateway: TwilioGateway) -> Appointment:
    """Booked for the 14th at ten, planned, to be told by text."""
    clinic = clinic_that_writes()
    booked = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    return booked


def state_of_news() -> tuple[str, str]:
    row = Notice.objects.exclude(purpose="reminder").order_by("-pk")[0]
    return row.state, row.reason


def test_cut_off_send_is_looked_up_and_not_sent_again(gateway: TwilioGateway, visit: Appointment) -> None:
    gateway.clock = TOLD.timestamp
    gateway.mode = Mode.RESET
    send(TOLD)
    gateway.mode = Mode.ACCEPT
    rescue(TOLD + LEASE)
    assert state_of_news() == ("unknown", "no_answer")
    rescue(TOLD + LEASE + timedelta(seconds=1))
    assert state_of_news() == ("sent", "")
    send(TOLD + 2 * LEASE)
    assert len(gateway.ledger) == 1


def test_send_that_never_reached_the_gateway_is_sent_again_after_the_look_up(
    gateway: TwilioGateway, visit: Appointment
) -> None:
    gateway.clock = TOLD.timestamp
    gateway.mode = Mode.LOSE
    send(TOLD)
    gateway.mode = Mode.ACCEPT
    later = TOLD + LEASE + timedelta(seconds=1)
    rescue(later)
    assert send(later) == 1
    assert len(gateway.ledger) == 1
    assert [outcome.kind for outcome in AttemptOutcome.objects.order_by("pk")] == ["unknown", "not_known", "accepted"]


def test_cut_off_mail_is_never_sent_again_and_is_for_a_person(mail_server: SmtpServer) -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic, phone="", mailbox=MAILBOX), new_york(14, 10))
    plan()
    mail_server.mode = smtp_server.Mode.RESET
    send(TOLD)
    mail_server.mode = smtp_server.Mode.ACCEPT
    for minutes in range(1, 5):
        rescue(TOLD + timedelta(minutes=minutes))
        send(TOLD + timedelta(minutes=minutes))
    assert state_of_news() == ("unknown", "no_answer")
    assert len(mail_server.ledger) == 1
    assert Notice.objects.needs_person().count() == 1


def held_up(channel: ChannelName) -> int:
    """A worker has begun to send, and sleeps past its lease; the rescue has been there. Gives its attempt."""
    claim = claim_due(channel=channel, sender=channel_for(channel).sender, most=1, now=TOLD)
    assert claim is not None
    [started] = start_attempts(groups=claim.groups, token=claim.token, now=TOLD, lease=LEASE)
    rescue(AWAKE)
    return started.attempt_id


@pytest.fixture
def mail_held_up(mail_server: SmtpServer) -> int:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic, phone="", mailbox=MAILBOX), new_york(14, 10))
    plan()
    attempt_id = held_up(ChannelName.EMAIL)
    assert state_of_news() == ("unknown", "no_answer")
    return attempt_id


def test_worker_that_wakes_up_and_says_it_never_sent_a_mail_has_it_sent_once(
    mail_server: SmtpServer, mail_held_up: int
) -> None:
    record_outcome(attempt_id=mail_held_up, outcome=refusal(HELD_UP), now=AWAKE)
    assert state_of_news() == ("planned", "")
    for minutes in range(1, 5):
        rescue(AWAKE + timedelta(minutes=minutes))
        send(AWAKE + timedelta(minutes=minutes))
    assert (state_of_news(), len(mail_server.ledger)) == (("sent", ""), 1)
    kinds = AttemptOutcome.objects.order_by("pk").values_list("kind", "code")
    assert list(kinds) == [("unknown", ""), ("refused", "held_up"), ("accepted", "")]


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Unknown("No answer."), ("unknown", "no_answer")),
        (Accepted("<1@harbor.test>"), ("sent", "")),
        (refusal(BAD_MAILBOX), ("failed", "bad_mailbox")),
    ],
    ids=["unknown", "accepted", "refused for good"],
)
def test_any_other_late_word_of_a_mail_sends_it_no_second_time(
    mail_server: SmtpServer, mail_held_up: int, outcome: Outcome, state: tuple[str, str]
) -> None:
    record_outcome(attempt_id=mail_held_up, outcome=outcome, now=AWAKE)
    for minutes in range(1, 5):
        rescue(AWAKE + timedelta(minutes=minutes))
        send(AWAKE + timedelta(minutes=minutes))
    assert (state_of_news(), mail_server.ledger) == (state, [])


@pytest.mark.parametrize("sent_meanwhile", [False, True])
def test_late_word_comes_to_nothing_where_the_look_up_had_it_sent_again(
    gateway: TwilioGateway, visit: Appointment, sent_meanwhile: bool
) -> None:
    attempt_id = held_up(ChannelName.SMS)
    assert state_of_news() == ("planned", "")
    if sent_meanwhile:
        send(AWAKE)
    record_outcome(attempt_id=attempt_id, outcome=refusal(HELD_UP), now=AWAKE)
    for minutes in range(4):
        send(AWAKE + timedelta(minutes=minutes))
    assert (state_of_news(), len(gateway.ledger)) == (("sent", ""), 1)


def test_claim_without_attempt_is_freed_when_its_lease_is_over(gateway: TwilioGateway, visit: Appointment) -> None:
    claim = claim_due(channel=ChannelName.SMS, sender=gateway_name(), most=1, now=TOLD)
    assert claim is not None
    assert send(TOLD) == 0
    rescue(TOLD + LEASE)
    assert send(TOLD + LEASE) == 0
    rescue(TOLD + LEASE + timedelta(seconds=1))
    assert send(TOLD + LEASE + timedelta(seconds=1)) == 1
    assert len(gateway.ledger) == 1


def sweep_every_ten_seconds(monkeypatch: pytest.MonkeyPatch, *, seconds: int) -> int:
    """Runs beat's sweeps after TOLD until the news is sent; gives the seconds that took."""
    for passed in range(0, seconds + 1, 10):
        now = TOLD + timedelta(seconds=passed)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        sweep()
        if state_of_news()[0] == "sent":
            return passed
    raise AssertionError(f"not sent within {seconds} s: {state_of_news()}")


@pytest.mark.parametrize("had_begun", [False, True], ids=["claimed", "begun"])
def test_what_a_killed_worker_left_is_sent_within_ninety_seconds(
    gateway: TwilioGateway, visit: Appointment, monkeypatch: pytest.MonkeyPatch, had_begun: bool
) -> None:
    claim = claim_due(channel=ChannelName.SMS, sender=gateway_name(), most=1, now=TOLD)
    assert claim is not None
    if had_begun:
        assert start_attempts(groups=claim.groups, token=claim.token, now=TOLD, lease=LEASE)
    assert sweep_every_ten_seconds(monkeypatch, seconds=90) <= 80
    assert len(gateway.ledger) == 1


def test_what_lost_its_use_while_the_gateway_was_down_lapses_by_itself(
    gateway: TwilioGateway, visit: Appointment
) -> None:
    send(TOLD)
    end = Notice.objects.get(step="24h").useful_until
    free_left_behind(now=end - timedelta(seconds=1))
    assert Notice.objects.get(step="24h").state == "planned"
    assert free_left_behind(now=end) == 1
    assert (Notice.objects.get(step="24h").state, Notice.objects.get(step="24h").reason) == ("lapsed", "too_late")


@pytest.mark.parametrize("step", ["72h", "24h"], ids=["one by one", "both in one look"])
def test_what_lost_its_use_while_a_later_text_says_it_asks_nobody_to_call(
    gateway: TwilioGateway, visit: Appointment, step: str
) -> None:
    send(TOLD)
    free_left_behind(now=Notice.objects.get(step=step).useful_until)
    earlier = Notice.objects.get(step="72h")
    assert (earlier.state, earlier.reason) == ("suppressed", "said_later")
    free_left_behind(now=Notice.objects.get(step="24h").useful_until)
    assert [(one.step, one.state) for one in Notice.objects.needs_person()] == [("24h", "lapsed")]


def test_outcomes_of_many_are_recorded_although_one_was_settled_meanwhile(
    gateway: TwilioGateway, visit: Appointment
) -> None:
    booker(visit.clinic)(reachable_patient(visit.clinic, phone="+12125550177"), new_york(14, 12))
    plan()
    claim = claim_due(channel=ChannelName.SMS, sender=gateway_name(), most=9, now=TOLD)
    assert claim is not None
    started = start_attempts(groups=claim.groups, token=claim.token, now=TOLD, lease=LEASE)
    record_look_up(attempt_id=started[0].attempt_id, answer=Found("SM-found"), now=TOLD)
    outcomes = [(one.attempt_id, Accepted(f"SM{one.attempt_id}")) for one in started]
    record_outcomes(outcomes=outcomes, gateway="", now=TOLD)
    found = AttemptOutcome.objects.order_by("attempt").values_list("gateway_reference", flat=True)
    assert list(found) == ["SM-found", f"SM{started[1].attempt_id}"]
    assert Notice.objects.filter(state=NoticeState.SENT).count() == 2


def test_provider_that_cannot_tell_is_asked_again_a_minute_later(gateway: TwilioGateway, visit: Appointment) -> None:
    gateway.mode = Mode.RESET
    send(TOLD)
    gateway.token = "another"
    asked = gateway.requests
    later = TOLD + LEASE + timedelta(seconds=1)
    for seconds in (0, 10, 20, 59, 60, 70):
        rescue(later + timedelta(seconds=seconds))
    assert gateway.requests == asked + 2


def test_sweep_sends_before_it_looks_anything_up(
    gateway: TwilioGateway, mail_server: SmtpServer, visit: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.mode = Mode.RESET
    send(TOLD)
    booker(visit.clinic)(reachable_patient(visit.clinic, phone="", mailbox=MAILBOX), new_york(14, 12))
    mails_by_then: list[int] = []

    def asked(*_: object) -> CannotTell:
        mails_by_then.append(len(mail_server.ledger))
        return CannotTell()

    monkeypatch.setattr(SmsChannel, "look_up", asked)
    monkeypatch.setattr(timezone, "now", lambda: TOLD + 2 * LEASE)
    sweep()
    assert mails_by_then == [1]
