"""What would be sent is shown before: the same words to the same address as what goes once it is written."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from notifications.dispatch import dispatch_due
from notifications.models import Message, MessageRules
from notifications.notice_facts import ChannelName, Purpose
from notifications.undo_window import unsent_change
from notifications.would_be_told import would_be_told
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Clinic, Patient
from scheduling.moving import move
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import booker, new_york, plan, reachable_patient
from tests.scheduling.planned import desk

pytestmark = pytest.mark.django_db
NOW = factories.NOW
LATER = NOW + timedelta(hours=4)


@pytest.fixture
def clinic() -> Clinic:
    clinic = factories.create_clinic(chairs=4, nurses=3)
    MessageRules.objects.create(clinic=clinic, sender_name="Harbor Center", texts_per_minute=0)
    return clinic


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    return reachable_patient(clinic, now=NOW)


@pytest.fixture
def visit(clinic: Clinic, patient: Patient, gateway: TwilioGateway) -> Appointment:
    """Booked, and told."""
    visit = booker(clinic, now=NOW)(patient, new_york(14, 10))
    plan(NOW)
    send(NOW + timedelta(hours=3))
    return visit


def send(at: datetime) -> None:
    dispatch_due(clock=lambda: at, until=at + timedelta(seconds=1))


def without_link(text: str) -> str:
    return re.sub(r"\S+/v/\S+", "LINK", text)


def test_a_moves_message_is_the_one_that_goes(clinic: Clinic, patient: Patient, visit: Appointment) -> None:
    start = new_york(15, 10)
    shown = would_be_told(patient=patient, clinic=clinic, moved={visit.pk: start}, now=LATER)
    assert [(one.purpose, one.channel) for one in shown] == [(Purpose.CHANGED, ChannelName.SMS)]
    assert shown[0].at == LATER + timedelta(minutes=3)
    move(appointment=visit, start=start, by=desk(clinic), now=LATER)
    plan(LATER)
    send(LATER + timedelta(minutes=4))
    assert without_link(Message.objects.latest("written_at").body) == without_link(shown[0].text)


def test_a_cancellation_waits_longer_after_a_clinicians_word(
    clinic: Clinic, patient: Patient, visit: Appointment
) -> None:
    said = {
        who: would_be_told(patient=patient, clinic=clinic, cancelled=[visit.pk], by_clinician=who, now=LATER)[0]
        for who in (False, True)
    }
    assert {one.purpose for one in said.values()} == {Purpose.CANCELLED}
    assert said[True].at - said[False].at > timedelta(hours=1)


def test_a_change_can_be_taken_back_until_its_message_goes(clinic: Clinic, visit: Appointment) -> None:
    assert unsent_change(visit, LATER) is None, "a booking is no change"
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="staff_away", by=desk(clinic), now=LATER)
    plan(LATER)
    found = unsent_change(visit, LATER)
    assert found is not None
    assert (found.until, len(found.waiting)) == (LATER + timedelta(minutes=3), 1)
    send(LATER + timedelta(minutes=4))
    assert unsent_change(visit, LATER + timedelta(minutes=2)) is None, "it went"
