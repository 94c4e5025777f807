"""An infusion that was started against a review or the order: recorded with a prescriber's signature alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.deviations import sign_deviation
from scheduling.events import Actor
from scheduling.models import Appointment, Clinic, Event, FollowUp, Role, Status, User
from scheduling.passing_checks import ReasonNeeded
from scheduling.permissions import NotAllowed
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, NotThen
from tests import factories
from tests.factories import SIX
from tests.scheduling.planned import booked, give
from tests.scheduling.running import NINE, book, hold_true, minutes, nurse, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def doctor(clinic: Clinic) -> User:
    return factories.create_user(clinic, Role.PRESCRIBER)


@pytest.fixture
def by(clinic: Clinic, doctor: User) -> Actor:
    return Actor.staff(doctor, clinic)


def test_a_start_past_a_review_is_recorded_when_a_prescriber_signs_it(clinic: Clinic, by: Actor) -> None:
    order = factories.create_order(clinic)
    *before, fourth = booked(order, clinic, 1, 2, 3, 4)
    for visit in before:
        give(visit, clinic)
    when = fourth.period.lower + timedelta(minutes=20)
    signed = sign_deviation(appointment=fourth, started_at=when, reason="nobody asked me", by=by, now=when)
    assert (fourth.status, fourth.given_at, signed.signed_by_id) == (Status.INFUSING, when, by.user_id)
    assert fourth.arrived_at == fourth.seated_at == when
    verbs = Event.objects.filter(appointment=fourth).order_by("pk").values_list("verb", "reason")
    assert list(verbs)[-2:] == [("appointment.deviation_signed", ""), ("appointment.infusing", "")]
    assert FollowUp.objects.get(order=order, after_number=4).state == "open"


def test_what_a_check_stands_against_is_signed_too(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic, template={**SIX, "fasting": {"solids_hours": 6, "clear_liquids_hours": 2}})
    walk(visit, nurse(clinic), Status.SEATED)
    sign_deviation(appointment=visit, started_at=NINE + minutes(30), reason="urgent", by=by, now=NINE + minutes(60))
    hold_true()
    assert (visit.given_at, visit.seated_at) == (NINE + minutes(30), NINE + minutes(10))


def test_it_is_a_prescribers_with_a_reason_for_what_has_not_started(clinic: Clinic, by: Actor) -> None:
    visit = book(clinic)
    now = NINE + minutes(30)

    def sign(by: Actor, reason: str = "so it was", version: int | None = None) -> None:
        sign_deviation(appointment=visit, started_at=NINE, reason=reason, row_version=version, by=by, now=now)

    with pytest.raises(NotAllowed):
        sign(nurse(clinic))
    with pytest.raises(ReasonNeeded):
        sign(by, reason="  ")
    with pytest.raises(ChangedMeanwhile):
        sign(by, version=visit.row_version + 1)
    with pytest.raises(NotThen):
        sign_deviation(appointment=visit, started_at=now + minutes(1), reason="later", by=by, now=now)
    sign(by)
    with pytest.raises(NotPossibleFromHere):
        sign(by)
    assert Appointment.objects.get(pk=visit.pk).status == Status.INFUSING
