"""Sending again: only what surely did not arrive and still holds, once, and the planner leaves it alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications.addresses import stop_address
from notifications.dispatch import dispatch_due
from notifications.ledger import needs_person_at
from notifications.models import CallTask, Notice, NoticeState
from notifications.planning import plan_patient
from notifications.sending_again import NotAgain, WhyNotAgain, send_again
from notifications.unsent import ask_to_call_about_unsent
from scheduling.events import Actor
from scheduling.models import Clinic, Event, Role
from scheduling.permissions import NotAllowed
from tests import factories
from tests.fakes.twilio_gateway import Mode, TwilioGateway
from tests.notifications.world import NOON, agree, booker, clinic_that_writes, move, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
LATER, LATER_YET = NOON + timedelta(minutes=10), NOON + timedelta(minutes=30)
VISIT = new_york(20, 10)


@pytest.fixture
def clinic() -> Clinic:
    return clinic_that_writes(quiet=False)


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


@pytest.fixture
def failed(clinic: Clinic, gateway: TwilioGateway) -> Notice:
    """The news of a visit that the provider refused; from now on it takes what comes."""
    gateway.mode = Mode.REFUSE
    booker(clinic)(reachable_patient(clinic), VISIT)
    plan()
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))
    gateway.mode = Mode.ACCEPT
    return Notice.objects.get(state=NoticeState.FAILED)


def test_it_goes_once_more_and_the_old_one_stays_failed(failed: Notice, desk: Actor, gateway: TwilioGateway) -> None:
    before = len(gateway.ledger)
    [again] = send_again(notice=failed, by=desk, now=LATER)
    dispatch_due(clock=lambda: LATER_YET, until=LATER_YET + timedelta(seconds=1))
    again.refresh_from_db()
    failed.refresh_from_db()
    assert (again.state, failed.state, len(gateway.ledger)) == (NoticeState.SENT, NoticeState.FAILED, before + 1)
    assert Event.objects.get(verb="message.sent_again").data == {"notices": [failed.pk], "again": [again.pk]}


def test_call_about_it_is_settled_and_asked_for_anew_where_it_fails_again(
    failed: Notice, clinic: Clinic, desk: Actor, gateway: TwilioGateway
) -> None:
    assert ask_to_call_about_unsent(by=factories.system(), now=LATER) == 1
    gateway.mode = Mode.REFUSE
    [again] = send_again(notice=failed, by=desk, now=LATER)
    assert CallTask.objects.get().outcome == "sent_again"
    assert list(needs_person_at(clinic, now=LATER)) == []
    assert ask_to_call_about_unsent(by=factories.system(), now=LATER) == 0
    dispatch_due(clock=lambda: LATER_YET, until=LATER_YET + timedelta(seconds=1))
    assert list(needs_person_at(clinic, now=LATER_YET)) == [again]
    assert ask_to_call_about_unsent(by=factories.system(), now=LATER_YET) == 1
    assert CallTask.objects.get(closed_at=None).notice == again


def test_planning_meanwhile_leaves_it_to_go(failed: Notice, desk: Actor) -> None:
    [again] = send_again(notice=failed, by=desk, now=LATER)
    plan_patient(patient=failed.patient, now=LATER)
    again.refresh_from_db()
    assert (again.state, again.due_at) == (NoticeState.PLANNED, LATER)


def test_all_that_failed_in_one_message_goes_again_together(
    clinic: Clinic, desk: Actor, gateway: TwilioGateway
) -> None:
    gateway.mode = Mode.REFUSE
    rosa = reachable_patient(clinic)
    for start in (VISIT, new_york(25, 10)):
        booker(clinic)(rosa, start)
    plan()
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))
    first = Notice.objects.filter(state=NoticeState.FAILED).order_by("pk")[0]
    again = send_again(notice=first, by=desk, now=LATER)
    assert len(again) == 2
    assert {told.appointment_id for row in again for told in row.told_visits.all()} == set(
        rosa.appointments.values_list("pk", flat=True)
    )


def why_not(notice: Notice, desk: Actor) -> WhyNotAgain:
    notice.refresh_from_db()
    with pytest.raises(NotAgain) as refusal:
        send_again(notice=notice, by=desk, now=LATER)
    assert Notice.objects.filter(notice_key__endswith="/again/again").count() == 0
    return refusal.value.why


def test_second_press_sends_nothing_more(failed: Notice, desk: Actor) -> None:
    send_again(notice=failed, by=desk, now=LATER)
    assert why_not(failed, desk) is WhyNotAgain.DONE


def test_what_may_have_arrived_is_never_sent_again(clinic: Clinic, desk: Actor, gateway: TwilioGateway) -> None:
    booker(clinic)(reachable_patient(clinic), VISIT)
    plan()
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))
    assert why_not(Notice.objects.get(state=NoticeState.SENT), desk) is WhyNotAgain.MAY_HAVE_ARRIVED


def test_what_changed_since_is_told_by_itself(failed: Notice, desk: Actor) -> None:
    visit = failed.visits.get()
    move(visit, timedelta(hours=1), now=LATER)
    assert why_not(failed, desk) is WhyNotAgain.CHANGED


def test_nothing_goes_where_nothing_may_go(failed: Notice, desk: Actor) -> None:
    agree(failed.address, granted=False, now=LATER)
    assert why_not(failed, desk) is WhyNotAgain.NOT_THERE
    agree(failed.address, now=LATER)
    stop_address(address=failed.address, reason="opted_out", by=factories.system(), now=LATER)
    assert why_not(failed, desk) is WhyNotAgain.NOT_THERE


def test_what_is_of_no_use_any_more_is_not_sent(failed: Notice, desk: Actor) -> None:
    with pytest.raises(NotAgain) as refusal:
        send_again(notice=failed, by=desk, now=VISIT)
    assert refusal.value.why is WhyNotAgain.TOO_LATE


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.NURSE])
def test_sending_again_is_the_desks(failed: Notice, clinic: Clinic, role: Role) -> None:
    with pytest.raises(NotAllowed):
        send_again(notice=failed, by=factories.create_actor(clinic, role), now=LATER)
