"""One visit of a proposal at another time, in place: its free times, and what becomes of the others."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from scheduling.models import Clinic, Order
from tests import factories
from tests.web.frontdesk.test_book_series import proposals, starts
from tests.web.pages import DESK, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
FRAGMENT = {"hx-request": "true"}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=2, nurses=2)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def first(desk: Client, order: Order) -> dict[str, object]:
    return proposals(page_of(desk.get(f"/series/{order.pk}/book/")))[0]


def test_other_times_say_what_becomes_of_the_others(desk: Client, order: Order) -> None:
    sent = {"pick": first(desk, order)["pick"], "number": "2"}
    fragment = page_of(desk.post(f"/series/{order.pk}/book/change/", sent, headers=FRAGMENT))
    assert "Other times of Infusion 2" in fragment
    assert "moved along." in fragment
    assert "The last one is on" in fragment
    assert fragment.count("autofocus") == 1


def test_a_time_that_is_pressed_makes_a_whole_that_can_be_booked(desk: Client, order: Order) -> None:
    picks = first(desk, order)["pick"]
    address = f"/series/{order.pk}/book/change/"
    fragment = page_of(desk.post(address, {"pick": picks, "number": "3"}, headers=FRAGMENT))
    to = re.findall(r'name="to" value="(.*?)"', fragment)
    sent = {"pick": picks, "number": "3", "to": to[-1]}
    card = page_of(desk.post(address, sent, headers=FRAGMENT))
    assert "Infusion 3 is on" in card
    assert "Read aloud" in card
    [changed] = proposals(card)
    assert changed["pick"] == to[-1].split("|")
    desk.post(f"/series/{order.pk}/book/", changed)
    assert len(starts(order)) == 3


def test_without_a_script_it_is_a_page_of_its_own(desk: Client, order: Order) -> None:
    picks = first(desk, order)["pick"]
    address = f"/series/{order.pk}/book/change/"
    page = page_of(desk.post(address, {"pick": picks, "number": "2"}))
    assert "<h1>Change one visit</h1>" in page
    to = re.findall(r'name="to" value="(.*?)"', page)[0]
    page = page_of(desk.post(address, {"pick": picks, "number": "2", "to": to}))
    assert f'action="/series/{order.pk}/book/"' in page


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"number": "2"}, {"pick": ["1@x"], "number": "1"}, {"pick": ["9@2027-01-05T13:00:00+00:00"], "number": "9"},
        {"pick": ["1@2027-01-05T13:00:00+00:00"], "number": "2"},
        {"pick": ["1@2027-01-05T13:00:00+00:00"], "number": "1", "to": "review@1@2027-01-05T13:00:00+00:00"},
    ],
)  # fmt: skip
def test_a_tampered_form_leads_back_to_the_proposals(desk: Client, order: Order, sent: dict[str, object]) -> None:
    answer = desk.post(f"/series/{order.pk}/book/change/", sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/series/{order.pk}/book/")
