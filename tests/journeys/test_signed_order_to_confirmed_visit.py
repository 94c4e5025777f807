"""The whole path on real programs: signed order, booked series, text and mail by worker and beat, the patient's tap."""

from __future__ import annotations

import re
import time as system_time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

import pytest
from django.test import Client
from django.utils import timezone

from notifications.models import Attempt, AttemptOutcome, MessageRules, Notice
from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Clinic, EventToPlan, Order, Role
from scheduling.proposals import propose_series
from scheduling.series_terms import Wish
from tests import factories
from tests.databases import Committed
from tests.fakes.smtp_server import SmtpServer, running_smtp_server
from tests.fakes.twilio_gateway import TwilioGateway, running_gateway
from tests.notifications.world import reachable_patient
from tests.programs import running, wait_for
from tests.redis_servers import RedisServer

PHONE = "+12125550123"
MAILBOX = "rosa@patients.test"


@dataclass
class Outside:
    """The gateways a patient is reached by, each with a ledger of its own."""

    texts: TwilioGateway
    mails: SmtpServer
    environment: dict[str, str]


@pytest.fixture
def outside(committed_database: Committed, redis_server: RedisServer) -> Iterator[Outside]:
    with running_gateway() as texts, running_smtp_server() as mails:
        places = {"REDIS_URL": redis_server.url, "SMS_URL": texts.url, "EMAIL_URL": mails.url}
        yield Outside(texts, mails, committed_database.environment | places)


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=2)
    MessageRules.objects.create(
        clinic=clinic, sender_name="Harbor Center", grace_minutes=0, quiet_from=time(0), quiet_until=time(0)
    )
    return clinic


def signed_order(clinic: Clinic) -> Order:
    now = timezone.now()
    patient = reachable_patient(clinic, phone=PHONE, mailbox=MAILBOX, now=now)
    return factories.create_order(clinic, patient, now=now)


def book(order: Order, clinic: Clinic) -> list[Appointment]:
    now = timezone.now()
    found = propose_series(order=order, clinic=clinic, wish=Wish(time=time(10)), how_many=None, count=3, now=now)
    picks = [Pick(visit.number, visit.start) for visit in found.proposals[0].visits]
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    return book_series(order=order, clinic=clinic, picks=picks, by=by, now=now)


def test_a_signed_order_becomes_a_booked_series_whose_confirmation_arrives_once_and_is_confirmed(
    outside: Outside, clinic: Clinic
) -> None:
    with running("worker", outside.environment), running("beat", outside.environment):
        visits = book(signed_order(clinic), clinic)
        assert [visit.dose_number for visit in visits] == [1, 2, 3]
        wait_for(lambda: outside.texts.to(PHONE) and outside.mails.to(MAILBOX), seconds=45)
        # Two more sweeps: whatever would be sent twice is sent by now.
        system_time.sleep(25)
    [text], [mail] = outside.texts.to(PHONE), outside.mails.to(MAILBOX)
    assert EventToPlan.objects.count() == 0
    assert Attempt.objects.count() == AttemptOutcome.objects.filter(kind="accepted").count() == 2
    assert Notice.objects.filter(state="planned").exists(), "reminders wait for their day"
    print(f"ledger: SMS to {text.to}: {text.body!r} (valid {text.validity} s)")
    print(f"ledger: mail, subject {str(mail.message['Subject'])!r}")
    _confirm_by_link(text.body, visits[0])


def _confirm_by_link(words: str, visit: Appointment) -> None:
    [path] = re.findall(r"https?://[^/\s]+(/v/\S+/)", words)
    patient = Client()
    for _ in range(3):
        assert patient.get(path).status_code == 200
    visit.refresh_from_db()
    assert visit.confirmed_at is None, "looking changes nothing"
    patient.post(f"{path}confirm/")
    visit.refresh_from_db()
    assert (visit.confirmed_by, visit.confirmed_at is not None) == ("link", True)


def test_booking_waits_for_nobody_when_redis_is_gone_or_frozen_and_the_messages_go_out_after(
    outside: Outside, clinic: Clinic, redis_server: RedisServer
) -> None:
    first = signed_order(clinic)
    with running("worker", outside.environment), running("beat", outside.environment):
        redis_server.freeze()
        started = system_time.monotonic()
        book(first, clinic)
        took = system_time.monotonic() - started
        redis_server.thaw()
        back = system_time.monotonic()
        wait_for(lambda: outside.texts.to(PHONE) and outside.mails.to(MAILBOX), seconds=45)
        print(f"booked in {took * 1000:.0f} ms with Redis frozen; told {system_time.monotonic() - back:.1f} s after it")
