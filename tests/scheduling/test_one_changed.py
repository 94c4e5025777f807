"""One visit of a proposal at another time: where the others can stay, and how they move along where they can't."""

from __future__ import annotations

from datetime import time

import pytest

from scheduling.booking import Pick, ReviewPick, book_series
from scheduling.can_come import CanCome
from scheduling.can_come_reader import read_words
from scheduling.models import Clinic, Order
from scheduling.one_changed import NotOfThisSeries, OtherTime, as_proposal, other_times
from scheduling.picks import AnyPick
from scheduling.proposals import propose_series
from scheduling.series_terms import Proposal, Wish
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import WITH_REVIEW, desk

pytestmark = pytest.mark.django_db


def picks_of(proposal: Proposal) -> list[AnyPick]:
    reviews = [ReviewPick(review.after, review.start) for review in proposal.reviews]
    return [*(Pick(visit.number, visit.start) for visit in proposal.visits), *reviews]


def proposed(order: Order, clinic: Clinic, how_many: int) -> list[AnyPick]:
    found = propose_series(order=order, clinic=clinic, wish=Wish(time(10)), how_many=how_many, count=1, now=NOW)
    return picks_of(found.proposals[0])


def changed(order: Order, clinic: Clinic, picks: list[AnyPick], number: int, words: str = "") -> list[OtherTime]:
    can = read_words(words, today=NOW.date()).can if words else CanCome()
    return other_times(order=order, clinic=clinic, picks=picks, number=number, can=can, now=NOW)


def test_others_stay_where_the_rules_let_them_and_move_along_where_not() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    picks = proposed(order, clinic, 4)
    found = changed(order, clinic, picks, 2)
    stay = [one for one in found if not one.moved]
    move = [one for one in found if one.moved]
    assert stay
    assert move
    by_number = {pick.number: pick.start for pick in picks if isinstance(pick, Pick)}
    for one in stay:
        starts = {visit.number: visit.start for visit in one.proposal.visits}
        assert starts == {**by_number, 2: one.start}
    for one in move:
        starts = {visit.number: visit.start for visit in one.proposal.visits}
        assert starts[1] == by_number[1]
        assert {number for number in (3, 4) if starts[number] != by_number[number]} == {*one.moved}
    assert [one.start for one in found] == sorted(one.start for one in found)


def test_every_other_time_can_be_booked_as_it_is_shown() -> None:
    clinic = factories.create_clinic()
    for which in range(2):
        order = factories.create_order(clinic)
        found = changed(order, clinic, proposed(order, clinic, 3), 2)
        one = (found[0], found[-1])[which]
        visits = book_series(order=order, clinic=clinic, picks=picks_of(one.proposal), by=desk(clinic), now=NOW)
        assert [visit.period.lower for visit in visits] == [visit.start for visit in one.proposal.visits]


def test_a_review_stays_between() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic, template=WITH_REVIEW)
    picks = proposed(order, clinic, 5)
    for number in (3, 4):
        for one in changed(order, clinic, picks, number):
            [review] = one.proposal.reviews
            starts = {visit.number: visit for visit in one.proposal.visits}
            assert starts[3].end <= review.start
            assert review.end <= starts[4].start


def test_days_that_are_out_stay_out() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    picks = proposed(order, clinic, 2)
    days = {one.start.date().isoformat() for one in changed(order, clinic, picks, 2)}
    day = min(days)
    assert day not in {one.start.date().isoformat() for one in changed(order, clinic, picks, 2, f"not {day}")}


def test_what_is_no_part_of_the_order_is_refused() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    picks = proposed(order, clinic, 2)
    with pytest.raises(NotOfThisSeries):
        changed(order, clinic, picks, 3)
    for wrong in ([Pick(9, NOW)], [*picks, ReviewPick(1, NOW)], []):
        with pytest.raises(NotOfThisSeries):
            as_proposal(order=order, clinic=clinic, picks=wrong, now=NOW)
    whole = as_proposal(order=order, clinic=clinic, picks=picks, now=NOW)
    assert picks_of(whole) == picks
