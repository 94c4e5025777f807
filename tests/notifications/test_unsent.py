"""What did not go is a call to make, once a message, while its visit is to come; and the ledger counts it so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications.addresses import stop_address
from notifications.calls import CallEnd, settle_call
from notifications.dispatch import dispatch_due
from notifications.lapsed_calls import settle_what_lapsed
from notifications.ledger import Stands, needs_person_at, of_day
from notifications.models import CallKind, CallTask, InboundMessage, Message, Notice, NoticeState, PatientAddress
from notifications.rescue import rescue_expired
from notifications.unsent import ask_to_call_about_unsent
from scheduling.cancelling import cancel
from scheduling.intervals import Interval
from scheduling.models import Appointment, CancelledBy, Clinic, EventToPlan, Patient, Role
from scheduling.patients import record_death
from tests import factories
from tests.fakes.twilio_gateway import Mode, TwilioGateway
from tests.notifications.world import (
    MAILBOX,
    NOON,
    booker,
    clinic_that_writes,
    move,
    new_york,
    plan,
    reachable_patient,
)  # fmt: skip

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)
VISIT = new_york(20, 10)
REFUSED_FOR_GOOD = "+15005550009"


@pytest.fixture
def clinic() -> Clinic:
    return clinic_that_writes(quiet=False)


def ask(now: datetime = LATER) -> int:
    return ask_to_call_about_unsent(by=factories.system(), now=now)


def tell(clinic: Clinic, *starts: datetime) -> Patient:
    """Books visits, and has their confirmation go out."""
    patient = reachable_patient(clinic)
    for start in starts or (VISIT,):
        booker(clinic)(patient, start)
    plan()
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))
    return patient


def test_refused_message_is_one_call_with_what_it_said(clinic: Clinic, gateway: TwilioGateway) -> None:
    gateway.mode = Mode.REFUSE
    rosa = tell(clinic, VISIT, new_york(25, 10))
    assert Notice.objects.filter(state=NoticeState.FAILED).count() == 2, "two notices, one message"
    assert (ask(), ask()) == (1, 0)
    call = CallTask.objects.get()
    assert (call.kind, call.patient, call.due_at) == (CallKind.SAY_INSTEAD, rosa, LATER)
    assert call.words.startswith("Hello, this is Harbor Center.")
    assert "http" in Message.objects.get().body
    assert "http" not in call.words, "nobody can press a link on the telephone"
    assert ("Wednesday, January 20 at 10:00 AM" in call.words, "Monday, January 25 at 10:00 AM" in call.words) == (
        True,
        True,
    )
    assert call.reason == Notice.objects.filter(state=NoticeState.FAILED).values_list("reason", flat=True)[0]
    assert call.useful_until == new_york(25, 10)


def test_delivered_message_is_no_call(clinic: Clinic, gateway: TwilioGateway) -> None:
    tell(clinic)
    assert Notice.objects.filter(state=NoticeState.SENT).count() == 1
    assert ask() == 0


def test_message_that_may_have_arrived_is_a_call_until_it_is_known(clinic: Clinic, gateway: TwilioGateway) -> None:
    tell(clinic)
    message = Message.objects.get()
    Notice.objects.filter(state=NoticeState.PLANNED).move(NoticeState.CLAIMED, now=LATER, **LEASED)
    claimed = Notice.objects.filter(state=NoticeState.CLAIMED)
    assert claimed.exists(), "the reminders"
    unknown = claimed.order_by("pk")[0]
    Notice.objects.filter(pk=unknown.pk).move(NoticeState.UNKNOWN, now=LATER, reason="no_answer", message=message)
    ask()
    call = CallTask.objects.get()
    assert call.kind == CallKind.NOT_CERTAIN
    Notice.objects.filter(pk=unknown.pk).move(NoticeState.SENT, now=LATER)
    assert settle_what_lapsed(clinic=clinic, by=factories.system(), now=LATER) == 1
    call.refresh_from_db()
    assert call.outcome == "not_needed"
    assert ask() == 0
    Notice.objects.filter(pk=unknown.pk).move(NoticeState.FAILED, now=LATER, reason="undelivered")
    assert (ask(), ask()) == (1, 0), "lost after all"
    call.refresh_from_db()
    assert (call.kind, call.reason, call.closed_at) == (CallKind.SAY_INSTEAD, "undelivered", None)


def test_notice_somebody_was_asked_to_call_about_stays_when_nothing_wants_it_any_more(
    clinic: Clinic, gateway: TwilioGateway, mail_server: object
) -> None:
    """Unknown, a call, then "not known there": planned again. A STOP comes before the resend."""
    rosa = reachable_patient(clinic, mailbox=MAILBOX)
    visit = booker(clinic)(rosa, VISIT)
    plan()
    gateway.mode = Mode.LOSE
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))
    text = Notice.objects.get(purpose="booking_confirmation", channel="sms")
    assert text.state == NoticeState.UNKNOWN
    ask()
    call = CallTask.objects.get(notice=text)
    assert call.kind == CallKind.NOT_CERTAIN
    gateway.mode = Mode.ACCEPT
    asked = LATER + timedelta(minutes=2)
    rescue_expired(clock=lambda: asked, until=asked + timedelta(seconds=1))
    text.refresh_from_db()
    assert text.state == NoticeState.PLANNED
    phone = PatientAddress.objects.get(patient=rosa, address__kind="phone").address
    stop_address(address=phone, reason="opted_out", by=factories.system(), now=asked)
    plan(asked)
    text.refresh_from_db()
    call.refresh_from_db()
    assert (text.state, text.reason, call.closed_at) == (NoticeState.SUPPRESSED, "unwanted", None)
    assert not EventToPlan.objects.exists()
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="other", by=desk, now=asked)
    plan(asked)
    [news] = Notice.objects.filter(purpose="cancelled")
    assert (news.channel, news.state) == ("email", NoticeState.PLANNED)


LEASED: dict[str, Any] = {"claimed_by": "11111111-1111-4111-8111-111111111111", "lease_until": LATER}


def test_what_lapsed_unsaid_is_a_call_while_its_visit_is_to_come(clinic: Clinic) -> None:
    rosa = reachable_patient(clinic)
    booker(clinic)(rosa, VISIT)
    plan()
    Notice.objects.all().move(NoticeState.LAPSED, now=NOON, reason="too_late")
    lapsed = Notice.objects.count()
    assert ask(VISIT + timedelta(minutes=1)) == 0
    assert ask(VISIT - timedelta(minutes=1)) == lapsed
    assert all("Wednesday, January 20 at 10:00 AM" in call.words for call in CallTask.objects.all()), (
        "although nothing was written"
    )


def test_there_are_no_words_for_what_is_no_longer_so(clinic: Clinic, gateway: TwilioGateway) -> None:
    gateway.mode = Mode.REFUSE
    rosa = tell(clinic)
    move(Appointment.objects.get(patient=rosa), timedelta(hours=1), now=LATER)
    assert ask() == 1
    assert CallTask.objects.get().words == ""


def test_words_to_say_are_in_the_language_of_the_patient(clinic: Clinic, gateway: TwilioGateway) -> None:
    gateway.mode = Mode.REFUSE
    Patient.objects.filter(pk=tell(clinic).pk).update(language="es")
    ask()
    call = CallTask.objects.get()
    assert (call.language, call.words.startswith("Hola, le llamamos")) == ("es", True)


def test_an_answer_that_did_not_go_is_said_in_the_words_that_were_chosen(clinic: Clinic) -> None:
    rosa = reachable_patient(clinic)
    reply = InboundMessage.objects.create(
        provider="twilio", reference="SM1", channel="sms", sender="+12125550123", patient=rosa, text="?",
        intent="other", received_at=NOON,
    )  # fmt: skip
    Notice.objects.create(
        notice_key="reply/1", patient=rosa, clinic=clinic, purpose="reply", step="quick", channel="sms",
        address=rosa.addresses.get().address, due_at=NOON, useful_until=NOON + timedelta(hours=12), state="failed",
        reason="undelivered",
        words="Yes, we are open.", reply=reply, planned_at=NOON, changed_at=NOON,
    )  # fmt: skip
    assert ask() == 1
    assert CallTask.objects.get().words == "Yes, we are open."


def test_the_same_news_on_two_channels_is_one_call_and_one_settling(clinic: Clinic) -> None:
    rosa = reachable_patient(clinic, mailbox=MAILBOX)
    booker(clinic)(rosa, VISIT)
    plan()
    Notice.objects.all().move(NoticeState.LAPSED, now=NOON, reason="too_late")
    news = Notice.objects.filter(purpose="booking_confirmation")
    assert sorted(news.values_list("channel", flat=True)) == ["email", "sms"]
    ask()
    call = CallTask.objects.get(notice__in=news)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    settle_call(task=call, ended=CallEnd.SPOKE, by=desk, now=LATER)
    assert not needs_person_at(clinic, now=LATER).filter(purpose="booking_confirmation").exists()
    assert needs_person_at(clinic, now=LATER).filter(purpose="reminder").exists(), "another thing to say"


def test_dead_patients_are_not_called(clinic: Clinic, gateway: TwilioGateway) -> None:
    gateway.mode = Mode.REFUSE
    rosa = tell(clinic)
    record_death(patient=rosa, died_at=LATER, by=factories.system(), now=LATER)
    assert ask() == 0


def test_settled_call_takes_all_its_message_off_the_ledgers_top(clinic: Clinic, gateway: TwilioGateway) -> None:
    gateway.mode = Mode.REFUSE
    tell(clinic, VISIT, new_york(25, 10))
    ask()
    assert needs_person_at(clinic, now=LATER).count() == 2
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    settle_call(task=CallTask.objects.get(), ended=CallEnd.SPOKE, by=desk, now=LATER)
    assert needs_person_at(clinic, now=LATER).count() == 0
    assert ask() == 0
    assert set(Notice.objects.values_list("state", flat=True)) >= {NoticeState.FAILED}, "what happened stays"


def test_day_of_the_ledger_shows_what_stands_where(clinic: Clinic, gateway: TwilioGateway) -> None:
    tell(clinic)
    gateway.mode = Mode.REFUSE
    tell(clinic, new_york(21, 10))
    day = Interval(new_york(4, 0), new_york(5, 0))

    def states(stands: Stands | None) -> list[str]:
        return [notice.state for notice in of_day(clinic, day, stands, now=LATER)]

    assert sorted(states(None)) == ["failed", "sent"]
    assert states(Stands.GONE) == ["sent"]
    assert states(Stands.NOT_SENT) == states(Stands.NEEDS_PERSON) == ["failed"]
    assert states(Stands.ARRIVED) == states(Stands.TO_COME) == []
    assert list(of_day(factories.create_clinic(), day, None, now=LATER)) == []
    assert list(of_day(clinic, Interval(new_york(5, 0), new_york(6, 0)), None, now=LATER)) == []


def test_words_said_by_telephone_have_arrived_or_not_as_the_call_ended(clinic: Clinic, gateway: TwilioGateway) -> None:
    tell(clinic)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    for ended, state in ((CallEnd.SPOKE, NoticeState.DELIVERED), (CallEnd.NOT_REACHED, NoticeState.FAILED)):
        message = copy_as_call(Message.objects.order_by("written_at").first(), key=ended)
        call = CallTask.objects.get(task_key=ended)
        settle_call(task=call, ended=ended, by=desk, now=LATER)
        assert Notice.objects.get(message=message).state == state


def copy_as_call(message: Message | None, *, key: str) -> Message:
    """A message whose channel is a call, sent as a task."""
    assert message is not None
    first = message.notices.order_by("pk")[0]
    said = Message.objects.create(
        patient=message.patient, clinic=message.clinic, address=message.address, channel="call", purpose="changed",
        language="en", template="changed/call.en.txt", template_version=1, body="Say this", link_hash=key,
        written_at=LATER, valid_until=VISIT,
    )  # fmt: skip
    notice = Notice.objects.create(
        notice_key=key, patient=first.patient, clinic=first.clinic, purpose="changed", step="now", channel="call",
        address=first.address, due_at=LATER, useful_until=VISIT, state=NoticeState.SENT, message=said, planned_at=NOON,
        changed_at=NOON,
    )  # fmt: skip
    CallTask.objects.create(
        task_key=key, kind=CallKind.SAY_INSTEAD, clinic=first.clinic, patient=first.patient, notice=notice,
        words="Say this", opened_at=LATER, due_at=LATER,
    )  # fmt: skip
    return said
