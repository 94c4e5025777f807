"""What a proposal says: what it is best at, reviews between, whose chair changes, and what would work where none is."""

from __future__ import annotations

import re
from datetime import datetime, time

import pytest
from django.test import Client

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Clinic, ClinicHours, Order, VisitKind
from scheduling.series_terms import Move, Proposal, ProposedVisit, SearchResult
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import WITH_REVIEW, at
from tests.web.frontdesk.test_book_series import proposals
from tests.web.pages import DESK, page_of, signed_in
from web.frontdesk.proposal_cards import cards

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=2, nurses=2)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def test_each_says_what_it_is_best_at_and_no_two_are_alike(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(clinic)
    page = page_of(desk.get(f"/series/{order.pk}/book/?time=14:00"))
    best = re.findall(r'proposal__best">(.*?)<', page)
    assert len(best) == 3
    assert best[0].startswith("Finishes first")
    assert sum("earest to 2:00 PM" in words for words in best) == 1
    assert sum("teadiest weekdays" in words for words in best) == 1
    assert len({tuple(one["pick"]) for one in proposals(page)}) == 3  # type: ignore[arg-type]  # lists


def test_a_review_between_is_shown_and_booked_with_the_infusions(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(clinic, template=WITH_REVIEW)
    address = f"/series/{order.pk}/book/?how_many=4"
    page = page_of(desk.get(address))
    first = proposals(page)[0]
    [review] = [pick for pick in first["pick"] if pick.startswith("review@3@")]  # type: ignore[attr-defined]  # a list
    assert "for the review" in page
    desk.post(address, first)
    visit = Appointment.objects.get(review_after=3)
    assert (visit.kind, visit.period.lower) == (VisitKind.REVIEW, datetime.fromisoformat(review.split("@")[2]))
    page = page_of(desk.get(f"/series/{order.pk}/"))
    assert page.count("<strong>Review</strong>") == 1


def test_infusions_behind_a_review_are_never_promised(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(clinic)
    address = f"/series/{order.pk}/book/?how_many=6"
    waits = "Infusions 4–6 wait for review. Their times are kept, and are not firm before the prescriber has looked."
    held = "Kept for you, and not firm before the review: "
    page = page_of(desk.get(address))
    assert page.count(waits) == 3
    assert page.count(held) == 3
    assert waits not in page_of(desk.get(address.replace("6", "3")))
    booked = page_of(desk.post(address, proposals(page)[0], follow=True))
    assert f"Infusions 1–6: booked. {waits}" in booked
    assert held in booked
    assert held in page_of(desk.get(f"/series/{order.pk}/print/"))
    assert waits in page_of(desk.get(f"/series/{order.pk}/move-rest/?from=2"))


def test_kept_times_behind_a_review_are_booked_with_the_same_words(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(clinic)
    address = f"/series/{order.pk}/book/?how_many=4"
    desk.post(address, {**proposals(page_of(desk.get(address)))[0], "do": "keep"})
    visits = Appointment.objects.filter(order=order)
    page = page_of(desk.post("/kept/", {"do": "book", "key": "k", "visit": [one.pk for one in visits]}, follow=True))
    assert "Infusions 1–4: booked. Infusion 4 waits for review." in page


def room_by_repack(clinic: Clinic) -> Order:
    """Chair 1 is taken from 10:15 to 12:30 and chair 2 from 12:30: 11:30 can be had if the first moves to chair 2."""
    by = factories.create_actor(clinic, DESK)
    for wall in ("10:15", "12:30"):
        book_series(
            order=factories.create_order(clinic), clinic=clinic, picks=[Pick(1, at("2027-01-04", wall))], by=by, now=NOW
        )
    ClinicHours.objects.exclude(weekday="mon").delete()
    ClinicHours.objects.update(opens=time(11, 30), closes=time(14))
    return factories.create_order(clinic)


def test_whose_chair_changes_is_said_and_done_only_where_it_was_said(clinic: Clinic, desk: Client) -> None:
    order = room_by_repack(clinic)
    address = f"/series/{order.pk}/book/?how_many=1"
    page = page_of(desk.get(address))
    assert "Moves 1 visit to another chair: Chair 1 to Chair 2." in page
    [form] = re.findall(r'class="proposal__book">(.*?)</form>', page, re.DOTALL)[:1]
    assert 'name="repack" value="1"' in form
    first = proposals(page)[0]
    assert "no chair is free" in page_of(desk.post(address, first))
    assert "Infusion 1: booked." in page_of(desk.post(address, first | {"repack": "1"}, follow=True))
    moved = Appointment.objects.get(moved_from__isnull=False)
    board = page_of(desk.get("/"))
    assert "moved from Chair 1 at 7:00 AM" in board
    assert "moved from Chair 1, Mon, Jan 4, 7:00 AM" in page_of(desk.get(f"/visits/{moved.pk}/"))


def test_moves_of_two_visits_are_counted(clinic: Clinic) -> None:
    chairs = {code: str(clinic.resources.get(code=code).pk) for code in ("chair-1", "chair-2")}
    moves = (Move("1", chairs["chair-1"], chairs["chair-2"]), Move("2", chairs["chair-2"], chairs["chair-1"]))
    start = at("2027-01-04")
    visit = ProposedVisit(1, start, at("2027-01-04", "11:00"), chairs["chair-1"], None, (), (), moves)
    [card] = cards(SearchResult((Proposal(start.date(), 0, (visit,)),)), clinic, wished=None, key=lambda: "k")
    assert card.moves == "Moves 2 visits to another chair: Chair 1 to Chair 2, Chair 2 to Chair 1."


def test_where_nothing_fits_it_says_what_would_and_asks_again_by_a_press(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(clinic)
    page = page_of(desk.get(f"/series/{order.pk}/book/?weekdays=mon&how_many=3"))
    assert "What would work" in page
    assert "May the prescriber" not in page
    assert (
        "Infusion 2: it is ordered at most 4 days after infusion 1, so it can be from Wed, Jan 6 to Fri, Jan 8 at the "
        "earliest, and no wished weekday is there, nor among its later days."
    ) in page
    agreed = re.findall(r'name="words" value="([^"]*?)"><button', page)
    assert agreed
    for words in agreed:
        answer = desk.post(f"/series/{order.pk}/book/wish/", {"words": words}, follow=True)
        assert proposals(page_of(answer)), words
