"""Whom no message reaches is called about what they believe in: a visit that is cancelled, moved or closed over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.calls import CallEnd, put_off, settle_call
from notifications.check_ins import ASK_WITHIN
from notifications.models import CallTask, Notice, PatientAddress
from notifications.planning import plan_patient
from notifications.telling import told_in_person
from scheduling.cancelling import cancel
from scheduling.intervals import Interval
from scheduling.models import Appointment, CancelledBy, Clinic, Closure, FollowUp, Patient, Role, Status
from scheduling.opening_hours import end_closure, record_closure
from scheduling.patients import record_death
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.prepared import infusion
from tests.notifications.replies import became, tell, text_back
from tests.notifications.world import NOON, agree, booker, clinic_that_writes, move, new_york, plan, reachable_patient
from tests.web.pages import bring_to

pytestmark = pytest.mark.django_db
STOPPED = NOON + timedelta(hours=1)
THEN = NOON + timedelta(hours=2)
LATER = NOON + timedelta(hours=3)
GREETING = "Hello, this is Harbor Center. "
CANCELLED = "Your visit on Wednesday, January 6 at 10:00 AM is cancelled."


@pytest.fixture
def clinic(gateway: TwilioGateway) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def told(clinic: Clinic) -> Appointment:
    """A visit whose patient got a text of it, then sent STOP."""
    visit = booker(clinic)(reachable_patient(clinic), new_york(6, 10))
    tell()
    assert became(text_back("STOP", now=STOPPED)) == ("opted_out", False)
    plan(STOPPED)
    return visit


@pytest.fixture
def unknown(clinic: Clinic) -> Appointment:
    """A visit of somebody without any address."""
    visit = booker(clinic)(factories.create_patient(clinic), new_york(6, 10))
    plan()
    return visit


def cancel_it(visit: Appointment, side: CancelledBy = CancelledBy.CLINIC, now: datetime = THEN) -> None:
    desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
    visit.refresh_from_db()
    cancel(appointment=visit, side=side, reason="staff", by=desk, now=now)
    plan(now)


def close(clinic: Clinic, now: datetime = THEN, day: int = 6) -> Closure:
    manager = factories.create_actor(clinic, Role.MANAGER)
    period = Interval(new_york(day, 7), new_york(day, 19))
    closure = record_closure(clinic=clinic, period=period, reason="snow", by=manager, now=now)
    plan(now)
    return closure


def settle(clinic: Clinic, ended: CallEnd = CallEnd.SPOKE, now: datetime = STOPPED) -> None:
    """The one open call is made."""
    call = CallTask.objects.get(closed_at=None)
    settle_call(task=call, ended=ended, by=factories.create_actor(clinic, Role.FRONT_DESK), now=now)


def open_calls() -> list[str]:
    """The words of the open calls."""
    rows = CallTask.objects.filter(closed_at=None).order_by("pk")
    assert {row.kind for row in rows} <= {"cannot_reach"}
    return [row.words for row in rows]


def test_a_cancellation_after_stop_is_said_in_the_call(told: Appointment) -> None:
    [words] = open_calls()
    assert words.startswith(GREETING + "Your visit is booked for Wednesday, January 6 at 10:00 AM.")
    cancel_it(told)
    [words] = open_calls()
    assert words.startswith(GREETING + CANCELLED)
    call = CallTask.objects.get(closed_at=None)
    assert (call.reason, call.visit_id, call.useful_until) == ("no_consent", told.pk, new_york(6, 10))
    assert Notice.objects.filter(purpose="cancelled").count() == 0


def test_a_stop_after_the_cancellation_was_planned_makes_it_a_call(clinic: Clinic) -> None:
    visit = booker(clinic)(reachable_patient(clinic), new_york(6, 10))
    tell()
    cancel_it(visit, now=STOPPED)
    text_back("STOP", now=STOPPED + timedelta(minutes=1))
    plan(STOPPED + timedelta(minutes=1))
    [words] = open_calls()
    assert CANCELLED in words


@pytest.mark.parametrize("side", [CancelledBy.CLINIC, CancelledBy.CLINICIAN])
def test_spoke_then_cancelled_is_called_again(clinic: Clinic, unknown: Appointment, side: CancelledBy) -> None:
    settle(clinic)
    assert open_calls() == []
    cancel_it(unknown, side)
    [words] = open_calls()
    assert words.startswith(GREETING + CANCELLED)
    settle(clinic, now=LATER)
    plan_patient(patient=unknown.patient, now=LATER)
    assert open_calls() == []


def test_a_prescribers_decision_leaves_them_two_hours_to_call_themselves(clinic: Clinic, unknown: Appointment) -> None:
    settle(clinic)
    cancel_it(unknown, CancelledBy.CLINICIAN)
    assert CallTask.objects.get(closed_at=None).due_at == THEN + timedelta(hours=2)


def test_who_was_never_told_is_not_called_about_a_cancellation(clinic: Clinic, unknown: Appointment) -> None:
    settle(clinic, CallEnd.NOT_REACHED)
    cancel_it(unknown)
    assert open_calls() == []


def test_what_the_patient_cancelled_asks_for_no_call(clinic: Clinic, told: Appointment) -> None:
    cancel_it(told, CancelledBy.PATIENT)
    assert open_calls() == []


def test_spoke_then_the_clinic_closes_is_called_again_once_for_each_closure(
    clinic: Clinic, unknown: Appointment
) -> None:
    settle(clinic)
    closure = close(clinic)
    [words] = open_calls()
    assert words.startswith(GREETING + "We are closed at the time of your visit on Wednesday, January 6 at 10:00 AM")
    settle(clinic, now=LATER)
    plan_patient(patient=unknown.patient, now=LATER)
    assert open_calls() == []
    end_closure(closure=closure, by=factories.create_actor(clinic, Role.MANAGER), now=LATER)
    plan(LATER)
    [words] = open_calls()
    assert "Your visit is booked for Wednesday, January 6 at 10:00 AM." in words
    settle(clinic, now=LATER)
    plan_patient(patient=unknown.patient, now=LATER)
    assert open_calls() == []


def test_a_closure_after_stop_is_said_in_the_call_in_place_of_the_visit(clinic: Clinic, told: Appointment) -> None:
    close(clinic)
    [words] = open_calls()
    assert words.count(GREETING) == 1
    assert "please do not come then" in words


def test_a_closure_they_had_a_text_of_is_not_said_again(clinic: Clinic) -> None:
    booker(clinic)(reachable_patient(clinic), new_york(6, 10))
    tell()
    close(clinic, now=STOPPED)
    tell(STOPPED + timedelta(minutes=3))
    text_back("STOP", now=THEN)
    plan(THEN)
    assert open_calls() == []


def test_a_new_time_after_stop_is_said_as_a_change(clinic: Clinic, told: Appointment) -> None:
    move(told, timedelta(hours=2), now=THEN)
    plan(THEN)
    [words] = open_calls()
    assert words.startswith(GREETING + "Your visit has a new time: Wednesday, January 6 at 12:00 PM.")


def test_a_call_says_first_what_is_cancelled_and_only_what_is_new(clinic: Clinic, unknown: Appointment) -> None:
    other, third = (booker(clinic)(unknown.patient, new_york(day, 10)) for day in (7, 8))
    plan()
    settle(clinic)
    move(third, timedelta(hours=1), now=THEN)
    cancel_it(other)
    [words] = open_calls()
    assert words.index("Thursday, January 7 at 10:00 AM is cancelled") < words.index(
        "new time: Friday, January 8 at 11:00 AM"
    )
    assert "January 6" not in words


def test_what_is_new_brings_back_a_call_that_was_put_off(clinic: Clinic, told: Appointment) -> None:
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    put_off(task=CallTask.objects.get(closed_at=None), until=new_york(5, 9), by=desk, now=STOPPED)
    plan_patient(patient=told.patient, now=STOPPED)
    assert CallTask.objects.get(closed_at=None).due_at == new_york(5, 9)
    cancel_it(told)
    assert CallTask.objects.get(closed_at=None).due_at == THEN


def test_what_somebody_told_them_at_the_desk_asks_for_no_call(clinic: Clinic, told: Appointment) -> None:
    cancel_it(told)
    told_in_person(patient=told.patient, visit=told, by=factories.create_actor(clinic, Role.FRONT_DESK), now=LATER)
    plan(LATER)
    assert open_calls() == []


def test_who_can_be_reached_again_gets_the_cancellation_as_a_message(clinic: Clinic, unknown: Appointment) -> None:
    settle(clinic)
    cancel_it(unknown)
    reachable = reachable_patient(clinic)
    link = PatientAddress.objects.get(patient=reachable)
    PatientAddress.objects.filter(pk=link.pk).update(patient=unknown.patient)
    agree(link.address, now=LATER)
    plan(LATER)
    plan_patient(patient=unknown.patient, now=LATER)
    assert open_calls() == []
    assert Notice.objects.get(patient=unknown.patient).purpose == "cancelled"


def test_a_death_leaves_no_call(clinic: Clinic, told: Appointment) -> None:
    cancel_it(told)
    record_death(patient=told.patient, died_at=THEN, by=factories.system(), now=LATER)
    plan(LATER)
    assert open_calls() == []


def patient_with_check_in(clinic: Clinic) -> Patient:
    patient = factories.create_patient(clinic)
    [visit] = infusion(clinic, patient, new_york(6, 10))
    plan(new_york(6, 9))
    bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=new_york(6, 10))
    plan(new_york(6, 11))
    return patient


def test_a_check_in_is_a_call_of_its_own_from_when_it_is_due(clinic: Clinic) -> None:
    patient = patient_with_check_in(clinic)
    call = CallTask.objects.get(closed_at=None)
    due = FollowUp.objects.get(kind="check_in").due_at
    assert due is not None
    assert (call.due_at, call.useful_until) == (due, due + ASK_WITHIN)
    assert call.words.startswith(GREETING + "How have you been since your visit on Wednesday, January 6 at 10:00 AM?")
    settle(clinic, now=due)
    plan_patient(patient=patient, now=due + timedelta(hours=1))
    assert open_calls() == []


def test_a_check_in_that_was_held_leaves_the_list(clinic: Clinic) -> None:
    patient = patient_with_check_in(clinic)
    FollowUp.objects.filter(kind="check_in").update(state="done", settled_at=new_york(7, 9))
    plan_patient(patient=patient, now=new_york(7, 9))
    assert open_calls() == []


def test_who_missed_a_visit_is_called_an_hour_after_a_person_said_so(clinic: Clinic, unknown: Appointment) -> None:
    settle(clinic)
    came = new_york(6, 11)
    bring_to(unknown, Status.NO_SHOW, clinic=clinic, now=came)
    plan(came)
    call = CallTask.objects.get(closed_at=None)
    assert call.due_at == came + timedelta(hours=1)
    assert call.words.startswith(GREETING + "We missed you on Wednesday, January 6 at 10:00 AM.")
    settle(clinic, now=call.due_at)
    plan_patient(patient=unknown.patient, now=call.due_at)
    assert open_calls() == []
