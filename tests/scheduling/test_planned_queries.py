"""How many statements the planned verbs take, whatever the clinic holds: their rows go in few."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.booking import book_series
from scheduling.booking_kept import book_held
from scheduling.holding import hold_series
from scheduling.models import Appointment, Order
from scheduling.moving import move
from scheduling.moving_rest import move_rest
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import DAYS, at, booked, desk, picks

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("others", [0, 3])
@pytest.mark.parametrize("numbers", [(1,), (1, 2, 3, 4, 5, 6)])
def test_booking_takes_as_many_statements_for_six_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries, others: int, numbers: tuple[int, ...]
) -> None:
    clinic = factories.create_clinic(chairs=6, nurses=3)
    order, by = factories.create_order(clinic), desk(clinic)
    for _ in range(others):
        booked(factories.create_order(clinic), clinic, *numbers)
    order = Order.objects.get(pk=order.pk)
    with django_assert_num_queries(24):
        book_series(order=order, clinic=clinic, picks=picks(*numbers, wall="13:00"), by=by, now=NOW, key="k")
    with django_assert_num_queries(6):
        book_series(order=order, clinic=clinic, picks=picks(*numbers, wall="13:00"), by=by, now=NOW, key="k")


def test_moving_takes_as_many_statements_for_six_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    clinic = factories.create_clinic(chairs=6, nurses=3)
    by = desk(clinic)
    for numbers in ((1,), (1, 2, 3, 4, 5, 6)):
        order = factories.create_order(clinic)
        visits = booked(order, clinic, *numbers)
        visit = Appointment.objects.select_related("clinic", "order").get(pk=visits[0].pk)
        with django_assert_num_queries(28):
            move(appointment=visit, start=at(DAYS[0], "12:00"), by=by, now=NOW, key=f"one-{order.pk}")
        with django_assert_num_queries(29):
            move_rest(
                order=order, from_number=1, picks=picks(*numbers, wall="14:00"), by=by, now=NOW, key=f"rest-{order.pk}"
            )


def test_holding_and_booking_what_is_held(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    clinic = factories.create_clinic()
    order, by = factories.create_order(clinic), desk(clinic)
    order = Order.objects.get(pk=order.pk)
    with django_assert_num_queries(22):
        held = hold_series(order=order, clinic=clinic, picks=picks(1, 2, 3), by=by, now=NOW)
    held = list(Appointment.objects.select_related("clinic", "order").filter(pk__in=[visit.pk for visit in held]))
    with django_assert_num_queries(29):
        book_held(visits=held, by=by, now=NOW)
