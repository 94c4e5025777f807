"""A short series of which everything was given, with what its plan orders for afterwards."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from scheduling.as_needed_content import AsNeededTerms
from scheduling.as_needed_orders import draft_as_needed
from scheduling.booking import Pick, book_series
from scheduling.events import Actor, record
from scheduling.follow_ups import close_follow_ups_of
from scheduling.models import Appointment, Clinic, Order, Patient, Role, Status
from scheduling.signing import sign_order
from tests import factories
from tests.factories import NOW, SIX
from tests.scheduling.planned import at
from tests.scheduling.running import walk

# Two infusions; a call the day after each, a check-in and a review after the last, then single ones as needed.
TWO: Final[dict[str, Any]] = {
    **SIX,
    "doses": 2,
    "within_days": 10,
    "reviews": [],
    "as_needed": {"word": "Booster", "at_most": 4, "min_days": 14},
    "follow_ups": [
        {"kind": "call", "after": "each", "day": 1},
        {"kind": "check_in", "after": "last", "day": 7, "questionnaires": ["phq-9"]},
        {"kind": "review", "after": "last", "day": 14},
        {"kind": "as_needed", "after": "last", "day": 21},
    ],
}
FIRST, SECOND = at("2027-01-06"), at("2027-01-08")
# When the second was started: 25 minutes after its visit began.
GIVEN: Final = SECOND + timedelta(minutes=25)
LATER: Final = GIVEN + timedelta(days=30)
TERMS: Final = AsNeededTerms(count=4, min_days=21, until=date(2027, 6, 30))


def booked_two(clinic: Clinic, patient: Patient | None = None, template: dict[str, Any] | None = None) -> Order:
    order = factories.create_order(clinic, patient, template=template or TWO)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    book_series(order=order, clinic=clinic, picks=[Pick(1, FIRST), Pick(2, SECOND)], by=desk, now=NOW)
    return order


def given_two(clinic: Clinic, patient: Patient | None = None, template: dict[str, Any] | None = None) -> Order:
    """Both infusions given and over."""
    order = booked_two(clinic, patient, template)
    nurse = factories.create_actor(clinic, Role.NURSE)
    for visit in visits_of(order):
        walk(visit, nurse, Status.COMPLETED)
    return order


def give(clinic: Clinic, order: Order, number: int, start: datetime) -> Appointment:
    """One more infusion, booked, started and over."""
    desk, nurse = factories.create_actor(clinic, Role.FRONT_DESK), factories.create_actor(clinic, Role.NURSE)
    [visit] = book_series(order=order, clinic=clinic, picks=[Pick(number, start)], by=desk, now=GIVEN)
    walk(visit, nurse, Status.COMPLETED)
    return visit


def as_needed_order(clinic: Clinic, order: Order, terms: AsNeededTerms = TERMS, *, now: datetime = LATER) -> Order:
    """Ordered and signed by a prescriber."""
    by = factories.create_actor(clinic, Role.PRESCRIBER)
    draft = draft_as_needed(order=order, terms=terms, by=by, now=now)
    sign_order(order=draft, by=by, now=now)
    draft.refresh_from_db()
    return draft


def visits_of(order: Order) -> list[Appointment]:
    return list(Appointment.objects.filter(order=order, dose_number__isnull=False).order_by("dose_number"))


def take_back(order: Order, number: int, by: Actor, now: datetime = GIVEN) -> None:
    """What a verb does that takes an infusion back, as far as what it opened is concerned."""
    with transaction.atomic():
        entries = close_follow_ups_of(order, number, by=by, now=now)
        record(organisation_id=order.organisation_id, entries=entries, by=by, now=now)
