"""Who is known to two organisations by one number: a reply belongs to one of them, and no call names the other's."""

from __future__ import annotations

import pytest

from notifications.models import Address, CallTask, MessageRules
from scheduling.models import Clinic, Event, Patient
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.replies import tell, text_back
from tests.notifications.world import booker, clinic_that_writes, new_york, reachable_patient

pytestmark = pytest.mark.django_db
HARBOR, VALLEY = "+15550100000", "+15550100001"


def clinic_at(number: str) -> Clinic:
    clinic = clinic_that_writes()
    MessageRules.objects.filter(clinic=clinic).update(text_number=number)
    return clinic


@pytest.fixture
def harbor(gateway: TwilioGateway) -> Clinic:
    return clinic_at(HARBOR)


@pytest.fixture
def valley(gateway: TwilioGateway) -> Clinic:
    return clinic_at(VALLEY)


@pytest.fixture
def theirs(valley: Clinic) -> Patient:
    """Valley's patient, told of a visit."""
    patient = reachable_patient(valley)
    booker(valley)(patient, new_york(14, 10))
    tell()
    return patient


@pytest.mark.parametrize("text", ["2", "STOP", "cancel", "wrong number", "1", "hello?"])
def test_anothers_patient_who_writes_to_our_number_is_a_stranger(harbor: Clinic, theirs: Patient, text: str) -> None:
    reply = text_back(text, to=HARBOR)
    assert (reply.clinic, reply.patient, reply.address, reply.answers) == (harbor, None, None, None)
    assert not CallTask.objects.filter(patient=theirs).exists()
    assert not Address.objects.filter(stopped_at__isnull=False).exists()
    assert not Event.objects.filter(clinic=harbor, patient=theirs).exists()


@pytest.mark.parametrize("number", [VALLEY, "+15550100009"])
def test_reply_to_a_number_of_nobodys_belongs_to_whoever_told_them_last(
    harbor: Clinic, valley: Clinic, theirs: Patient, number: str
) -> None:
    reachable_patient(harbor)
    reply = text_back("2", to=number)
    assert reply.address is not None
    assert (reply.clinic, reply.patient) == (valley, theirs)
    assert reply.address.organisation == valley.organisation
    assert CallTask.objects.get().clinic == valley


def test_told_by_two_organisations_from_one_number_the_reply_is_of_one(harbor: Clinic, theirs: Patient) -> None:
    booker(harbor)(reachable_patient(harbor), new_york(15, 10))
    tell()
    reply = text_back("hello?", to="+15550100009")
    assert reply.clinic is not None
    assert reply.address is not None
    assert reply.patient is None
    assert reply.address.organisation == reply.clinic.organisation


def test_stop_at_our_number_leaves_the_others_consent(harbor: Clinic, valley: Clinic, theirs: Patient) -> None:
    ours = reachable_patient(harbor)
    reply = text_back("STOP", to=HARBOR)
    assert (reply.clinic, reply.patient) == (harbor, ours)
    withdrawn = Event.objects.filter(verb="consent.withdrawn")
    assert {event.organisation for event in withdrawn} == {harbor.organisation}
