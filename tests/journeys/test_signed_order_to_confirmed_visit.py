"""The whole path on real programs: signed order, booked series, text and mail by worker and beat, the patient's tap."""

from __future__ import annotations

import re
import time as system_time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta

import pytest
from django.utils import timezone

from notifications.models import Attempt, AttemptOutcome, MessageRules, Notice
from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Clinic, EventToPlan, Order, Role
from scheduling.proposals import propose_series
from scheduling.series_terms import ProposedVisit, Wish
from tests import factories
from tests.databases import Committed
from tests.fakes.smtp_server import SmtpServer, running_smtp_server
from tests.fakes.twilio_gateway import TwilioGateway, running_gateway
from tests.journeys.desk import Desk, desk_of
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


@pytest.fixture
def ana(clinic: Clinic) -> str:
    """The front desk's user name."""
    return factories.create_user(clinic, Role.FRONT_DESK, username="ana").username


def signed_order(clinic: Clinic, phone: str = PHONE, mailbox: str = MAILBOX) -> Order:
    now = timezone.now()
    patient = reachable_patient(clinic, phone=phone, mailbox=mailbox, now=now)
    return factories.create_order(clinic, patient, now=now)


def best_times(order: Order, clinic: Clinic) -> tuple[ProposedVisit, ...]:
    wish = Wish(time=time(10))
    # Not today: of a visit about to begin no text goes any more.
    tomorrow = timezone.now() + timedelta(days=1)
    found = propose_series(order=order, clinic=clinic, wish=wish, how_many=None, count=3, now=tomorrow)
    return found.proposals[0].visits


def test_a_signed_order_becomes_a_booked_series_whose_confirmation_arrives_once_and_is_confirmed(
    outside: Outside, clinic: Clinic, ana: str
) -> None:
    order = signed_order(clinic)
    environment = outside.environment
    with running("worker", environment), running("beat", environment), desk_of(clinic, ana, environment) as desk:
        desk.book(order, best_times(order, clinic), key="journey")
        wait_for(lambda: outside.texts.to(PHONE) and outside.mails.to(MAILBOX), seconds=45)
        # Two more sweeps: whatever would be sent twice is sent by now.
        system_time.sleep(25)
        visits = list(Appointment.objects.order_by("period"))
        assert [visit.dose_number for visit in visits] == [1, 2, 3]
        [text], [mail] = outside.texts.to(PHONE), outside.mails.to(MAILBOX)
        assert EventToPlan.objects.count() == 0
        assert Attempt.objects.count() == AttemptOutcome.objects.filter(kind="accepted").count() == 2
        assert Notice.objects.filter(state="planned").exists(), "reminders wait for their day"
        print(f"ledger: SMS to {text.to}: {text.body!r} (valid {text.validity} s)")
        print(f"ledger: mail, subject {str(mail.message['Subject'])!r}")
        assert "not confirmed" in desk.get(f"/?day={local_day(visits[0])}").text
        confirm_by_link(desk.address, text.body, visits[0])
        assert "not confirmed" not in desk.get(f"/visits/{visits[0].pk}/").text


def local_day(visit: Appointment) -> str:
    return ClinicTime(visit.time_zone).local_day(visit.period.lower).isoformat()


def confirm_by_link(address: str, words: str, visit: Appointment) -> None:
    [path] = re.findall(r"https?://[^/\s]+(/v/\S+/)", words)
    patient = Desk(address)
    for _ in range(3):
        assert patient.get(path).status_code == 200
    visit.refresh_from_db()
    assert visit.confirmed_at is None, "looking changes nothing"
    confirmed = patient.post(path, to=f"{path}confirm/", visit=visit.pk, told_version=visit.told_version)
    assert confirmed.status_code in (200, 302)
    visit.refresh_from_db()
    assert (visit.confirmed_by, visit.confirmed_at is not None) == ("link", True)


def test_booking_waits_for_nobody_when_redis_is_frozen_or_gone_and_the_messages_go_out_after(
    outside: Outside, clinic: Clinic, ana: str, redis_server: RedisServer
) -> None:
    orders = {name: signed_order(clinic, f"+1212555012{name}", "") for name in "123456"}
    environment = outside.environment
    with running("worker", environment), running("beat", environment), desk_of(clinic, ana, environment) as desk:

        def book(name: str) -> float:
            return desk.book(orders[name], best_times(orders[name], clinic), key=name)

        usual = [book(name) for name in "12"]
        redis_server.freeze()
        frozen = [book(name) for name in "34"]
        redis_server.thaw()
        after_thaw = waits_until_told(outside, "34")
        redis_server.kill()
        gone = [book(name) for name in "56"]
        redis_server.start()
        after_return = waits_until_told(outside, "123456")
    lost = {"frozen": min(frozen) - min(usual), "gone": min(gone) - min(usual)}
    print(f"booked in {[f'{took * 1000:.0f} ms' for took in [*usual, *frozen, *gone]]}; lost {lost}")
    print(f"told {after_thaw:.1f} s after the thaw, {after_return:.1f} s after the return")
    # Who waited for the broker would wait for its time limit, which is several seconds; a busy machine costs tenths.
    assert all(seconds <= 1 for seconds in lost.values())
    told = {name: [text.body for text in outside.texts.to(f"+1212555012{name}")] for name in orders}
    for name, texts in told.items():
        print(f"ledger of {name}: {texts}")
    for made in Attempt.objects.order_by("pk"):
        outcomes = [(one.kind, str(one.recorded_at)) for one in made.outcomes.all()]
        keys = list(Notice.objects.filter(message=made.message).values_list("notice_key", "state"))
        print(f"attempt {made.number} of message {made.message_id} at {made.started_at}: {outcomes}; {keys}")
    assert {name: len(texts) for name, texts in told.items()} == dict.fromkeys(orders, 1)


def waits_until_told(outside: Outside, names: str) -> float:
    started = system_time.monotonic()
    wait_for(lambda: all(outside.texts.to(f"+1212555012{name}") for name in names), seconds=45)
    return system_time.monotonic() - started
