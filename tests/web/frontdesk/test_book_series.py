"""Booking a series: proposals, one press, two desks at once, and nothing lost of what was wished."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from scheduling.models import Appointment, Clinic, Order, Role
from tests import factories
from tests.web.pages import DESK, NURSE, book, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def proposals(page: str) -> list[dict[str, object]]:
    """What each proposal's button sends."""
    forms = re.findall(r'<form method="post" class="proposal__book">.*?</form>', page, re.DOTALL)
    return [
        {
            "key": re.findall(r'name="key" value="(.*?)"', form)[0],
            "pick": re.findall(r'name="pick" value="(.*?)"', form),
        }
        for form in forms
    ]


def starts(order: Order) -> list[tuple[int | None, str]]:
    visits = Appointment.objects.filter(order=order).order_by("period")
    return [(visit.dose_number, f"{visit.period.lower:%a %d %H:%M}") for visit in visits]


def test_three_proposals_up_to_the_review_are_there_at_once(desk: Client, order: Order) -> None:
    page = page_of(desk.get(f"/series/{order.pk}/book/"))
    assert [len(proposal["pick"]) for proposal in proposals(page)] == [3, 3, 3]  # type: ignore[arg-type]  # lists
    assert "“Monday, January 4 at 8:00 AM, Wednesday, January 6 at 8:00 AM and Friday, January 8 at 8:00 AM”" in page
    assert "Infusions 4–6: after the review that follows infusion 3." in page
    assert order.title not in page


def test_booking_leads_to_the_series_and_names_no_chair_or_nurse(desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/book/"
    page = page_of(desk.get(address))
    assert "Chair 1" not in page
    answer = desk.post(address, proposals(page)[0], follow=True)
    assert answer.redirect_chain == [(f"/series/{order.pk}/", 302)]
    assert "Infusions 1–3: booked." in page_of(answer)
    assert "This patient can't be messaged" in page_of(answer)
    assert starts(order) == [(1, "Mon 04 13:00"), (2, "Wed 06 13:00"), (3, "Fri 08 13:00")]


def test_wish_and_number_are_kept_to(desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/book/?weekdays=tue&weekdays=thu&time=14:00&how_many=2"
    page = page_of(desk.get(address))
    assert "always 2:00 PM" in page
    desk.post(address, proposals(page)[0])
    assert starts(order) == [(1, "Tue 05 19:00"), (2, "Thu 07 19:00")]


def test_pressing_twice_books_once(desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/book/"
    first = proposals(page_of(desk.get(address)))[0]
    pages = [page_of(desk.post(address, first, follow=True)) for _ in range(2)]
    assert ["Infusions 1–3: booked." in page for page in pages] == [True, True]
    assert Appointment.objects.count() == 3


def test_pressing_another_proposal_of_the_old_page_books_nothing_more(desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/book/"
    first, second, _ = proposals(page_of(desk.get(address)))
    desk.post(address, first)
    again = desk.post(address, second)
    assert again.status_code == 409
    assert "Infusion 1 is booked or was given already." in page_of(again)
    assert Appointment.objects.count() == 3


def test_old_page_of_a_series_that_is_booked_whole_leads_to_it(desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/book/?how_many=6"
    first, second, _ = proposals(page_of(desk.get(address)))
    desk.post(address, first)
    for answer in (desk.post(address, second, follow=True), desk.get(address, follow=True)):
        assert answer.redirect_chain == [(f"/series/{order.pk}/", 302)]
        assert "Nothing is left to book." in page_of(answer)
    assert Appointment.objects.count() == 6


def test_time_just_taken_is_told_kindly_with_fresh_times_and_the_wish_kept(
    clinic: Clinic, desk: Client, order: Order
) -> None:
    address = f"/series/{order.pk}/book/?weekdays=mon&weekdays=wed&time=10:00&how_many=2"
    mine = proposals(page_of(desk.get(address)))[0]
    other = factories.create_order(clinic)
    theirs = proposals(page_of(desk.get(address.replace(str(order.pk), str(other.pk)))))[0]
    assert mine["pick"] == theirs["pick"]
    desk.post(f"/series/{other.pk}/book/", theirs)
    answer = desk.post(address, mine)
    page = page_of(answer)
    assert answer.status_code == 409
    assert "That did not work. Nothing was booked." in page
    assert "Infusion 1: no chair is free at this time any more." in page
    fresh = proposals(page)
    assert fresh
    assert fresh[0]["pick"] != mine["pick"]
    for kept in (
        'value="mon" id="id_weekdays_0" checked',
        'value="wed" id="id_weekdays_2" checked',
        'value="10:00" selected',
    ):
        assert kept in page, kept
    desk.post(address, fresh[0])
    assert len(starts(order)) == 2


def test_why_nothing_fits_is_said(desk: Client, order: Order) -> None:
    page = page_of(desk.get(f"/series/{order.pk}/book/?weekdays=mon&how_many=6"))
    assert proposals(page) == []
    assert 'class="alert alert--warning"' in page


@pytest.mark.parametrize("pick", [[], ["1"], ["x@y"], ["1@2027-01-04T13:00:00"], ["1@2027-01-04T13:00:00+00:00"]])
def test_tampered_form_books_nothing(desk: Client, order: Order, pick: list[str]) -> None:
    assert desk.post(f"/series/{order.pk}/book/", {"pick": pick}).status_code == 302
    assert Appointment.objects.count() == 0


@pytest.mark.parametrize("wish", ["weekdays=<b>", "time=99:99", "how_many=0", "how_many=x", "how_many=99"])
def test_nonsense_wished_is_no_wish(desk: Client, order: Order, wish: str) -> None:
    page = page_of(desk.get(f"/series/{order.pk}/book/?{wish}"))
    assert len(proposals(page)) == 3


def test_draft_can_not_be_booked(clinic: Clinic, desk: Client) -> None:
    draft = factories.create_draft(clinic)
    answer = desk.get(f"/series/{draft.pk}/book/", follow=True)
    assert "This order waits for the prescriber." in page_of(answer)
    assert Appointment.objects.count() == 0


def test_foreign_series_is_not_found(clinic: Clinic, order: Order) -> None:
    for elsewhere in (factories.create_clinic(), factories.create_clinic(clinic.organisation)):
        client = signed_in(elsewhere, DESK, NURSE)
        for path in ("", "book/"):
            assert client.get(f"/series/{order.pk}/{path}").status_code == 404
        assert (
            client.post(f"/series/{order.pk}/book/", {"key": "k", "pick": "1@2027-01-04T13:00:00+00:00"}).status_code
            == 404
        )


def test_auditor_books_nothing(clinic: Clinic, order: Order) -> None:
    assert signed_in(clinic, Role.AUDITOR).get(f"/series/{order.pk}/book/").status_code == 403


def test_series_shows_what_stands_and_what_is_left(clinic: Clinic, desk: Client, order: Order) -> None:
    book(order, clinic, how_many=2)
    page = page_of(desk.get(f"/series/{order.pk}/"))
    assert page.count("</svg>to book</span>") == 4
    assert "Wednesday, January 6, 8:00 AM – 10:00 AM" in page
    assert "Book infusions 3–6" in page


def test_time_that_passed_without_a_word_is_seen_in_the_series(desk: Client, order: Order) -> None:
    desk.post(f"/series/{order.pk}/book/", proposals(page_of(desk.get(f"/series/{order.pk}/book/")))[0])
    first = Appointment.objects.earliest("period")
    words = "Its time has passed, and nobody said what happened."
    assert words not in page_of(desk.get(f"/series/{order.pk}/"))
    with time_machine.travel(first.period.upper + timedelta(minutes=1), tick=False):
        assert page_of(desk.get(f"/series/{order.pk}/")).count(words) == 1
