"""Caps bind routine messages only: no change and no cancellation is ever held back by them, however many there are."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from notifications.dispatch import dispatch_due
from notifications.models import MessageRules
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Role
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway, running_gateway
from tests.notifications.world import NOON, booker, clinic_that_writes, move, new_york, plan, reachable_patient

pytestmark = [pytest.mark.faults, pytest.mark.django_db]

GRACE = timedelta(minutes=3)
MOVES = 5


def visit_with_caps_of_one() -> Appointment:
    clinic = clinic_that_writes()
    MessageRules.objects.filter(clinic=clinic).update(most_a_day=1, most_a_week=1)
    visit = booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    return visit


def send(now: datetime) -> None:
    dispatch_due(clock=lambda: now, until=now + timedelta(seconds=1))


def purposes(gateway: TwilioGateway) -> list[str]:
    words = {"is booked": "booked", "is now": "changed", "is cancelled": "cancelled"}
    return [next((word for said, word in words.items() if said in text.body), "reminder") for text in gateway.ledger]


def test_changes_and_a_cancellation_all_go_although_the_cap_is_one(settings: Settings) -> None:
    with running_gateway() as gateway:
        settings.SMS_URL = gateway.url
        visit, now = visit_with_caps_of_one(), NOON + GRACE
        send(now)
        for _ in range(MOVES):
            move(visit, timedelta(minutes=30), now=now)
            plan(now)
            now += GRACE
            send(now)
        desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
        cancel(appointment=visit, side=CancelledBy.CLINIC, reason="ill", by=desk, now=now)
        plan(now)
        send(now + GRACE)
    assert purposes(gateway) == ["booked", *["changed"] * MOVES, "cancelled"]


def test_second_reminder_of_the_week_is_held_back(settings: Settings) -> None:
    """The control: caps of one do bind what is routine."""
    with running_gateway() as gateway:
        settings.SMS_URL = gateway.url
        visit_with_caps_of_one()
        send(NOON + GRACE)
        for day in range(5, 15):
            for hour in (10, 15):
                send(new_york(day, hour))
    assert purposes(gateway).count("reminder") == 1
