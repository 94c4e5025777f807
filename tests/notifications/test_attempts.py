"""What a message says, as the facts are when it is written: who it is from, what is firm, what was heard before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from notifications.addresses import set_address
from notifications.dispatch import dispatch_due
from notifications.models import AddressKind, Message, MessageRules, Notice
from scheduling.events import Actor, Entry, record
from scheduling.gates import decide
from scheduling.models import Appointment, Clinic, Decision, Role, Status
from scheduling.visits import confirm
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import (
    NOON,
    PHONE,
    agree,
    booker,
    clinic_that_writes,
    move,
    new_york,
    plan,
    reachable_patient,
)  # fmt: skip
from tests.web.pages import book, bring_to

pytestmark = pytest.mark.django_db
TOLD = NOON + timedelta(minutes=3)
DAY_OF_REMINDER = new_york(11, 10)


def send(now: object = TOLD) -> None:
    dispatch_due(clock=lambda: now, until=now + timedelta(seconds=1))  # type: ignore[operator, return-value, arg-type]


def test_visits_behind_a_review_are_kept_and_confirmed_once_when_they_become_firm(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes(quiet=False)
    order = factories.create_order(clinic, reachable_patient(clinic))
    visits = book(order, clinic, how_many=4, now=factories.NOW)
    early = factories.NOW + timedelta(minutes=3)
    plan(factories.NOW)
    send(early)
    assert "3 visits are booked" in gateway.ledger[0].body
    assert "1 more time is kept for you and will be confirmed later." in gateway.ledger[0].body
    after = visits[2].period.upper
    for visit in visits[:3]:
        bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=visit.period.upper)
    user = factories.create_user(clinic, Role.PRESCRIBER)
    go_on = Actor.staff(user, clinic)
    decide(order=order, after_number=3, decision=Decision.CONTINUE, decided_by=user, by=go_on, now=after)
    plan(after)
    before = len(gateway.ledger)
    for minutes in (3, 10, 30):
        plan(after + timedelta(minutes=minutes))
        send(after + timedelta(minutes=minutes))
    [firm] = gateway.ledger[before:]
    assert "your visit is booked for" in firm.body
    assert "Details and to confirm" in firm.body
    start = visits[3].period.lower
    reminders = Notice.objects.filter(purpose="reminder", told_visits__appointment=visits[3])
    assert [start - row.due_at < timedelta(hours=30) for row in reminders] in ([], [True])


def test_visit_made_firm_a_day_before_brings_one_text_and_no_late_reminders(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic), new_york(14, 15))
    Appointment.objects.filter(pk=visit.pk).update(is_tentative=True)
    plan()
    send()
    made_firm = new_york(13, 10)
    with transaction.atomic():
        Appointment.objects.filter(pk=visit.pk).update(is_tentative=False, told_version=visit.told_version + 1)
        entry = Entry(
            "appointment.made_firm",
            clinic_id=clinic.pk,
            appointment_id=visit.pk,
            patient_id=visit.patient_id,
            data={"told_version": visit.told_version + 1},
            tell=True,
        )
        record(organisation_id=clinic.organisation_id, entries=[entry], by=factories.system(), now=made_firm)
    for hours in range(28):
        now = made_firm + timedelta(hours=hours, minutes=4)
        plan(now)
        send(now)
    assert [("is booked for" in text.body, "we keep" in text.body) for text in gateway.ledger] == [
        (False, True),
        (True, False),
    ]


def test_nothing_but_kept_times_asks_for_no_confirmation(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    Appointment.objects.filter(pk=visit.pk).update(is_tentative=True)
    plan()
    send()
    [text] = gateway.ledger
    assert "we keep Thu Jan 14, 10:00 AM for you and will confirm it later. Details: " in text.body


def test_corrected_number_gets_a_confirmation_of_its_own(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    send()
    now = new_york(5, 12)
    new = set_address(patient=patient, kind=AddressKind.PHONE, raw="212-555-0188", by=factories.system(), now=now)
    agree(new, now=now)
    for minutes in (0, 10):
        plan(now + timedelta(minutes=minutes))
        send(now + timedelta(minutes=minutes))
    assert [text.to for text in gateway.ledger] == [PHONE, "+12125550188"]
    assert "is booked for Thu Jan 14" in gateway.ledger[1].body


def test_reminder_lists_next_visits_only_as_the_patient_knows_them(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    booker(clinic)(patient, new_york(14, 10))
    known = booker(clinic)(patient, new_york(21, 11))
    moved = booker(clinic)(patient, new_york(22, 9))
    plan()
    send()
    just_before = DAY_OF_REMINDER - timedelta(minutes=1)
    booker(clinic, now=just_before)(patient, new_york(25, 10))
    move(moved, timedelta(hours=1), now=just_before)
    plan(just_before)
    send(DAY_OF_REMINDER)
    body = Message.objects.get(purpose="reminder").body
    assert "Next: Thu Jan 21, 11:00 AM. " in body, known
    assert "Jan 22" not in body
    assert "Jan 25" not in body


@pytest.mark.parametrize(
    ("language", "asks", "shows"), [("en", "Confirm:", "Details:"), ("es", "Confirme:", "Detalles:")]
)
@pytest.mark.parametrize("is_confirmed", [True, False])
def test_reminder_of_a_confirmed_visit_does_not_ask_again(
    gateway: TwilioGateway, language: str, asks: str, shows: str, is_confirmed: bool
) -> None:
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic, language=language), new_york(14, 10))
    plan()
    send()
    if is_confirmed:
        confirm(appointment=visit, how="link", by=Actor.patient(), now=TOLD)
    send(DAY_OF_REMINDER)
    body = Message.objects.get(purpose="reminder").body
    assert (asks in body, shows in body) == (not is_confirmed, is_confirmed)


@pytest.mark.parametrize(
    ("name", "chosen", "language", "sender"),
    [
        ("Harbor Ketamine Center", "", "en", "Your clinic"),
        ("Harbor Ketamine Center", "", "es", "Su clinica"),
        ("Harbor Ketamine Center", "Harbor Center", "en", "Harbor Center"),
        ("Harbor Center", "Harbor Depression", "en", "Your clinic"),
        ("Harbor Center for Wellness and Ketamine", "", "en", "Your clinic"),
        ("Harbor Wellness and Ketamine", "", "en", "Your clinic"),
        ("Harbor Center", "", "en", "Harbor Center"),
        ("Harbor Center for Wellness", "", "en", "Harbor Center for Wellne"),
    ],
)
def test_sender_is_a_name_that_tells_nothing(
    gateway: TwilioGateway, name: str, chosen: str, language: str, sender: str
) -> None:
    clinic = clinic_that_writes()
    MessageRules.objects.update(sender_name=chosen)
    Clinic.objects.update(name=name)
    clinic.refresh_from_db()
    booker(clinic)(reachable_patient(clinic, language=language), new_york(14, 10))
    plan()
    send()
    message = Message.objects.get()
    assert message.sender_name == sender
    assert message.body.startswith(f"{sender}: ")
