"""Single infusions after a series: ordered within the plan's limits, counted down, each after the one before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from scheduling.as_needed import infusions_left, reasons_against, reasons_not_to_sign_as_needed
from scheduling.as_needed_content import AsNeededTerms, as_needed_content
from scheduling.as_needed_orders import draft_as_needed
from scheduling.booking import Pick, book_series
from scheduling.events import Actor
from scheduling.locking import AgainstTheOrder
from scheduling.models import (
    Clinic,
    ClinicianTask,
    FollowUp,
    Gate,
    Order,
    OrderState,
    Role,
    TaskKind,
)
from scheduling.order_content import NotSignable
from scheduling.orders import orders_to_book
from scheduling.permissions import NotAllowed
from scheduling.picks import BookingRefused
from scheduling.proposals import propose_series
from scheduling.protocol_template import ProtocolTemplate
from scheduling.series import read_series
from scheduling.series_terms import Wish
from scheduling.signing import sign_order
from tests import factories
from tests.scheduling.given import GIVEN, LATER, TERMS, TWO, as_needed_order, booked_two, give, given_two
from tests.scheduling.planned import at, meets_the_constraints

pytestmark = pytest.mark.django_db
# 21 days after the second infusion, which was given on 8 January.
FIRST_DAY = date(2027, 1, 29)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(nurses=2)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return given_two(clinic)


@pytest.fixture
def cole(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.PRESCRIBER)


def refusal(order: Order, terms: AsNeededTerms, by: Actor) -> list[str]:
    with pytest.raises(NotSignable) as refused:
        draft_as_needed(order=order, terms=terms, by=by, now=LATER)
    return refused.value.reasons


def test_up_to_four_within_limits_is_an_order_of_its_own_named_by_the_plans_word(clinic: Clinic, order: Order) -> None:
    boosters = as_needed_order(clinic, order)
    version = boosters.current_version
    assert version is not None
    assert (boosters.follows, boosters.therapy, boosters.title) == (order, "ketamine", "Series of six: Booster")
    assert (version.doses, version.not_before, version.not_after) == (4, FIRST_DAY, date(2027, 6, 30))
    plan = ProtocolTemplate.from_dict(version.content)
    assert (plan.word, plan.within_days, plan.reviews, plan.doses_at_most) == ("Booster", None, (), 4)
    assert [(rule.after, rule.min) for rule in plan.spacing] == [("previous", 21)]
    assert {(rule.kind, rule.after) for rule in plan.follow_ups} == {
        ("call", "each"), ("check_in", "last"), ("review", "last"), ("as_needed", "last"),
    }  # fmt: skip
    meets_the_constraints()


def test_one_now_has_no_review_for_its_signature_is_the_ok(clinic: Clinic, order: Order) -> None:
    booster = as_needed_order(clinic, order, AsNeededTerms(count=1, min_days=14))
    assert not Gate.objects.filter(order=booster).exists()
    assert infusions_left(booster) == 1


def test_each_after_a_check_in_has_a_review_before_each_and_asks_beforehand(clinic: Clinic, order: Order) -> None:
    boosters = as_needed_order(clinic, order, replace(TERMS, each_is_allowed=True))
    gates = Gate.objects.filter(order=boosters).order_by("after_number")
    assert list(gates.values_list("after_number", flat=True)) == [0, 1, 2, 3]
    assert boosters.current_version is not None
    asked = boosters.current_version.content["questionnaires"]
    assert asked == [{"instrument": "phq-9", "before": "each", "days": 7}]


def test_nothing_starts_before_the_prescriber_has_said_yes_to_it(clinic: Clinic, order: Order, cole: Actor) -> None:
    boosters = as_needed_order(clinic, order, replace(TERMS, each_is_allowed=True))
    with pytest.raises(AgainstTheOrder) as refused:
        give(clinic, boosters, 1, at("2027-02-01"))
    assert refused.value.code == "ID007"


def test_it_counts_down_as_they_are_booked_and_given_and_names_the_next_alone(clinic: Clinic, order: Order) -> None:
    boosters = as_needed_order(clinic, order)
    assert [one.pk for one in orders_to_book(clinic=clinic)] == [boosters.pk]
    for number, day, left in ((1, "2027-02-01", 3), (2, "2027-02-22", 2)):
        assert read_series(boosters, now=GIVEN).book_by_default == 1
        give(clinic, boosters, number, at(day))
        assert infusions_left(boosters) == left
        assert read_series(boosters, now=GIVEN).to_book == list(range(number + 1, 5))
    meets_the_constraints()


def test_the_first_is_found_no_earlier_than_the_plan_wants_after_the_last_one_given(
    clinic: Clinic, order: Order
) -> None:
    boosters = as_needed_order(clinic, order)
    found = propose_series(order=boosters, clinic=clinic, wish=Wish(), how_many=None, count=1, now=GIVEN)
    assert [visit.start.date() for visit in found.proposals[0].visits] == [FIRST_DAY]


@pytest.mark.parametrize("day", ["2027-01-28", "2027-07-01"])
def test_the_database_refuses_a_day_outside_the_limits(clinic: Clinic, order: Order, day: str) -> None:
    boosters = as_needed_order(clinic, order)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    start = at(day) if day < "2027-03" else at(day) - timedelta(hours=1)
    with pytest.raises(BookingRefused):
        book_series(order=boosters, clinic=clinic, picks=[Pick(1, start)], by=desk, now=GIVEN)


def test_two_of_them_keep_their_distance(clinic: Clinic, order: Order) -> None:
    boosters = as_needed_order(clinic, order)
    give(clinic, boosters, 1, at("2027-02-01"))
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(BookingRefused) as refused:
        book_series(order=boosters, clinic=clinic, picks=[Pick(2, at("2027-02-19"))], by=desk, now=GIVEN)
    assert {problem.rule for problem in refused.value.problems} == {"spacing"}


def test_the_plan_says_how_many_and_how_far_apart(clinic: Clinic, order: Order, cole: Actor) -> None:
    assert refusal(order, AsNeededTerms(count=5, min_days=13), cole) == [
        "The plan allows 1 to 4 at a time, not 5.",
        "The plan wants at least 14 days between them, not 13.",
    ]
    assert not Order.objects.filter(follows=order).exists()


def test_plan_without_such_infusions_orders_none(clinic: Clinic, cole: Actor) -> None:
    template: dict[str, Any] = {name: value for name, value in TWO.items() if name != "as_needed"}
    assert refusal(given_two(clinic, template=template), TERMS, cole) == [
        "The plan of this series says nothing of single infusions after it."
    ]


def test_nothing_is_ordered_after_a_series_that_still_goes_on(clinic: Clinic, cole: Actor) -> None:
    assert refusal(booked_two(clinic), TERMS, cole) == [
        "Nothing of the series was given yet.",
        "Infusions that were ordered are still to be given.",
    ]


def test_a_draft_waits_and_a_second_is_not_made(clinic: Clinic, order: Order, cole: Actor) -> None:
    draft_as_needed(order=order, terms=TERMS, by=cole, now=LATER)
    assert refusal(order, TERMS, cole) == [
        "A draft for another infusion after this series waits for its signature already."
    ]


def test_more_can_be_ordered_once_these_are_given_and_they_follow_the_series_too(
    clinic: Clinic, order: Order, cole: Actor
) -> None:
    booster = as_needed_order(clinic, order, AsNeededTerms(count=1, min_days=14))
    assert reasons_against(booster) == ["Infusions that were ordered are still to be given."]
    give(clinic, booster, 1, at("2027-02-01"))
    more = draft_as_needed(order=booster, terms=TERMS, by=cole, now=LATER)
    assert (more.follows, more.draft["not_before"]) == (order, "2027-02-22")
    opened = ClinicianTask.objects.filter(kind=TaskKind.AS_NEEDED, order=booster)
    assert opened.count() == 1, "what the plan orders for after the last opens after a single one, too"
    assert FollowUp.objects.filter(order=booster, state="open").count() == 4


def test_draft_is_not_signed_over_an_infusion_given_since(clinic: Clinic, order: Order, cole: Actor) -> None:
    draft = draft_as_needed(order=order, terms=TERMS, by=cole, now=LATER)
    draft.draft["not_before"] = "2027-01-20"
    draft.save()
    assert reasons_not_to_sign_as_needed(draft) == [
        "Another infusion was given on 2027-01-08, so the first day has to be later."
    ]
    with pytest.raises(NotSignable):
        sign_order(order=draft, by=cole, now=LATER)
    assert Order.objects.get(pk=draft.pk).state == OrderState.DRAFT


def test_nurse_drafts_and_only_a_prescriber_signs(clinic: Clinic, order: Order) -> None:
    nurse = factories.create_actor(clinic, Role.NURSE)
    draft = draft_as_needed(order=order, terms=TERMS, by=nurse, now=LATER)
    with pytest.raises(NotAllowed):
        sign_order(order=draft, by=nurse, now=LATER)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        draft_as_needed(order=given_two(clinic), terms=TERMS, by=desk, now=LATER)


def test_the_visit_is_that_of_the_series_last_infusion() -> None:
    long, short = [{"name": "infuse", "minutes": 60}], [{"name": "infuse", "minutes": 40}]
    series = TWO | {"phases": long, "phases_of": [{"doses": [2], "phases": short}], "ride_home": True}
    content = as_needed_content(series, AsNeededTerms(), date(2027, 1, 8))
    assert (content["phases"], content["ride_home"], content["not_before"]) == (short, True, "2027-01-08")
    assert "phases_of" not in content
