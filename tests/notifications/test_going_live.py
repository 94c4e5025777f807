"""Before a clinic goes live nobody gets a text from it: e-mails go, and who has no mailbox is on the call list."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.dispatch import dispatch_due
from notifications.going_live import (
    NotReady,
    ReasonNeeded,
    Step,
    go_live,
    say_of_step,
    steps_of,
    stop_texts,
    take_word_back,
)
from notifications.models import CallTask, Message
from scheduling.events import Actor
from scheduling.models import Clinic, Event, Role, User
from scheduling.permissions import NotAllowed
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import MAILBOX, NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def clinic() -> Clinic:
    return clinic_that_writes(quiet=False)


@pytest.fixture
def priya(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.MANAGER)


def send(at: datetime = LATER) -> None:
    plan(at)
    dispatch_due(clock=lambda: at, until=at + timedelta(seconds=1))


def green(clinic: Clinic) -> set[Step]:
    return {one.step for one in steps_of(clinic) if one.is_green}


def waive_all(clinic: Clinic, by: Actor) -> None:
    for one in steps_of(clinic):
        if not one.is_green:
            say_of_step(clinic=clinic, step=one.step, is_waived=True, reason="not here", by=by, now=NOON)


def test_rows_show_what_is_there(clinic: Clinic, priya: Actor) -> None:
    assert green(clinic) == {Step.HOURS, Step.CHAIRS, Step.POSTS}
    reachable_patient(clinic)
    factories.create_order(clinic)
    for role in (Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER):
        factories.create_user(clinic, role)
    assert green(clinic) == {Step.HOURS, Step.CHAIRS, Step.POSTS, Step.PLANS, Step.PATIENTS}
    User.objects.filter(memberships__clinic=clinic).update(last_login=NOON)
    assert Step.STAFF in green(clinic)
    assert green(factories.create_clinic(chairs=0, nurses=0, days=0)) == set()


def test_no_text_goes_before_each_step_is_green_or_waived_by_name(clinic: Clinic, priya: Actor) -> None:
    stop_texts(clinic=clinic, by=priya, now=NOON)
    with pytest.raises(NotReady) as refusal:
        go_live(clinic=clinic, by=priya, now=NOON)
    assert Step.SENDER in refusal.value.steps
    with pytest.raises(ReasonNeeded):
        say_of_step(clinic=clinic, step=Step.SENDER, is_waived=True, reason=" ", by=priya, now=NOON)
    waive_all(clinic, priya)
    go_live(clinic=clinic, by=priya, now=NOON)
    assert clinic.sends_texts
    said = next(one for one in steps_of(clinic) if one.step is Step.SENDER)
    assert said.word is not None
    assert (said.word.reason, said.word.said_by_id) == ("not here", priya.user_id)
    take_word_back(clinic=clinic, step=Step.SENDER, by=priya, now=NOON)
    assert Step.SENDER not in green(clinic)


def test_texts_off_means_mail_or_a_call(clinic: Clinic, priya: Actor, gateway: TwilioGateway) -> None:
    stop_texts(clinic=clinic, by=priya, now=NOON)
    book, texted = booker(clinic), reachable_patient(clinic)
    mailed = reachable_patient(clinic, phone="+12125550124", mailbox=MAILBOX)
    book(texted, new_york(8, 10))
    book(mailed, new_york(8, 11))
    send()
    assert len(gateway.ledger) == 0
    assert [(one.channel, one.patient) for one in Message.objects.all()] == [("email", mailed)]
    assert [(call.kind, call.reason) for call in CallTask.objects.all()] == [("cannot_reach", "texts_off")]


def test_with_texts_on_they_go(clinic: Clinic, priya: Actor, gateway: TwilioGateway) -> None:
    """Control: the same bookings at a clinic that is live are texted; and what was planned goes once it goes live."""
    stop_texts(clinic=clinic, by=priya, now=NOON)
    booker(clinic)(reachable_patient(clinic), new_york(8, 10))
    send()
    assert len(gateway.ledger) == 0
    waive_all(clinic, priya)
    go_live(clinic=clinic, by=priya, now=LATER)
    send(LATER + timedelta(minutes=10))
    assert len(gateway.ledger) == 1
    assert CallTask.objects.filter(closed_at=None).count() == 0


def test_what_is_planned_when_texts_stop_does_not_go(clinic: Clinic, priya: Actor, gateway: TwilioGateway) -> None:
    booker(clinic)(reachable_patient(clinic), new_york(8, 10))
    plan(NOON)
    stop_texts(clinic=clinic, by=priya, now=NOON)
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))
    assert len(gateway.ledger) == 0


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.AUDITOR])
def test_only_managers_go_live(clinic: Clinic, role: Role) -> None:
    by = factories.create_actor(clinic, role)
    for verb in (go_live, stop_texts):
        with pytest.raises(NotAllowed):
            verb(clinic=clinic, by=by, now=NOON)
    with pytest.raises(NotAllowed):
        say_of_step(clinic=clinic, step=Step.SENDER, is_waived=False, by=by, now=NOON)
    assert not Event.objects.filter(verb__startswith="clinic.go").exists()
