"""Why not then, in more words, from the clinic's rows: and what works instead does work."""

from __future__ import annotations

from datetime import datetime

import pytest

from scheduling.booking import Pick, book_series
from scheduling.capacity import Phase
from scheduling.models import Clinic, Order
from scheduling.problems import because
from scheduling.why_not import WhyNot
from scheduling.why_not_then import in_more_words, why_not_infusion, why_not_there, why_not_visit
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, booked, desk
from tests.web.pages import book_talk

pytestmark = pytest.mark.django_db
WEDNESDAY = "2027-01-06"


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic)


def asked(order: Order, clinic: Clinic, start: datetime, number: int = 1) -> tuple[WhyNot, ...]:
    return why_not_infusion(order=order, clinic=clinic, number=number, start=start, now=NOW)


def test_who_is_in_the_way_is_named_and_the_next_time_that_works_can_be_booked(clinic: Clinic, order: Order) -> None:
    booked(factories.create_order(clinic), clinic, 1)
    found = asked(order, clinic, at(WEDNESDAY, "09:15"))
    assert [one.message for one in found] == ["Chair 1 is in use until 11:15.", "11:15 works."]
    start = found[-1].values["start"]
    assert isinstance(start, datetime)
    book_series(order=order, clinic=clinic, picks=[Pick(1, start)], by=desk(clinic), now=NOW)


def test_distance_to_the_others_comes_first_and_then_nothing_is_promised(clinic: Clinic, order: Order) -> None:
    booked(order, clinic, 1)
    found = asked(order, clinic, at("2027-01-07", "09:05"), 2)
    assert [one.rule for one in found] == ["spacing", "grid"]


def test_time_that_works_for_the_clinic_but_not_for_the_order_is_not_promised(clinic: Clinic, order: Order) -> None:
    booked(order, clinic, 1)
    # The Sunday is the last day that keeps the distance, and the Monday after would be free.
    found = asked(order, clinic, at("2027-01-10"), 2)
    assert [one.rule for one in found] == ["hours"]


def test_free_time_and_one_gone_by_need_no_words(clinic: Clinic, order: Order) -> None:
    assert asked(order, clinic, at(WEDNESDAY)) == ()
    assert asked(order, clinic, at("2027-01-01")) == ()


def test_moving_visit_is_not_in_its_own_way(clinic: Clinic, order: Order) -> None:
    [visit] = booked(order, clinic, 1)
    found = why_not_there(appointment=visit, start=at(WEDNESDAY, "09:20"), now=NOW)
    assert [one.message for one in found] == ["Visits start at 9:15 or 9:30 here, not at 9:20.", "9:15 works."]


def test_other_visits_are_explained_too(clinic: Clinic) -> None:
    patient, kind = factories.create_patient(clinic), factories.create_visit_type(clinic)
    talk = book_talk(patient, clinic, kind)
    phases = Phase.list_from(kind.phases)
    found = why_not_visit(
        patient=factories.create_patient(clinic), clinic=clinic, phases=phases, start=talk.period.lower, now=NOW
    )
    assert [one.rule for one in found] == ["prescriber", "works"]
    assert [one.rule for one in why_not_there(appointment=talk, start=at("2027-01-05", "22:00"), now=NOW)] == [
        "hours", "works",
    ]  # fmt: skip


def test_what_is_not_explained_stays_as_it_was() -> None:
    problems = [because("already_settled", 1), because("chairs", 1)]
    said = [WhyNot("chairs", None, None, "Taken."), WhyNot("works", None, None, "Ten works.")]
    assert in_more_words(problems, said) == (said[0], problems[0], said[1])
    assert in_more_words(problems, ()) == tuple(problems)
