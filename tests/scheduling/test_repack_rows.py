"""Booking by repack: a visit changes its chair only when whoever books says so, and says whence it came."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest

from scheduling.booking import BookingRefused, Pick, book_series
from scheduling.events import Actor
from scheduling.holding import hold_series
from scheduling.models import Appointment, Claim, Clinic, Event, Order, Role
from scheduling.moving import move
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import meets_the_constraints

pytestmark = pytest.mark.django_db
# Monday 4 January 2027, before the clinic opens.
AT = partial("2027-01-04T{}-05:00".format)


def at(wall: str) -> datetime:
    return datetime.fromisoformat(AT(wall))


def chair_of(visit: Appointment) -> str:
    return Claim.objects.get(appointment=visit, role="seat", live=True).resource.code


@pytest.fixture
def by(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=2, nurses=2)


@pytest.fixture
def early(clinic: Clinic, by: Actor) -> Appointment:
    """Chair 1 is taken from 10:15 to 12:30 and chair 2 from 12:30: neither is free from 11:30, but one always is."""
    visits = [
        visit
        for wall in ("10:15", "12:30")
        for visit in book_series(
            order=factories.create_order(clinic), clinic=clinic, picks=[Pick(1, at(wall))], by=by, now=NOW
        )
    ]
    assert [chair_of(visit) for visit in visits] == ["chair-1", "chair-2"]
    return visits[0]


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic)


def test_nobody_is_moved_unasked(clinic: Clinic, order: Order, early: Appointment, by: Actor) -> None:
    with pytest.raises(BookingRefused) as refused:
        book_series(order=order, clinic=clinic, picks=[Pick(1, at("11:30"))], by=by, now=NOW)
    assert [problem.rule for problem in refused.value.problems] == ["chairs"]
    assert chair_of(early) == "chair-1"


@pytest.mark.parametrize("write", [book_series, hold_series])
def test_a_visit_makes_room_and_says_whence_it_came(
    write: object, clinic: Clinic, order: Order, early: Appointment, by: Actor
) -> None:
    assert callable(write)
    [visit] = write(order=order, clinic=clinic, picks=[Pick(1, at("11:30"))], by=by, now=NOW, repack=True)
    early.refresh_from_db()
    assert (chair_of(visit), chair_of(early)) == ("chair-1", "chair-2")
    assert early.moved_from is not None
    assert (early.moved_from.code, early.moved_at, early.row_version, early.told_version) == ("chair-1", NOW, 2, 1)
    event = Event.objects.get(appointment=early, verb="appointment.chair_changed")
    assert event.data["to_make_room"] is True
    meets_the_constraints()


def test_a_visit_moves_to_a_time_that_others_make_room_for(
    clinic: Clinic, order: Order, early: Appointment, by: Actor
) -> None:
    [visit] = book_series(order=order, clinic=clinic, picks=[Pick(1, at("15:00"))], by=by, now=NOW)
    with pytest.raises(BookingRefused):
        move(appointment=visit, start=at("11:30"), by=by, now=NOW)
    moved = move(appointment=visit, start=at("11:30"), by=by, now=NOW, repack=True)
    assert (chair_of(moved), chair_of(early)) == ("chair-1", "chair-2")
    meets_the_constraints()


def test_a_pinned_visit_keeps_its_chair(clinic: Clinic, order: Order, early: Appointment, by: Actor) -> None:
    Appointment.objects.update(is_pinned=True)
    with pytest.raises(BookingRefused):
        book_series(order=order, clinic=clinic, picks=[Pick(1, at("11:30"))], by=by, now=NOW, repack=True)


def test_nobody_is_moved_on_a_day_that_has_begun(clinic: Clinic, order: Order, early: Appointment, by: Actor) -> None:
    with pytest.raises(BookingRefused):
        book_series(order=order, clinic=clinic, picks=[Pick(1, at("11:30"))], by=by, now=at("08:00"), repack=True)


def test_visits_within_the_clinics_notice_keep_their_chair(
    clinic: Clinic, order: Order, early: Appointment, by: Actor
) -> None:
    Clinic.objects.update(repack_notice_hours=24)
    with pytest.raises(BookingRefused):
        book_series(order=order, clinic=clinic, picks=[Pick(1, at("11:30"))], by=by, now=NOW, repack=True)
