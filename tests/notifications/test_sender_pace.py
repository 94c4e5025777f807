"""How fast a sender goes, and a gateway that does not answer: shared by all workers, and no other lane waits for it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from notifications.claiming import claim_due
from notifications.dispatch import dispatch_due
from notifications.models import Attempt, MessageRules, Notice, SenderPace
from notifications.notice_facts import ChannelName
from notifications.sender_pace import AHEAD, FAILURES_TO_OPEN, OPEN_FOR
from scheduling.models import Clinic
from tests.fakes import twilio_gateway
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.twilio_gateway import SENDER, Mode, TwilioGateway
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
TOLD = NOON + timedelta(minutes=3)
GATEWAY = f"sms {SENDER}"


def send(now: datetime) -> int:
    return dispatch_due(clock=lambda: now, until=now + timedelta(seconds=0.4))


def due_texts(clinic: Clinic, how_many: int, *, first: int = 0) -> None:
    """A confirmation each for so many patients with a visit on the 14th, due at TOLD."""
    book = booker(clinic)
    patients = [reachable_patient(clinic, phone=f"+1212555{number:04}") for number in range(first, first + how_many)]
    for number, patient in enumerate(patients):
        hours, quarter = divmod(number, 4)
        book(patient, new_york(14, 9 + hours, 15 * quarter))
    plan()


def due_mail(clinic: Clinic) -> None:
    booker(clinic)(reachable_patient(clinic, phone="", mailbox="ana@patients.test"), new_york(15, 12))
    plan()


def pace() -> SenderPace:
    return SenderPace.objects.get(pk=GATEWAY)


def test_sender_keeps_its_pace(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    MessageRules.objects.update(texts_per_minute=60)
    due_texts(clinic, 12)
    went = [send(TOLD + timedelta(seconds=second)) for second in range(12)]
    assert sum(went) == 12
    assert went[0] == AHEAD.total_seconds() + 1
    assert went[1:9] == [1] * 8


def test_sender_that_waits_holds_up_no_other_number(gateway: TwilioGateway) -> None:
    slow, quick = clinic_that_writes(), clinic_that_writes()
    MessageRules.objects.filter(clinic=slow).update(texts_per_minute=1, text_number="+15550100001")
    due_texts(slow, 3)
    due_texts(quick, 3, first=50)
    assert send(TOLD) == 4
    numbers = Counter(text.sender for text in gateway.ledger)
    assert numbers == {"+15550100001": 1, SENDER: 3}, "what is counted is what it leaves from"
    assert send(TOLD) == 0
    assert Notice.objects.due(TOLD).filter(clinic=slow).count() == 2
    assert send(TOLD + timedelta(seconds=60)) == 1


def test_dead_gateway_meets_few_messages_and_then_none(gateway: TwilioGateway) -> None:
    gateway.mode = Mode.RESET
    due_texts(clinic_that_writes(), 30)
    send(TOLD)
    assert FAILURES_TO_OPEN <= Attempt.objects.count() <= 10
    tried = Attempt.objects.count()
    assert send(TOLD + timedelta(seconds=10)) == 0
    assert Attempt.objects.count() == tried


def test_circuit_that_is_half_open_lets_one_try_and_closes_when_it_arrives(gateway: TwilioGateway) -> None:
    gateway.mode = Mode.TOO_MANY
    due_texts(clinic_that_writes(), 30)
    send(TOLD)
    again = TOLD + OPEN_FOR
    assert pace().open_until == again
    assert send(again) == 1
    assert pace().open_until == again + OPEN_FOR
    gateway.mode = Mode.ACCEPT
    back = again + OPEN_FOR
    assert send(back) > 1
    assert (pace().failures, pace().open_until) == (0, None)


def test_try_of_a_half_open_circuit_is_one_workers(gateway: TwilioGateway) -> None:
    due_texts(clinic_that_writes(), 3)
    SenderPace.objects.create(name=GATEWAY, free_at=TOLD, failures=5, open_until=TOLD, changed_at=TOLD)
    claims = [claim_due(channel=ChannelName.SMS, sender=SENDER, most=9, now=TOLD) for _ in range(2)]
    assert [len(claim.groups) if claim else 0 for claim in claims] == [1, 0]


def test_mail_goes_on_while_the_gateway_for_texts_is_down(gateway: TwilioGateway, mail_server: SmtpServer) -> None:
    gateway.mode = Mode.TOO_MANY
    clinic = clinic_that_writes()
    due_texts(clinic, 20)
    send(TOLD)
    due_mail(clinic)
    assert send(TOLD + timedelta(seconds=5)) == 1
    assert len(mail_server.ledger) == 1


def test_refusals_of_single_numbers_do_not_open_the_circuit(gateway: TwilioGateway) -> None:
    gateway.mode = Mode.REFUSE
    due_texts(clinic_that_writes(), 12)
    assert send(TOLD) == 12
    assert not SenderPace.objects.filter(open_until__isnull=False).exists()


@pytest.fixture
def asks_for_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every 429 asks to be left alone for five minutes."""
    real = twilio_gateway._Handler.end_headers

    def with_retry_after(handler: twilio_gateway._Handler) -> None:
        handler.send_header("Retry-After", "300")
        real(handler)

    monkeypatch.setattr(twilio_gateway._Handler, "end_headers", with_retry_after)


def test_wish_to_be_left_alone_is_obeyed(gateway: TwilioGateway, asks_for_minutes: None) -> None:
    gateway.mode = Mode.TOO_MANY
    due_texts(clinic_that_writes(), 20)
    send(TOLD)
    asked = gateway.requests
    assert pace().open_until == TOLD + timedelta(minutes=5)
    for minutes in range(1, 5):
        send(TOLD + timedelta(minutes=minutes))
    assert gateway.requests == asked
    assert min(Notice.objects.filter(refusals=1).values_list("due_at", flat=True)) >= TOLD + timedelta(minutes=5)
    send(TOLD + timedelta(minutes=5))
    assert gateway.requests == asked + 1
