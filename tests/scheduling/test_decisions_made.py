"""A decision counts while the infusion it is about is given as it stands now: reads and database agree on it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Final

import pytest
from django.db import connection

from scheduling.booking import Pick, book_series
from scheduling.cancelling import cancel
from scheduling.decisions_made import opened_reviews
from scheduling.drafting import change_draft
from scheduling.events import Actor
from scheduling.exit_rulings import rule_on_exit
from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, CancelledBy, Clinic, Decision, Order, Role, Status
from scheduling.reviews import reviews_due
from scheduling.signing import sign_order
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


def ruled_back(order: Order) -> None:
    """It was to be given again, and counts after all."""
    ruled(order, counts=False)
    visit = Appointment.objects.get(order=order, dose_number=3)
    doctor = prescriber(visit.clinic)
    by = Actor.staff(doctor, visit.clinic)
    rule_on_exit(appointment=visit, counts=True, word=Word(doctor), by=by, now=NOON + timedelta(minutes=5))


def ruled_back_and_decided(order: Order) -> None:
    ruled_back(order)
    clinic = order.sites.get()
    say(order, Decision.CONTINUE, prescriber(clinic), clinic, now=NOON + timedelta(minutes=6))


def cancelled_here(order: Order) -> None:
    """Its start is taken back altogether, and the visit is cancelled."""
    visit = take_back(order)
    nurse = factories.create_actor(visit.clinic, Role.NURSE)
    for _step in ("seated", "arrived"):
        visit = undo_step(appointment=visit, by=nurse, now=NOON)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="x", by=desk(visit.clinic), now=NOON)


def given_elsewhere(order: Order, on: str) -> None:
    cancelled_here(order)
    later = at("2027-01-14")
    signer = factories.create_actor(order.sites.get(), *Role)
    given = [{"number": 3, "on": on, "where": "North"}]
    change_draft(order=order, changes={"given_before": given}, by=signer, now=later)
    sign_order(order=Order.objects.get(pk=order.pk), reauthenticated_at=later, by=signer, now=later)


def given_elsewhere_that_day(order: Order) -> None:
    given_elsewhere(order, DAYS[2])


def given_elsewhere_two_days_later(order: Order) -> None:
    given_elsewhere(order, "2027-01-13")


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
    (ruled_back, False),
    (ruled_back_and_decided, True),
    (given_elsewhere_that_day, True),
    (given_elsewhere_two_days_later, False),
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


def test_what_was_decided_of_the_repeat_does_not_count_for_the_one_before_it(clinic: Clinic) -> None:
    order = reviewed(clinic)
    it_was_given_again(order)
    first = Appointment.objects.get(order=order, dose_number=3, is_repeated=True)
    again, nurse = visit_of(order), factories.create_actor(clinic, Role.NURSE)
    then = again.period.lower + timedelta(minutes=5)
    say(order, Decision.CONTINUE, doctor := prescriber(clinic), clinic, now=then)
    assert agreed(order)
    for _step in STARTS:
        again = undo_step(appointment=again, by=nurse, now=then)
    cancel(appointment=again, side=CancelledBy.CLINIC, reason="x", by=desk(clinic), now=then)
    by, later = Actor.staff(doctor, clinic), then + timedelta(minutes=3)
    rule_on_exit(appointment=first, counts=True, word=Word(doctor), by=by, now=later)
    assert not agreed(order)
    start = again.period.lower + timedelta(hours=4)
    [fourth] = book_series(order=order, clinic=clinic, picks=[Pick(4, start)], by=desk(clinic), now=later)
    assert fourth.is_tentative
    with pytest.raises(AgainstTheOrder) as refusal:
        give(fourth, clinic)
    assert refusal.value.code == "ID007"


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


@pytest.mark.parametrize("on", ["2027-01-04", "2026-11-02"])
def test_of_an_infusion_given_elsewhere_a_decision_of_its_day_or_later_counts(clinic: Clinic, on: str) -> None:
    """Only the day is known: it stands at noon, and it is decided at seven. Or it was long before go-live."""
    plan = deepcopy(factories.SIX) | {
        "given_before": [{"number": 1, "on": on, "where": "North"}],
        "reviews": [{"after": 1, "method": "at_chair"}],
    }
    order = factories.create_order(clinic, template=plan)
    assert not agreed(order, 1)
    say(order, Decision.CONTINUE, prescriber(clinic), clinic, after=1, now=factories.NOW)
    assert agreed(order, 1)


def test_what_is_ahead_waits_again_once_it_was_not_given_elsewhere_after_all(clinic: Clinic) -> None:
    plan = deepcopy(factories.SIX) | {
        "given_before": [{"number": 1, "on": "2027-01-04", "where": "North"}],
        "reviews": [{"after": 1, "method": "at_chair"}],
    }
    order = factories.create_order(clinic, template=plan)
    booked(order, clinic, 2)
    say(order, Decision.CONTINUE, prescriber(clinic), clinic, after=1, now=factories.NOW)
    assert not visit_of(order, 2).is_tentative
    signer = factories.create_actor(clinic, *Role)
    change_draft(order=order, changes={"given_before": []}, by=signer, now=factories.NOW)
    sign_order(order=Order.objects.get(pk=order.pk), reauthenticated_at=factories.NOW, by=signer, now=factories.NOW)
    assert not agreed(order, 1)
    second = visit_of(order, 2)
    assert second.is_tentative
    assert events_of(second)[-1] == "appointment.waits_for_review"
