"""A visit that was asked to confirm and is not, a day before: one call, closed once it is no longer so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.calls import CallEnd, settle_call
from notifications.dispatch import dispatch_due
from notifications.models import CallKind, CallTask
from notifications.unconfirmed import ask_about_unconfirmed
from scheduling.cancelling import cancel
from scheduling.intervals import Interval
from scheduling.models import Appointment, CancelledBy, Clinic, Event, Role
from scheduling.opening_hours import record_closure
from scheduling.visits import confirm
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import NOON, booker, clinic_that_writes, move, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
VISIT = new_york(14, 10)
DAY_BEFORE = new_york(13, 10)


@pytest.fixture
def clinic(gateway: TwilioGateway) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    booked = booker(clinic)(reachable_patient(clinic), VISIT)
    tell(NOON)
    return booked


def tell(now: datetime) -> None:
    plan(now)
    at = now + timedelta(minutes=3)
    dispatch_due(clock=lambda: at, until=at + timedelta(seconds=1))


def ask(now: datetime) -> int:
    return ask_about_unconfirmed(by=factories.system(), now=now)


def kinds() -> list[tuple[str, str]]:
    return list(CallTask.objects.order_by("pk").values_list("kind", "outcome"))


def test_a_day_before_it_is_one_call_with_its_visit(visit: Appointment) -> None:
    assert ask(DAY_BEFORE - timedelta(minutes=1)) == 0
    assert (ask(DAY_BEFORE), ask(DAY_BEFORE + timedelta(minutes=1))) == (1, 0)
    call = CallTask.objects.get()
    assert (call.kind, call.visit, call.patient, call.useful_until) == (
        CallKind.NOT_CONFIRMED, visit, visit.patient, VISIT,
    )  # fmt: skip
    assert Event.objects.filter(verb="call.asked", clinic=visit.clinic).count() == 1


def test_confirmed_visit_is_no_call_and_closes_the_one_there_is(clinic: Clinic, visit: Appointment) -> None:
    ask(DAY_BEFORE)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    confirm(appointment=visit, how="desk", by=desk, now=DAY_BEFORE)
    assert ask(DAY_BEFORE + timedelta(minutes=1)) == 0
    assert kinds() == [("not_confirmed", "not_needed")]
    assert Event.objects.filter(verb="call.settled").count() == 1


def test_cancelled_visit_closes_it(clinic: Clinic, visit: Appointment) -> None:
    ask(DAY_BEFORE)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    cancel(appointment=visit, side=CancelledBy.PATIENT, reason="sick", by=desk, now=DAY_BEFORE)
    ask(DAY_BEFORE)
    assert kinds() == [("not_confirmed", "not_needed")]


def test_moved_visit_closes_it_and_is_asked_about_at_its_new_time(visit: Appointment) -> None:
    ask(DAY_BEFORE)
    move(visit, timedelta(hours=4), now=DAY_BEFORE)
    assert ask(DAY_BEFORE) == 0, "nobody has asked them yet"
    tell(DAY_BEFORE)
    assert ask(DAY_BEFORE + timedelta(hours=4)) == 0, "they were asked just now"
    assert ask(DAY_BEFORE + timedelta(hours=4, minutes=10)) == 1
    assert kinds() == [("not_confirmed", "not_needed"), ("not_confirmed", "")]


def test_what_a_person_settled_stays_settled(clinic: Clinic, visit: Appointment) -> None:
    ask(DAY_BEFORE)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    settle_call(task=CallTask.objects.get(), ended=CallEnd.SPOKE, by=desk, now=DAY_BEFORE)
    assert ask(DAY_BEFORE + timedelta(hours=1)) == 0
    assert kinds() == [("not_confirmed", "spoke")]


def test_who_was_never_asked_is_not_called(clinic: Clinic) -> None:
    booker(clinic)(factories.create_patient(clinic), VISIT)
    assert ask(DAY_BEFORE) == 0


def test_two_visits_of_a_patient_are_one_call(clinic: Clinic) -> None:
    patient = reachable_patient(clinic)
    for hour in (10, 14):
        booker(clinic)(patient, new_york(14, hour))
    tell(NOON)
    assert ask(new_york(13, 15)) == 1


def test_closed_clinic_tentative_visit_and_gone_patient_ask_nobody(clinic: Clinic, visit: Appointment) -> None:
    period = Interval(new_york(14, 8), new_york(14, 12))
    manager = factories.create_actor(clinic, Role.MANAGER)
    ask(DAY_BEFORE)
    record_closure(clinic=clinic, period=period, reason="snow", by=manager, now=DAY_BEFORE)
    ask(DAY_BEFORE)
    assert kinds() == [("not_confirmed", "not_needed")]
    Appointment.objects.filter(pk=visit.pk).update(is_tentative=True)
    assert ask(DAY_BEFORE) == 0
