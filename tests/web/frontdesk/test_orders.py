"""The list of orders with infusions left to book."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.models import Clinic, Status
from tests import factories
from tests.web.pages import DESK, NURSE, book, bring_to, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=2)


def test_order_is_listed_with_what_is_left_and_when_the_next_may_be(clinic: Clinic) -> None:
    desk = signed_in(clinic, DESK)
    order = factories.create_order(clinic)
    fresh = page_of(desk.get("/orders/"))
    assert "Infusions 1–6 of 6" in " ".join(fresh.split())
    assert "any day" in fresh
    book(order, clinic, how_many=3)
    begun = page_of(desk.get("/orders/"))
    assert "Infusions 4–6 of 6" in " ".join(begun.split())
    assert "Sun, Jan 10 – Tue, Jan 12" in begun
    assert f'href="/series/{order.pk}/book/"' in begun
    book(order, clinic, how_many=3)
    assert "Everything is booked" in page_of(desk.get("/orders/"))


def test_order_whose_days_end_first_stands_on_top(clinic: Clinic) -> None:
    later, never, sooner = (factories.create_order(clinic) for _ in range(3))
    book(later, clinic, how_many=3)
    book(sooner, clinic, how_many=1)
    page = page_of(signed_in(clinic, DESK).get("/orders/"))
    places = [page.index(f"/series/{order.pk}/book/") for order in (sooner, later, never)]
    assert places == sorted(places)


def test_who_a_review_waits_for_is_said_to_the_desk_and_what_is_due_to_nurses(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    for visit in book(order, clinic, how_many=3):
        bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=visit.period.lower)
    desk, nurse = (page_of(signed_in(clinic, role).get("/orders/")) for role in (DESK, NURSE))
    assert ("waits for the prescriber" in desk, "review due" in desk) == (True, False)
    assert ("waits for the prescriber" in nurse, "review due" in nurse) == (False, True)
    assert (order.title in desk, order.title in nurse) == (False, True)


@pytest.mark.parametrize("orders", [1, 3])
def test_list_takes_fourteen_queries(
    clinic: Clinic, orders: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    desk = signed_in(clinic, DESK)
    for _ in range(orders):
        book(factories.create_order(clinic), clinic, how_many=1)
    with django_assert_num_queries(14):
        page = page_of(desk.get("/orders/"))
    assert page.count('/book/"') - page.count('"/book/"') == orders


def test_orders_of_other_clinics_are_not_listed(clinic: Clinic) -> None:
    factories.create_order(clinic)
    sibling = factories.create_clinic(clinic.organisation)
    assert "Everything is booked" in page_of(signed_in(sibling, DESK).get("/orders/"))
