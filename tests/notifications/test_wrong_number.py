"""A wrong number: nothing goes there, its links are dead, everybody who had it is to be called, what went is listed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from notifications.calls import CallIsMade, ask_to_call
from notifications.dispatch import dispatch_due
from notifications.ledger import sent_to
from notifications.links import NoSuchLink, find_message
from notifications.models import Address, CallKind, CallTask, Message, Notice, PatientAddress
from notifications.wrong_number import record_wrong_number
from scheduling.models import Clinic, Event, EventToPlan, Patient, Role
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.replies import became, text_back
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def clinic() -> Clinic:
    return clinic_that_writes(quiet=False)


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic)


def number_of(patient: Patient) -> Address:
    return PatientAddress.objects.get(patient=patient).address


def send_something(clinic: Clinic, patient: Patient) -> Message:
    booker(clinic)(patient, new_york(20, 10))
    plan()
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))
    return Message.objects.get(patient=patient)


def token_in(message: Message) -> str:
    return next(word for word in message.body.split() if "/v/" in word).rstrip("/").rpartition("/")[2]


def press(clinic: Clinic, number: Address) -> None:
    """The desk's button."""
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    record_wrong_number(address=number, clinic=clinic, by=desk, now=LATER)


def write_back(clinic: Clinic, number: Address) -> None:
    """Whoever has the number writes that it is theirs."""
    assert became(text_back("wrong number", sender=number.value or "", now=LATER)) == ("wrong_number", True)


# However it is found out, all of it is done.
either_way = pytest.mark.parametrize("found_out", [press, write_back])
FoundOut = Callable[[Clinic, Address], None]


@either_way
def test_links_that_went_there_are_dead_and_what_went_is_listed(
    clinic: Clinic, rosa: Patient, gateway: TwilioGateway, found_out: FoundOut
) -> None:
    message = send_something(clinic, rosa)
    number, token = number_of(rosa), token_in(message)
    assert find_message(token=token, now=LATER) == message
    found_out(clinic, number)
    with pytest.raises(NoSuchLink):
        find_message(token=token, now=LATER)
    assert [one.body for one in sent_to(number, rosa)] == [message.body]
    assert list(sent_to(number)) == [message]


@either_way
def test_nothing_planned_goes_there_any_more(
    clinic: Clinic, rosa: Patient, gateway: TwilioGateway, found_out: FoundOut
) -> None:
    booker(clinic)(rosa, new_york(20, 10))
    plan()
    assert Notice.objects.count() > 0
    found_out(clinic, number_of(rosa))
    assert EventToPlan.objects.filter(event__verb="address.wrong_number", event__patient=rosa).exists()
    plan(LATER)
    assert Notice.objects.filter(state__in=("planned", "claimed")).count() == 0
    dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))
    assert gateway.ledger == []


@either_way
def test_everybody_on_the_number_is_to_be_called(clinic: Clinic, rosa: Patient, found_out: FoundOut) -> None:
    juan = reachable_patient(clinic)
    number = number_of(rosa)
    assert number_of(juan) == number
    found_out(clinic, number)
    number.refresh_from_db()
    assert (number.stopped_at, number.stop_reason) == (LATER, "wrong_number")
    assert not PatientAddress.objects.filter(address=number, ended_at=None).exists()
    calls = CallTask.objects.filter(kind=CallKind.WRONG_NUMBER).order_by("pk")
    assert [(call.patient, call.clinic, call.reason, call.closed_at) for call in calls] == [
        (rosa, clinic, "wrong_number", None),
        (juan, clinic, "wrong_number", None),
    ]
    for verb in ("address.stopped", "address.wrong_number"):
        assert set(Event.objects.filter(verb=verb).values_list("patient", flat=True)) == {rosa.pk, juan.pk}


def test_patients_who_had_it_are_named_to_whoever_records_it(clinic: Clinic, rosa: Patient) -> None:
    juan = reachable_patient(clinic)
    assert record_wrong_number(address=number_of(rosa), clinic=clinic, by=factories.system(), now=NOON) == [rosa, juan]


def test_reply_that_no_clinic_can_be_told_for_stops_the_number_and_is_to_read(clinic: Clinic, rosa: Patient) -> None:
    factories.create_clinic(organisation=clinic.organisation)
    number = number_of(rosa)
    assert became(text_back("wrong number", now=LATER)) == ("to_read", True)
    assert not PatientAddress.objects.filter(address=number, ended_at=None).exists()
    assert CallTask.objects.count() == 0


def test_call_in_which_a_stranger_answered_is_settled_with_it_or_nothing_is(clinic: Clinic, rosa: Patient) -> None:
    desk, number = factories.create_actor(clinic, Role.FRONT_DESK), number_of(rosa)
    call = ask_to_call(key="k", kind=CallKind.ASKED_FOR_CALL, clinic=clinic, patient=rosa, by=desk, now=NOON)
    record_wrong_number(address=number, clinic=clinic, call=call, by=desk, now=NOON)
    call.refresh_from_db()
    assert call.outcome == "wrong_number"
    number.refresh_from_db()
    other = reachable_patient(clinic, phone="+12125550199")
    with pytest.raises(CallIsMade):
        record_wrong_number(address=number_of(other), clinic=clinic, call=call, by=desk, now=NOON)
    assert number_of(other).stopped_at is None
    assert PatientAddress.objects.get(patient=other).ended_at is None
