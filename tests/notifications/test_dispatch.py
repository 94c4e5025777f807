"""Sending over real rows and the gateways' fakes: once, with a last look at the facts, and three outcomes."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from notifications.addresses import stop_address
from notifications.attempt_outcomes import MAX_TRIES
from notifications.channels.registry import channel_for
from notifications.channels.sms import TOTAL_SECONDS, SmsChannel
from notifications.claiming import LEASE
from notifications.dispatch import dispatch_due
from notifications.models import Attempt, AttemptOutcome, Message, Notice, NoticeState, PatientAddress
from notifications.notice_facts import ChannelName
from notifications.rescue import rescue_expired
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Patient, Role
from scheduling.patients import record_death
from tests import factories
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.twilio_gateway import Mode, TwilioGateway
from tests.notifications.world import (
    MAILBOX,
    NOON,
    PHONE,
    agree,
    booker,
    clinic_that_writes,
    move,
    new_york,
    notices,
    plan,
    reachable_patient,
)  # fmt: skip

pytestmark = pytest.mark.django_db

TOLD = NOON + timedelta(minutes=3)


def send(now: datetime) -> int:
    return dispatch_due(clock=lambda: now, until=now + timedelta(seconds=1))


def gateway_name() -> str:
    return channel_for(ChannelName.SMS).sender


def rescue(now: datetime) -> int:
    return rescue_expired(clock=lambda: now, until=now + timedelta(seconds=1))


@pytest.fixture
def visit(gateway: TwilioGateway) -> Appointment:
    """Booked for the 14th at ten, planned, to be told by text."""
    clinic = clinic_that_writes()
    booked = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    return booked


def phone_of(patient: Patient) -> PatientAddress:
    return PatientAddress.objects.select_related("address").get(patient=patient, address__kind="phone")


def state_of_news() -> tuple[str, str]:
    row = Notice.objects.exclude(purpose="reminder").order_by("-pk")[0]
    return row.state, row.reason


def test_due_notice_arrives_once_with_the_text_kept(gateway: TwilioGateway, visit: Appointment) -> None:
    assert send(TOLD - timedelta(seconds=1)) == 0
    assert send(TOLD) == 1
    assert send(TOLD) == 0
    message = Message.objects.get()
    assert [(text.to, text.body) for text in gateway.ledger] == [(PHONE, message.body)]
    assert message.body.startswith("Harbor Center: your visit is booked for Thu Jan 14, 10:00 AM.")
    assert state_of_news() == ("sent", "")
    assert AttemptOutcome.objects.get().gateway_reference == gateway.ledger[0].sid


def test_series_leaves_as_one_text_and_one_mail(gateway: TwilioGateway, mail_server: SmtpServer) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, mailbox=MAILBOX)
    for day in (12, 14, 18):
        booker(clinic)(patient, new_york(day, 10))
    plan()
    assert send(TOLD) == 2
    assert "your 3 visits are booked, the first for Tue Jan 12, 10:00 AM" in gateway.ledger[0].body
    mail = mail_server.to(MAILBOX)[0]
    assert [line.strip() for line in mail.text.splitlines() if "10:00" in line] == [
        "Tue Jan 12, 10:00 AM", "Thu Jan 14, 10:00 AM", "Mon Jan 18, 10:00 AM",
    ]  # fmt: skip
    assert mail.message["Subject"] == "Your visits are booked"


def test_dense_series_gets_one_reminder_the_day_before_that_lists_the_next(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    for day in (12, 14, 18):
        booker(clinic)(patient, new_york(day, 10))
    plan()
    send(TOLD)
    for day in range(5, 19):
        send(new_york(day, 11))
    bodies = [text.body.partition(" Confirm:")[0] for text in gateway.ledger[1:]]
    assert bodies == [
        "Harbor Center: your visit is Tue Jan 12, 10:00 AM. Next: Thu Jan 14, 10:00 AM; Mon Jan 18, 10:00 AM.",
        "Harbor Center: your visit is Thu Jan 14, 10:00 AM. Next: Mon Jan 18, 10:00 AM.",
        "Harbor Center: your visit is Mon Jan 18, 10:00 AM.",
    ]


def test_moved_after_it_was_told_says_changed_and_the_old_reminder_never_goes(
    gateway: TwilioGateway, visit: Appointment
) -> None:
    send(TOLD)
    moved_at = new_york(5, 12)
    move(visit, timedelta(days=7), now=moved_at)
    plan(moved_at)
    send(moved_at + timedelta(minutes=3))
    for day in range(6, 21):
        send(new_york(day, 10))
    said = [text.body.split("Details")[0].split("Confirm")[0].strip() for text in gateway.ledger[1:]]
    assert said == [
        "Harbor Center: your visit is now Thu Jan 21, 10:00 AM.",
        "Harbor Center: your visit is Thu Jan 21, 10:00 AM.",
        "Harbor Center: your visit is Thu Jan 21, 10:00 AM.",
    ]


def test_moved_and_moved_back_within_the_grace_time_tells_nothing(gateway: TwilioGateway, visit: Appointment) -> None:
    send(TOLD)
    later = new_york(5, 12)
    move(visit, timedelta(hours=1), now=later)
    plan(later)
    move(visit, -timedelta(hours=1), now=later + timedelta(minutes=1))
    plan(later + timedelta(minutes=1))
    assert send(later + timedelta(minutes=10)) == 0


def test_cancelled_after_it_was_told_is_told_once_and_nothing_else(gateway: TwilioGateway, visit: Appointment) -> None:
    send(TOLD)
    desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
    later = new_york(6, 12)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="ill", by=desk, now=later)
    plan(later)
    for day in range(6, 15):
        send(new_york(day, 13))
    assert [text.body.split(" Details")[0] for text in gateway.ledger[1:]] == [
        "Harbor Center: your visit on Thu Jan 14, 10:00 AM is cancelled."
    ]


def test_cancel_between_planning_and_sending_is_seen_by_the_last_look(
    gateway: TwilioGateway, visit: Appointment
) -> None:
    desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
    cancel(appointment=visit, side=CancelledBy.PATIENT, reason="sick", by=desk, now=NOON)
    assert send(TOLD) == 0
    assert state_of_news() == ("suppressed", "visit_changed")
    assert gateway.ledger == []


def test_opt_out_between_planning_and_sending_is_seen(gateway: TwilioGateway, visit: Appointment) -> None:
    agree(phone_of(visit.patient).address, granted=False)
    assert send(TOLD) == 0
    assert state_of_news() == ("planned", "")
    plan()
    assert notices() == []


def test_consent_taken_back_from_a_claimed_notice_and_given_again_sends_it(
    gateway: TwilioGateway, visit: Appointment
) -> None:
    address = phone_of(visit.patient).address
    agree(address, granted=False)
    assert send(TOLD) == 0
    agree(address)
    plan(TOLD)
    assert send(TOLD + timedelta(minutes=1)) == 1


def test_stopped_address_is_seen(gateway: TwilioGateway, visit: Appointment) -> None:
    stop_address(address=phone_of(visit.patient).address, reason="opted_out", by=factories.system(), now=NOON)
    assert send(TOLD) == 0
    assert state_of_news() == ("planned", "")
    plan()
    assert notices() == []


def test_nothing_goes_to_the_dead(gateway: TwilioGateway, visit: Appointment) -> None:
    nurse = factories.create_actor(visit.clinic, Role.NURSE)
    record_death(patient=visit.patient, died_at=NOON, by=nurse, now=NOON)
    assert send(TOLD) == 0
    plan()
    assert {notice[3] for notice in notices()} == {"suppressed"}
    assert gateway.ledger == []


def test_nothing_goes_in_quiet_hours_and_it_goes_in_the_morning(gateway: TwilioGateway, visit: Appointment) -> None:
    night, morning = new_york(4, 21), new_york(5, 9)
    assert send(night) == 0
    assert Notice.objects.get(purpose="booking_confirmation").due_at == morning
    assert send(morning) == 1


def test_text_ends_before_it_is_quiet(gateway: TwilioGateway, visit: Appointment) -> None:
    send(new_york(4, 19, 30))
    assert gateway.ledger[0].validity == 30 * 60 - TOTAL_SECONDS


def test_after_an_outage_what_lost_its_use_lapses_and_asks_for_one_call(
    gateway: TwilioGateway, visit: Appointment
) -> None:
    send(TOLD)
    assert send(new_york(14, 9)) == 0
    assert [notice[1:] for notice in notices() if notice[0] == "reminder"] == [
        ("72h", "sms", "suppressed"), ("24h", "sms", "lapsed"),
    ]  # fmt: skip
    assert Notice.objects.needs_person().count() == 1


def test_language_without_wording_is_for_a_person(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic, language="vi"), new_york(14, 10))
    plan()
    assert send(TOLD) == 0
    assert state_of_news() == ("suppressed", "no_wording")
    assert Notice.objects.needs_person().count() == 1


def test_spanish_speaker_gets_spanish(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic, language="es-MX"), new_york(14, 15))
    plan()
    send(TOLD)
    assert gateway.ledger[0].body.startswith("Harbor Center: su visita queda reservada para el jue 14 ene, 15:00.")


def test_refused_number_fails_and_is_stopped(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    gateway.hear(PHONE, "stop")
    send(TOLD)
    assert state_of_news() == ("failed", "opted_out")
    assert phone_of(patient).address.stop_reason == "opted_out"


def test_refused_for_now_is_tried_later_each_time_for_as_long_as_it_is_of_use(
    gateway: TwilioGateway, visit: Appointment
) -> None:
    gateway.mode = Mode.TOO_MANY
    now, waits = TOLD, []
    for _ in range(8):
        assert send(now) == 1
        due = Notice.objects.get(purpose="booking_confirmation").due_at
        waits.append((due - now).total_seconds())
        now = due
    at_least = [30, 60, 120, 240, 480, 900, 900, 900]
    # Up to a quarter more, so that those refused together do not come back together.
    assert [first <= wait <= first * 1.25 for first, wait in zip(at_least, waits, strict=True)] == [True] * 8
    Notice.objects.filter(purpose="booking_confirmation").update(useful_until=now + timedelta(minutes=10))
    send(now)
    assert state_of_news() == ("failed", "gave_up")
    assert gateway.ledger == []


def test_retry_after_the_gateway_recovers_arrives_once(gateway: TwilioGateway, visit: Appointment) -> None:
    gateway.mode = Mode.TOO_MANY
    send(TOLD)
    gateway.mode = Mode.ACCEPT
    plan(TOLD)
    assert send(TOLD) == 0
    assert send(TOLD + timedelta(seconds=30 * 1.25)) == 1
    assert len(gateway.ledger) == 1


def test_poison_notice_is_given_up_and_holds_up_no_other(
    gateway: TwilioGateway, visit: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = visit.patient
    other = booker(visit.clinic)(reachable_patient(visit.clinic, phone="+12125550177"), new_york(14, 12))
    plan()
    Patient.objects.filter(pk=rosa.pk).update(time_zone="Nowhere/At_All")
    now = TOLD
    for _ in range(MAX_TRIES + 1):
        send(now)
        now += LEASE + timedelta(seconds=1)
        rescue(now)
    assert [text.to for text in gateway.ledger] == ["+12125550177"]
    assert Notice.objects.get(purpose="booking_confirmation", patient=rosa).reason == "gave_up"
    assert Notice.objects.get(purpose="booking_confirmation", patient=other.patient_id).state == NoticeState.SENT


def test_one_that_cannot_be_sent_among_many_holds_up_none_of_them(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patients = [reachable_patient(clinic, phone=f"+1212555{number:04}") for number in range(24)]
    for number, patient in enumerate(patients):
        hours, quarter = divmod(number, 4)
        booker(clinic)(patient, new_york(14, 9 + hours, 15 * quarter))
    plan()
    Patient.objects.filter(pk=patients[7].pk).update(time_zone="Nowhere/At_All")
    assert send(TOLD) == 23
    assert [(one.kind, one.detail) for one in AttemptOutcome.objects.exclude(kind="accepted")] == []
    assert sorted(text.to for text in gateway.ledger) == [f"+1212555{number:04}" for number in range(24) if number != 7]
    assert Notice.objects.filter(state=NoticeState.SENT).count() == 23


def test_worker_that_slept_past_its_turn_does_not_send(gateway: TwilioGateway, visit: Appointment) -> None:
    def clock() -> datetime:
        """The worker sleeps just before a thread of its own would send."""
        return TOLD + LEASE if threading.current_thread().name.startswith("send") else TOLD

    dispatch_due(clock=clock, until=TOLD + timedelta(seconds=1))
    assert gateway.ledger == []
    assert Attempt.objects.count() == 1
    assert AttemptOutcome.objects.get().code == "held_up"


def test_two_patients_on_one_number_get_a_text_each(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    book = booker(clinic)
    one, two = reachable_patient(clinic), reachable_patient(clinic)
    book(one, new_york(14, 10))
    book(two, new_york(14, 12))
    plan()
    assert send(TOLD) == 2
    assert [text.to for text in gateway.ledger] == [PHONE, PHONE]


@pytest.mark.parametrize("method", ["send", "look_up"])
def test_end_of_the_tasks_time_ends_the_sweep(
    gateway: TwilioGateway, visit: Appointment, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    gateway.mode = Mode.RESET
    step, now = send, TOLD
    if method == "look_up":
        send(TOLD)
        step, now = rescue, TOLD + 2 * LEASE

    def time_is_up(*_: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(SmsChannel, method, time_is_up)
    with pytest.raises(SoftTimeLimitExceeded):
        step(now)
    assert Attempt.objects.count() == 1
