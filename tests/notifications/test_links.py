from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.addresses import set_address, stop_address
from notifications.dispatch import dispatch_due
from notifications.links import NoSuchLink, find_message, hash_of, token_for, visits_told
from notifications.models import AddressKind, Message, PatientAddress
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Role
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

TOLD = NOON + timedelta(minutes=3)


@given(st.uuids(), st.uuids(), st.sampled_from(["reminder", "changed"]), st.sampled_from(["reminder", "changed"]))
def test_token_belongs_to_one_message_and_purpose(one: object, other: object, purpose: str, another: str) -> None:
    same = (one, purpose) == (other, another)
    assert (token_for(one, purpose) == token_for(other, another)) is same  # type: ignore[arg-type]


def test_token_carries_128_bits_in_url_safe_characters() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", token_for(uuid4(), "reminder"))


@pytest.mark.django_db
def test_link_in_a_text_finds_its_message_until_the_visit_is_over(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    dispatch_due(clock=lambda: TOLD, until=TOLD + timedelta(seconds=1))
    [token] = re.findall(r"http://testserver/v/([^/]+)/", gateway.ledger[0].body)
    message = Message.objects.get()
    assert message.link_hash == hash_of(token) != token
    assert find_message(token=token, now=visit.period.upper - timedelta(minutes=1)) == message
    assert list(visits_told(message)) == [visit]
    with pytest.raises(NoSuchLink):
        find_message(token=token, now=visit.period.upper)
    with pytest.raises(NoSuchLink):
        find_message(token=token[:-1] + ("A" if token[-1] != "A" else "B"), now=TOLD)


def told_by_text() -> tuple[Appointment, str]:
    """A visit whose patient has got a text, and the token in it."""
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    dispatch_due(clock=lambda: TOLD, until=TOLD + timedelta(seconds=1))
    message = Message.objects.get()
    return visit, token_for(message.pk, message.purpose)


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["corrected", "stopped"])
def test_link_ends_with_the_address_it_went_to(gateway: TwilioGateway, what: str) -> None:
    visit, token = told_by_text()
    assert find_message(token=token, now=TOLD) == Message.objects.get()
    by = factories.system()
    if what == "corrected":
        set_address(patient=visit.patient, kind=AddressKind.PHONE, raw="212-555-0188", by=by, now=TOLD)
    else:
        stop_address(address=PatientAddress.objects.get().address, reason="landline", by=by, now=TOLD)
    with pytest.raises(NoSuchLink):
        find_message(token=token, now=TOLD)


@pytest.mark.django_db
def test_link_of_a_cancellation_is_read_for_a_week(gateway: TwilioGateway) -> None:
    visit, _ = told_by_text()
    desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="staff_away", by=desk, now=TOLD)
    plan(TOLD)
    later = TOLD + timedelta(minutes=3)
    dispatch_due(clock=lambda: later, until=later + timedelta(seconds=1))
    message = Message.objects.get(purpose="cancelled")
    token = token_for(message.pk, message.purpose)
    assert find_message(token=token, now=later + timedelta(days=6)) == message
    with pytest.raises(NoSuchLink):
        find_message(token=token, now=later + timedelta(days=7))
