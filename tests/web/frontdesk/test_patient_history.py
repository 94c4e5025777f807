"""The history on a patient's page: one line for what one press did, in the desk's words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.cancelling import cancel, cancel_rest
from scheduling.models import CancelledBy, Clinic, Patient, Role
from tests import factories
from tests.factories import NOW
from tests.web.pages import book
from web.frontdesk.patient_history import history_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def told(patient: Patient) -> list[tuple[str, str]]:
    return [(line.about, line.words) for line in history_of([patient])]


def test_what_one_press_did_to_a_series_is_one_line(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    visits = book(order, clinic, how_many=3)
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    cancel_rest(order=order, from_number=2, side=CancelledBy.PATIENT, reason="sick", by=by, now=NOW)
    later = NOW + timedelta(minutes=1)
    cancel(appointment=visits[0], side=CancelledBy.PATIENT, reason="sick", by=by, now=later)
    assert told(visits[0].patient) == [
        ("Infusion 1 of 6", "cancelled"),
        ("Infusions 2–3", "cancelled"),
        ("Infusions 1–3", "booked"),
        ("", "an order was signed"),
        ("", "taken down"),
    ]


def test_two_series_booked_in_the_same_moment_are_two_lines(clinic: Clinic) -> None:
    patient = factories.create_patient(clinic)
    first = factories.create_order(clinic, patient)
    book(first, clinic, how_many=2)
    book(factories.create_order(clinic, patient), clinic, how_many=2)
    assert [line for line in told(patient) if line[1] == "booked"] == [("Infusions 1–2", "booked")] * 2
