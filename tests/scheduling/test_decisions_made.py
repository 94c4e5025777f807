"""A decision counts while the infusion it is about is given as it stands now: reads and database agree on it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Final

import pytest
from django.db import connection

from scheduling.booking import Pick, book_series
from scheduling.decisions_made import opened_reviews
from scheduling.events import Actor
from scheduling.exit_rulings import rule_on_exit
from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, Clinic, Decision, Order, Role, Status
from scheduling.reviews import reviews_due
from scheduling.undoing import undo_step
from scheduling.visits import record_step
from scheduling.word_of_mouth import Word
from tests import factories
from tests.factories import checks_for
from tests.scheduling.planned import DAYS, at, booked, desk, events_of, give
from tests.scheduling.reviewed import hear, prescriber, reviewed, say, with_limit

pytestmark = pytest.mark.django_db
# The third infusion starts at nine, and its review is decided at ten.
NINE: Final = at(DAYS[2])
TEN, NOON = NINE + timedelta(hours=1), NINE + timedelta(hours=3)
STARTS: Final = (Status.ARRIVED, Status.SEATED, Status.INFUSING)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def visit_of(order: Order, number: int = 3) -> Appointment:
    return Appointment.objects.get(order=order, dose_number=number, is_repeated=False)


def step(visit: Appointment, *steps: Status, when: datetime = NOON) -> None:
    nurse = factories.create_actor(visit.clinic, Role.NURSE)
    for to in steps:
        record_step(appointment=visit, to=to, happened_at=when, checks=checks_for(to), by=nurse, now=max(when, NOON))


def take_back(order: Order) -> Appointment:
    """The start: the patient sits in the chair, and nothing was given."""
    visit = visit_of(order)
    nurse = factories.create_actor(visit.clinic, Role.NURSE)
    return undo_step(appointment=visit, by=nurse, now=NOON)


def decided(clinic: Clinic, *more: int) -> Order:
    """Three were given, and a prescriber said to continue."""
    order = reviewed(clinic, *more)
    say(order, Decision.CONTINUE, prescriber(clinic), clinic, now=TEN)
    return order


def as_given(_order: Order) -> None:
    """Nothing happened since."""


def not_treated(order: Order) -> None:
    step(take_back(order), Status.TURNED_AWAY)


def started_later(order: Order) -> None:
    step(take_back(order), Status.INFUSING, when=TEN + timedelta(minutes=2))


def started_within_the_minute(order: Order) -> None:
    step(take_back(order), Status.INFUSING, when=TEN + timedelta(minutes=1))


def started_at_the_right_time(order: Order) -> None:
    step(take_back(order), Status.INFUSING, when=NINE + timedelta(minutes=5))


def broken_off(order: Order) -> Appointment:
    visit = visit_of(order)
    step(visit, Status.STOPPED_EARLY)
    return visit


def ruled(order: Order, *, counts: bool) -> None:
    visit = broken_off(order)
    doctor = prescriber(visit.clinic)
    by = Actor.staff(doctor, visit.clinic)
    rule_on_exit(appointment=visit, counts=counts, word=Word(doctor), by=by, now=NOON)


def it_counts(order: Order) -> None:
    ruled(order, counts=True)


def it_is_given_again(order: Order) -> None:
    ruled(order, counts=False)


def it_was_given_again(order: Order) -> None:
    ruled(order, counts=False)
    clinic = order.sites.get()
    [again] = book_series(
        order=order, clinic=clinic, picks=[Pick(3, NINE + timedelta(days=2))], by=desk(clinic), now=NOON
    )
    give(again, clinic)


SINCE: Final[list[tuple[Callable[[Order], object], bool]]] = [
    (as_given, True),
    (take_back, False),
    (not_treated, False),
    (started_later, False),
    (started_within_the_minute, True),
    (started_at_the_right_time, True),
    (it_counts, True),
    (it_is_given_again, False),
    (it_was_given_again, False),
]


def database_says(order: Order, after: int = 3) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT scheduling_review_lets_go_on(%s, %s::smallint, %s)", [order.pk, after, order.current_version_id]
        )
        [(answer,)] = cursor.fetchall()
    return bool(answer)


def agreed(order: Order, after: int = 3) -> bool:
    """Whether the review is open, as the reads and the database say alike."""
    order.refresh_from_db()
    reads = (order.pk, after) in opened_reviews([order.pk])
    assert reads == database_says(order, after)
    return reads


@pytest.mark.parametrize(("since", "counts"), SINCE, ids=[since.__name__ for since, _counts in SINCE])
def test_a_decision_counts_while_its_infusion_is_given_as_it_was(
    clinic: Clinic, since: Callable[[Order], object], counts: bool
) -> None:
    order = decided(clinic)
    since(order)
    assert agreed(order) is counts


def test_the_fourth_is_not_started_on_what_was_decided_of_a_start_that_was_taken_back(clinic: Clinic) -> None:
    order = decided(clinic, 4, 5)
    not_treated(order)
    assert reviews_due(clinic=clinic) == []
    fourth = visit_of(order, 4)
    assert [visit_of(order, number).is_tentative for number in (4, 5)] == [True, True]
    assert events_of(fourth)[-2:] == ["appointment.made_firm", "appointment.waits_for_review"]
    with pytest.raises(AgainstTheOrder) as refusal:
        give(fourth, clinic)
    assert refusal.value.code == "ID007"


def test_a_start_that_is_taken_back_before_any_decision_changes_no_visit_ahead(clinic: Clinic) -> None:
    order = reviewed(clinic, 4)
    take_back(order)
    assert events_of(visit_of(order, 4)) == ["appointment.booked"]


def test_what_is_ahead_waits_again_when_the_infusion_is_to_be_given_again(clinic: Clinic) -> None:
    order = decided(clinic, 4)
    it_counts_not = broken_off(order)
    assert not visit_of(order, 4).is_tentative
    doctor = prescriber(clinic)
    by = Actor.staff(doctor, clinic)
    rule_on_exit(appointment=it_counts_not, counts=False, word=Word(doctor), by=by, now=NOON)
    assert visit_of(order, 4).is_tentative


def test_the_review_is_due_and_decided_anew_once_the_infusion_is_started_again(clinic: Clinic) -> None:
    order = decided(clinic, 4)
    started_later(order)
    [due] = reviews_due(clinic=clinic)
    assert due.latest is None
    say(order, Decision.CONTINUE, prescriber(clinic), clinic, now=NOON)
    assert agreed(order)
    assert not visit_of(order, 4).is_tentative


def test_a_word_said_as_the_infusion_began_counts(clinic: Clinic) -> None:
    """Nurses write times to the minute: the word and the start may share one, in either order."""
    order, nurse = reviewed(clinic), factories.create_user(clinic, Role.NURSE)
    said_at = NINE - timedelta(seconds=59)
    hear(order, Decision.CONTINUE, prescriber(clinic), nurse, clinic, said_at=said_at, now=TEN)
    assert agreed(order)


def test_before_the_first_infusion_every_decision_counts(clinic: Clinic) -> None:
    order = factories.create_order(clinic, template=with_limit(None, after=0))
    assert not agreed(order, 0)
    say(order, Decision.CONTINUE, prescriber(clinic), clinic, after=0, now=factories.NOW)
    assert agreed(order, 0)


def test_of_an_infusion_given_elsewhere_every_decision_counts(clinic: Clinic) -> None:
    """Of one that was given elsewhere only the day is known: it stands at noon, and it is decided at seven."""
    plan = deepcopy(factories.SIX) | {
        "given_before": [{"number": 1, "on": "2027-01-04", "where": "North"}],
        "reviews": [{"after": 1, "method": "at_chair"}],
    }
    order = factories.create_order(clinic, template=plan)
    booked(order, clinic, 2)
    assert not agreed(order, 1)
    say(order, Decision.CONTINUE, prescriber(clinic), clinic, after=1, now=factories.NOW)
    assert agreed(order, 1)
    assert not visit_of(order, 2).is_tentative
