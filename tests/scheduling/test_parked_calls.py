"""Calls put aside: each person's own, one a patient, nothing lost of what was said, gone after a week."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from scheduling.events import Actor
from scheduling.holding import hold_series
from scheduling.models import ActorKind, Clinic, ParkedCall, Role, User
from scheduling.parked_calls import GOES_AFTER, Wished, drop_call, park_call, parked_calls, wished_of
from scheduling.permissions import NotAllowed
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import picks

pytestmark = pytest.mark.django_db
SAID = Wished("mon wed am", ("fri",), time(10), 3)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def dana(clinic: Clinic) -> User:
    return factories.create_user(clinic, Role.FRONT_DESK)


def acting(user: User, clinic: Clinic, role: Role = Role.FRONT_DESK) -> Actor:
    return Actor(
        ActorKind.STAFF, user.username, user.pk, clinic.pk, frozenset({role}), clinic.organisation_id
    )  # fmt: skip


def test_what_was_said_is_kept_and_added_to(clinic: Clinic, dana: User) -> None:
    order, by = factories.create_order(clinic), acting(dana, clinic)
    park_call(patient=order.patient, clinic=clinic, by=by, now=NOW)
    assert wished_of(user=dana, clinic=clinic, order=order) is None
    park_call(patient=order.patient, clinic=clinic, order=order, wished=SAID, by=by, now=NOW)
    later = NOW + timedelta(minutes=5)
    park_call(patient=order.patient, clinic=clinic, by=by, now=later)
    assert wished_of(user=dana, clinic=clinic, order=order) == SAID
    [call] = parked_calls(user=dana, clinic=clinic, now=later)
    assert (call.patient, call.order, call.touched_at) == (order.patient, order, later)


def test_calls_are_each_persons_own_and_say_till_when_times_are_kept(
    clinic: Clinic, dana: User, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    order, other = factories.create_order(clinic), factories.create_user(clinic, Role.FRONT_DESK)
    by = acting(dana, clinic)
    held = hold_series(order=order, clinic=clinic, picks=picks(1, 2), by=by, now=NOW)
    park_call(patient=order.patient, clinic=clinic, order=order, by=by, now=NOW)
    park_call(patient=factories.create_patient(clinic), clinic=clinic, by=by, now=NOW + timedelta(minutes=1))
    assert parked_calls(user=other, clinic=clinic, now=NOW) == []
    with django_assert_num_queries(1):  # type: ignore[operator]  # a callable fixture
        calls = parked_calls(user=dana, clinic=clinic, now=NOW)
    assert [getattr(call, "kept_until") for call in calls] == [None, held[0].held_until]  # noqa: B009 -- annotated


def test_a_call_goes_when_it_is_dropped_or_after_a_week(clinic: Clinic, dana: User) -> None:
    first, second = factories.create_patient(clinic), factories.create_patient(clinic)
    by = acting(dana, clinic)
    park_call(patient=first, clinic=clinic, by=by, now=NOW)
    late = NOW + GOES_AFTER + timedelta(minutes=1)
    assert parked_calls(user=dana, clinic=clinic, now=late) == []
    park_call(patient=second, clinic=clinic, by=by, now=late)
    assert [call.patient for call in ParkedCall.objects.all()] == [second]
    for _ in range(2):
        drop_call(patient=second, clinic=clinic, by=by)
    assert not ParkedCall.objects.exists()


def test_who_books_nothing_parks_nothing(clinic: Clinic, dana: User) -> None:
    patient = factories.create_patient(clinic)
    with pytest.raises(NotAllowed):
        park_call(patient=patient, clinic=clinic, by=acting(dana, clinic, Role.AUDITOR), now=NOW)
    with pytest.raises(NotAllowed):
        drop_call(patient=patient, clinic=clinic, by=acting(dana, clinic, Role.AUDITOR))
