"""What providers report: once each, in any order, early or late, never backwards."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from notifications.attempt_outcomes import record_outcome
from notifications.attempts import start_attempts
from notifications.channels.outcomes import Unknown
from notifications.claiming import LEASE, claim_due
from notifications.dispatch import dispatch_due
from notifications.models import Attempt, Message, Notice, PatientAddress, Receipt
from notifications.notice_facts import ChannelName
from notifications.receipts import take_twilio_status
from notifications.rescue import rescue_expired
from scheduling.models import Appointment
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
TOLD = NOON + timedelta(minutes=3)
SID = "SM" + "0" * 32


@pytest.fixture
def visit(gateway: TwilioGateway) -> Appointment:
    clinic = clinic_that_writes()
    booked = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    return booked


def send() -> None:
    dispatch_due(clock=lambda: TOLD, until=TOLD + timedelta(seconds=1))


def report(status: str, *, error: str = "", message: str = "") -> bool:
    form = {"MessageSid": SID, "MessageStatus": status} | ({"ErrorCode": error} if error else {})
    return take_twilio_status(form=form, message_id=message or str(Message.objects.get().pk), now=TOLD)


def state() -> tuple[str, str]:
    row = Notice.objects.get(purpose="booking_confirmation")
    return row.state, row.reason


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_reports_in_any_order_end_delivered(visit: Appointment, order: tuple[str, ...]) -> None:
    send()
    for status in order:
        assert report(status)
    assert state() == ("delivered", "")


def test_report_that_comes_again_is_kept_once(visit: Appointment) -> None:
    send()
    assert [report("delivered"), report("delivered")] == [True, False]
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("order", list(permutations(["delivered", "undelivered"])))
def test_final_state_is_never_left(visit: Appointment, order: tuple[str, ...]) -> None:
    send()
    first = order[0]
    report(first, error="30008" if first == "undelivered" else "")
    before = state()
    report(order[1])
    assert state() == before
    assert before[0] == ("delivered" if first == "delivered" else "failed")


def test_landline_fails_and_the_number_is_stopped(visit: Appointment) -> None:
    send()
    report("undelivered", error="30006")
    assert state() == ("failed", "landline")
    assert PatientAddress.objects.get(patient=visit.patient).address.stop_reason == "landline"


def test_unlisted_error_is_undelivered_and_stops_nothing(visit: Appointment) -> None:
    send()
    report("failed", error="39999")
    assert state() == ("failed", "undelivered")
    assert PatientAddress.objects.get(patient=visit.patient).address.stopped_at is None


def test_report_before_our_own_record_is_kept_and_applied_then(visit: Appointment, gateway: TwilioGateway) -> None:
    send_but_do_not_record(gateway)
    report("delivered")
    assert state() == ("claimed", "")
    rescue_expired(clock=lambda: TOLD + timedelta(minutes=2), until=TOLD + timedelta(minutes=3))
    assert state() == ("delivered", "")
    assert gateway.requests == 0


def test_report_settles_an_unknown_outcome(visit: Appointment, gateway: TwilioGateway) -> None:
    send_but_do_not_record(gateway)
    record_outcome(attempt_id=Attempt.objects.get().pk, outcome=Unknown("cut off"), now=TOLD)
    assert state() == ("unknown", "no_answer")
    report("sent")
    assert state() == ("sent", "")
    assert Attempt.objects.get().outcomes.get(kind="accepted").gateway_reference == SID


def test_report_on_a_message_nobody_knows_is_kept(visit: Appointment) -> None:
    assert report("delivered", message=str(uuid4()))
    assert report("sent", message="not an id")
    assert list(Receipt.objects.values_list("message", flat=True)) == [None, None]


def send_but_do_not_record(gateway: TwilioGateway) -> None:
    claim = claim_due(channel=ChannelName.SMS, sender="+15550100000", most=1, now=TOLD)
    assert claim is not None
    assert start_attempts(groups=claim.groups, token=claim.token, now=TOLD, lease=LEASE)
