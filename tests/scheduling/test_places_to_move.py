"""Where a visit may go on a day, what `move` would say elsewhere, and how the rest would follow."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scheduling.effect_on_series import neighbours_after_move
from scheduling.models import Appointment, Clinic, Order, Status
from scheduling.moving import move
from scheduling.moving_rest import move_rest
from scheduling.picks import BookingRefused, Pick
from scheduling.places_to_move import places_on, would_become
from scheduling.rest_behind import rest_behind
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, booked, desk

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic)


@pytest.fixture
def visits(clinic: Clinic, order: Order) -> list[Appointment]:
    return booked(order, clinic, 1, 2, 3)


def test_places_of_a_day_are_exactly_the_starts_that_move_would_take(visits: list[Appointment]) -> None:
    visit, day = visits[2], date(2027, 1, 12)
    places = {place.start for place in places_on(appointment=visit, day=day, now=NOW)}
    assert places
    quarter = timedelta(minutes=15)
    for step in range(4 * 12):
        start = at("2027-01-12", "07:00") + step * quarter
        _, refused = would_become(appointment=visit, start=start, now=NOW)
        assert bool(refused) == (start not in places), (start, refused)


def test_a_day_against_the_order_has_no_place_and_says_why(visits: list[Appointment]) -> None:
    assert places_on(appointment=visits[1], day=date(2027, 1, 7), now=NOW) == []
    _, problems = would_become(appointment=visits[1], start=at("2027-01-07"), now=NOW)
    assert {problem.rule for problem in problems} == {"spacing"}


def test_a_past_day_and_a_visit_that_has_arrived_have_no_place(visits: list[Appointment]) -> None:
    assert places_on(appointment=visits[0], day=date(2027, 1, 1), now=NOW) == []
    visits[0].status = Status.ARRIVED
    assert places_on(appointment=visits[0], day=date(2027, 1, 7), now=NOW) == []


def test_what_is_said_is_what_move_refuses(clinic: Clinic, visits: list[Appointment]) -> None:
    start = at("2027-01-11", "09:05")
    _, said = would_become(appointment=visits[2], start=start, now=NOW)
    with pytest.raises(BookingRefused) as refusal:
        move(appointment=visits[2], start=start, by=desk(clinic), now=NOW)
    assert [one.rule for one in said] == [one.rule for one in refusal.value.problems]
    stays, problems = would_become(appointment=visits[2], start=visits[2].period.lower, now=NOW)
    assert stays is not None
    assert not problems


def test_neighbours_say_how_far_they_are_then(visits: list[Appointment]) -> None:
    near = neighbours_after_move(appointment=visits[1], start=at("2027-01-10"), now=NOW)
    said = [(one.number, one.days_now, one.days_then, one.breaks, one.is_later) for one in near]
    assert said == [(1, 2, 4, False, False), (3, 3, 1, True, True)]


def test_the_rest_follows_an_infusion_and_can_be_written(
    clinic: Clinic, order: Order, visits: list[Appointment]
) -> None:
    assert not rest_behind(appointment=visits[1], start=at("2027-01-10"), now=NOW), "a Sunday: nothing is open"
    picks = rest_behind(appointment=visits[1], start=at("2027-01-08", "13:00"), now=NOW)
    assert [pick.number for pick in picks if isinstance(pick, Pick)] == [2, 3]
    move_rest(order=order, from_number=2, picks=picks, by=desk(clinic), now=NOW)
    said = [Appointment.objects.get(pk=visit.pk).period.lower for visit in visits[1:]]
    assert said == [at("2027-01-08", "13:00"), at("2027-01-11", "13:00")], "as far from it as before"


def test_the_rest_goes_elsewhere_where_it_can_not_stay_as_far(visits: list[Appointment]) -> None:
    picks = rest_behind(appointment=visits[0], start=at("2027-01-08"), now=NOW)
    days = [pick.start.date().isoformat() for pick in picks]
    assert days[0] == "2027-01-08"
    assert days[1:] == sorted(days[1:])
    assert "2027-01-10" not in days, "two days later is a Sunday"


def test_the_last_infusion_has_nothing_behind_it(visits: list[Appointment]) -> None:
    picks = rest_behind(appointment=visits[2], start=at("2027-01-12"), now=NOW)
    assert picks == ()
