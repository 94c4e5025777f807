"""Infusions whose order asks for fasting, a ride home and a check-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Clinic, Patient, Role
from tests import factories
from tests.notifications.world import NOON

PREPARED: dict[str, Any] = factories.SIX | {
    "ride_home": True,
    "fasting": {"solids_hours": 6, "clear_liquids_hours": 2},
    "follow_ups": [{"kind": "check_in", "after": 1, "day": 2}, {"kind": "call", "after": 1, "day": 1}],
}


def infusion(clinic: Clinic, patient: Patient, *starts: datetime, now: datetime = NOON) -> list[Appointment]:
    """The first infusions of such an order."""
    order = factories.create_order(clinic, patient, template=PREPARED)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    picks = [Pick(number, start) for number, start in enumerate(starts, start=1)]
    return book_series(order=order, clinic=clinic, picks=picks, by=desk, now=now)
