"""What a patient wishes is kept, leaves an event without their words, and sets the planner to work."""

from __future__ import annotations

import pytest

from notifications.addresses import NotTheirAddress
from notifications.contact_wishes import ask_for_confidentiality, end_confidentiality, set_wishes, wishes_of
from notifications.models import PatientAddress
from scheduling.models import Clinic, Event, EventToPlan, Patient, Role
from scheduling.permissions import NotAllowed
from tests import factories
from tests.notifications.world import MAILBOX, NOON, clinic_that_writes, reachable_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic, mailbox=MAILBOX)


def test_way_and_reminder_of_the_day_are_kept_once(clinic: Clinic, rosa: Patient) -> None:
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    assert set_wishes(patient=rosa, way="call", wants_day_of=True, by=desk, now=NOON)
    assert not set_wishes(patient=rosa, way="call", wants_day_of=True, by=desk, now=NOON)
    wishes = wishes_of(rosa)
    assert (wishes.way, wishes.wants_day_of, wishes.changed_by_id) == ("call", True, desk.user_id)
    event = Event.objects.get(verb="patient.contact_wishes_set")
    assert event.data == {"changed": ["way", "wants_day_of"]}
    assert EventToPlan.objects.filter(event=event).exists()


def test_confidential_request_is_kept_in_the_patients_words_and_nowhere_else(clinic: Clinic, rosa: Patient) -> None:
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    mailbox = PatientAddress.objects.get(patient=rosa, address__kind="email").address
    ask_for_confidentiality(patient=rosa, address=mailbox, note=" Not my home phone. ", by=desk, now=NOON)
    wishes = wishes_of(rosa)
    assert (wishes.only_address, wishes.confidential_note) == (mailbox, "Not my home phone.")
    event = Event.objects.get(verb="patient.contact_wishes_set")
    assert "home" not in str(event.data) + event.reason
    assert end_confidentiality(patient=rosa, by=desk, now=NOON)
    assert not end_confidentiality(patient=rosa, by=desk, now=NOON)
    assert (wishes_of(rosa).only_address, wishes_of(rosa).confidential_note) == (None, "")


def test_the_other_wishes_stay_when_one_changes(clinic: Clinic, rosa: Patient) -> None:
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    mailbox = PatientAddress.objects.get(patient=rosa, address__kind="email").address
    set_wishes(patient=rosa, way="email", wants_day_of=True, by=desk, now=NOON)
    ask_for_confidentiality(patient=rosa, address=mailbox, note="Only there", by=desk, now=NOON)
    assert (wishes_of(rosa).way, wishes_of(rosa).wants_day_of) == ("email", True)


def test_confidential_place_has_to_be_the_patients(clinic: Clinic, rosa: Patient) -> None:
    other = reachable_patient(clinic, phone="+12125550199")
    address = PatientAddress.objects.get(patient=other).address
    with pytest.raises(NotTheirAddress):
        ask_for_confidentiality(patient=rosa, address=address, note="There", by=factories.system(), now=NOON)
    assert Event.objects.filter(verb="patient.contact_wishes_set").count() == 0


def test_stranger_to_the_organisation_may_not(rosa: Patient) -> None:
    elsewhere = factories.create_actor(factories.create_clinic(), Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        set_wishes(patient=rosa, way="sms", wants_day_of=False, by=elsewhere, now=NOON)
