"""A visit of the next morning cancelled at 21:30: nobody is woken, the desk knows at once, no text comes at 2:00."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.by_night import ask_to_call_by_night
from notifications.calls import CallEnd, settle_call
from notifications.dispatch import dispatch_due
from notifications.lapsed_calls import settle_what_lapsed
from notifications.models import CallKind, CallTask, Notice, NoticeState
from notifications.planning import plan_everyone
from notifications.unsent import ask_to_call_about_unsent
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Clinic, Role
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
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
EVENING = new_york(12, 21, 30)


@pytest.fixture
def clinic(gateway: TwilioGateway) -> Clinic:
    return clinic_that_writes()


def told_visit(clinic: Clinic, start: datetime, *, mailbox: str = "") -> Appointment:
    visit = booker(clinic)(reachable_patient(clinic, mailbox=mailbox), start)
    plan()
    Notice.objects.exclude(purpose="booking_confirmation").delete()
    send(NOON + timedelta(minutes=3))
    return visit


def send(now: datetime) -> None:
    dispatch_due(clock=lambda: now, until=now + timedelta(seconds=1))


def cancel_at_night(visit: Appointment) -> None:
    desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="other", by=desk, now=EVENING)
    plan(EVENING)
    send(EVENING + timedelta(minutes=4))


def ask(now: datetime) -> list[CallTask]:
    ask_to_call_about_unsent(by=factories.system(), now=now)
    ask_to_call_by_night(by=factories.system(), now=now)
    return list(CallTask.objects.order_by("pk"))


def test_too_early_for_a_text_it_is_a_call_at_once(clinic: Clinic, gateway: TwilioGateway) -> None:
    visit = told_visit(clinic, new_york(13, 8, 30))
    cancel_at_night(visit)
    assert len(gateway.ledger) == 1, "the confirmation alone"
    [call] = ask(EVENING)
    assert (call.kind, call.reason, call.due_at) == (CallKind.SAY_INSTEAD, "at_night", EVENING)
    assert call.useful_until == new_york(13, 8, 30)
    send(new_york(13, 9))
    assert len(gateway.ledger) == 1


@pytest.mark.parametrize("mailbox", ["", MAILBOX])
def test_shortly_after_the_night_it_is_a_text_in_the_morning_and_a_call_at_once(
    clinic: Clinic, gateway: TwilioGateway, mail_server: object, mailbox: str
) -> None:
    visit = told_visit(clinic, new_york(13, 10), mailbox=mailbox)
    cancel_at_night(visit)
    calls = ask(EVENING)
    assert ask(EVENING + timedelta(minutes=1)) == calls
    [call] = calls
    assert (call.reason, call.language) == ("at_night", "en")
    assert "is cancelled" in call.words
    plan_everyone(now=EVENING + timedelta(hours=5))
    gateway.clock = new_york(13, 9).timestamp
    send(new_york(13, 9))
    text = gateway.ledger[-1]
    assert "is cancelled" in text.body
    assert text.at + text.validity <= visit.period.lower.timestamp()
    assert settle_what_lapsed(clinic=clinic, by=factories.system(), now=new_york(13, 9, 1)) == 0, "it may lie unread"
    Notice.objects.filter(state=NoticeState.SENT, purpose="cancelled").move(
        NoticeState.DELIVERED, now=new_york(13, 9, 2)
    )
    assert settle_what_lapsed(clinic=clinic, by=factories.system(), now=new_york(13, 9, 2)) == 1


def test_who_was_called_gets_no_text_in_the_morning(
    clinic: Clinic, gateway: TwilioGateway, mail_server: object
) -> None:
    visit = told_visit(clinic, new_york(13, 10), mailbox=MAILBOX)
    cancel_at_night(visit)
    [call] = ask(EVENING)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    settle_call(task=call, ended=CallEnd.SPOKE, by=desk, now=new_york(13, 8))
    plan_everyone(now=new_york(13, 8))
    before = len(gateway.ledger)
    send(new_york(13, 9))
    assert len(gateway.ledger) == before
    news = Notice.objects.filter(purpose="cancelled").values_list("state", "reason")
    assert list(news) == [("suppressed", "told_in_person")] * 2


def test_who_was_not_reached_gets_the_text(clinic: Clinic, gateway: TwilioGateway) -> None:
    visit = told_visit(clinic, new_york(13, 10))
    cancel_at_night(visit)
    [call] = ask(EVENING)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    settle_call(task=call, ended=CallEnd.NOT_REACHED, by=desk, now=new_york(13, 8))
    send(new_york(13, 9))
    assert "is cancelled" in gateway.ledger[-1].body
    assert ask(new_york(13, 9)) == [call]


def test_visit_of_the_afternoon_is_told_in_the_morning_and_is_no_call(clinic: Clinic, gateway: TwilioGateway) -> None:
    visit = told_visit(clinic, new_york(13, 15))
    cancel_at_night(visit)
    assert ask(EVENING) == []
    send(new_york(13, 9))
    assert "is cancelled" in gateway.ledger[-1].body


def test_news_of_the_early_evening_may_arrive_until_it_is_quiet_and_no_longer(
    clinic: Clinic, gateway: TwilioGateway
) -> None:
    visit = told_visit(clinic, new_york(13, 8, 30))
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    at = new_york(12, 18)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="other", by=desk, now=at)
    plan(at)
    gateway.clock = (at + timedelta(minutes=3)).timestamp
    send(at + timedelta(minutes=3))
    text = gateway.ledger[-1]
    assert "is cancelled" in text.body
    assert new_york(12, 19, 59) < datetime.fromtimestamp(text.at + text.validity, at.tzinfo) <= new_york(12, 20)
