"""Saying that something is there, not needed or no longer there: by whom the plan names, and kept for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from pytest_django import DjangoAssertNumQueries

from scheduling.booking_warnings import BookingWarnings
from scheduling.cancelling import cancel
from scheduling.chasing import not_ready
from scheduling.models import (
    Appointment,
    CancelledBy,
    Clinic,
    Event,
    EventToPlan,
    Order,
    PrerequisiteRecord,
    Role,
    Status,
)
from scheduling.permissions import NotAllowed
from scheduling.prerequisite_rows import standing_of, with_prerequisites
from scheduling.prerequisites import (
    FarOff,
    NoSuchPrerequisite,
    NotForYou,
    NotItsDays,
    blocking_start,
    record_met,
    waive,
    withdraw,
)
from tests import factories
from tests.factories import NOW
from tests.web.pages import book, bring_to

pytestmark = pytest.mark.django_db
TODAY = date(2027, 1, 4)
ASKED: list[dict[str, Any]] = [
    {"code": "labs", "name": "labs", "kind": "labs", "met_by": ["nurse", "prescriber"], "chase_days": 1},
    {"code": "payer", "name": "authorisation", "kind": "authorisation", "counts_visits": True, "chase_days": 3},
    {"code": "drug", "name": "drug on hand", "kind": "drug", "stops_start": False, "valid_days": 30},
]
PLAN = factories.SIX | {"prerequisites": ASKED}
DESK, NURSE, PRESCRIBER = Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=2)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic, template=PLAN)


def standing(order: Order) -> dict[int, list[str]]:
    """Where what each booked infusion needs stands, by its number."""
    visits = with_prerequisites(Appointment.objects.filter(order=order, live=True)).order_by("period")
    return {visit.dose_number or 0: [one.where for one in standing_of(visit, now=NOW)] for visit in visits}


def say_all(order: Order, clinic: Clinic, **more: Any) -> None:
    by = factories.create_actor(clinic, NURSE)
    for one in ASKED:
        record_met(order=order, code=one["code"], first=TODAY, by=by, now=NOW, **more)


def test_visit_is_ready_once_all_was_said(clinic: Clinic, order: Order) -> None:
    visits = book(order, clinic, how_many=2)
    assert standing(order) == {1: ["missing"] * 3, 2: ["missing"] * 3}
    assert [one.code for one in blocking_start(visits[0], now=NOW)] == ["labs", "payer"]
    say_all(order, clinic)
    assert standing(order) == {1: ["there"] * 3, 2: ["there"] * 3}
    assert blocking_start(visits[0], now=NOW) == []


def test_what_stands_in_the_way_says_who_may_settle_it(clinic: Clinic, order: Order) -> None:
    [labs, _] = blocking_start(book(order, clinic, how_many=1)[0], now=NOW)
    assert (labs.name, str(labs.words)) == ("labs", "labs: not there yet")
    assert (labs.met_by, labs.waived_by) == (("nurse", "prescriber"), ("prescriber",))


def test_visits_it_is_good_for_are_counted_over_booked_given_and_cancelled(clinic: Clinic, order: Order) -> None:
    visits = book(order, clinic, how_many=3)
    by = factories.create_actor(clinic, DESK)
    record_met(order=order, code="payer", first=TODAY, visits=2, by=by, now=NOW)
    record_met(order=order, code="labs", first=TODAY, by=factories.create_actor(clinic, NURSE), now=NOW)
    payer = {number: found[1] for number, found in standing(order).items()}
    assert payer == {1: "there", 2: "there", 3: "used_up"}
    bring_to(visits[0], Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=visits[0].period.lower)
    assert {number: found[1] for number, found in standing(order).items()} == payer
    cancel(appointment=visits[2], side=CancelledBy.PATIENT, reason="other", by=by, now=NOW)
    cancel(appointment=visits[1], side=CancelledBy.PATIENT, reason="other", by=by, now=NOW)
    [second] = book(order, clinic, how_many=1)
    assert {number: found[1] for number, found in standing(order).items()}[2] == "there"
    bring_to(second, Status.NO_SHOW, clinic=clinic, now=second.period.lower)
    [again] = book(order, clinic, how_many=1, now=second.period.lower)
    assert (again.dose_number, standing(order)[2][1]) == (2, "there")


def test_plan_says_for_how_many_days_it_is_good(clinic: Clinic, order: Order) -> None:
    by = factories.create_actor(clinic, DESK)
    made = record_met(order=order, code="drug", first=TODAY, by=by, now=NOW)
    assert made.valid_to == date(2027, 2, 2)
    longer = record_met(order=order, code="drug", first=TODAY, last=date(2027, 3, 1), by=by, now=NOW)
    assert longer.valid_to == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("code", "role", "may_meet", "may_waive"),
    [
        ("labs", DESK, False, False), ("labs", NURSE, True, False), ("labs", PRESCRIBER, True, True),
        ("labs", Role.MANAGER, False, False), ("labs", Role.AUDITOR, False, False),
        ("payer", DESK, True, False), ("payer", NURSE, True, False), ("payer", PRESCRIBER, True, True),
        ("payer", Role.MANAGER, True, False), ("payer", Role.AUDITOR, False, False),
    ],
)  # fmt: skip
def test_who_may_say_so_is_the_plans_word(
    clinic: Clinic, order: Order, code: str, role: Role, may_meet: bool, may_waive: bool
) -> None:
    by = factories.create_actor(clinic, role)
    for verb, allowed in ((record_met, may_meet), (waive, may_waive)):
        if allowed:
            verb(order=order, code=code, first=TODAY, by=by, now=NOW)
        else:
            with pytest.raises(NotAllowed):
                verb(order=order, code=code, first=TODAY, by=by, now=NOW)
    assert PrerequisiteRecord.objects.count() == may_meet + may_waive


def test_desk_waives_what_the_approved_plan_lets_it_waive(clinic: Clinic) -> None:
    deposit = {"code": "deposit", "name": "deposit", "kind": "deposit", "waived_by": ["front_desk", "manager"]}
    order = factories.create_order(clinic, template=PLAN | {"prerequisites": [deposit]})
    waive(order=order, code="deposit", first=TODAY, by=factories.create_actor(clinic, DESK), now=NOW)
    with pytest.raises(NotForYou) as refusal:
        waive(order=order, code="deposit", first=TODAY, by=factories.create_actor(clinic, NURSE), now=NOW)
    assert refusal.value.roles == ("front_desk", "manager")


def test_staff_of_another_organisation_say_nothing(clinic: Clinic, order: Order) -> None:
    stranger = factories.create_actor(factories.create_clinic(), PRESCRIBER)
    for verb in (record_met, waive, withdraw):
        with pytest.raises(NotAllowed):
            verb(order=order, code="labs", first=TODAY, by=stranger, now=NOW)


def test_waived_for_one_visit_is_asked_for_the_next(clinic: Clinic, order: Order) -> None:
    first, _ = book(order, clinic, how_many=2)
    doctor = factories.create_actor(clinic, PRESCRIBER)
    waive(order=order, code="labs", first=TODAY, appointment=first, note="seen on paper", by=doctor, now=NOW)
    assert {number: found[0] for number, found in standing(order).items()} == {1: "waived", 2: "missing"}
    withdraw(order=order, code="labs", first=TODAY, appointment=first, by=doctor, now=NOW)
    assert standing(order)[1][0] == "missing"


def test_withdrawn_it_is_no_longer_there_until_somebody_says_it_anew(clinic: Clinic, order: Order) -> None:
    [visit] = book(order, clinic, how_many=1)
    say_all(order, clinic)
    by = factories.create_actor(clinic, NURSE)
    withdraw(order=order, code="labs", first=TODAY, by=by, now=NOW)
    assert [str(one.words) for one in blocking_start(visit, now=NOW)] == ["labs: no longer there"]
    record_met(order=order, code="labs", first=TODAY, by=by, now=NOW)
    assert blocking_start(visit, now=NOW) == []


def test_what_makes_no_sense_is_refused(clinic: Clinic, order: Order) -> None:
    by, other = factories.create_actor(clinic, NURSE), book(factories.create_order(clinic), clinic, how_many=1)[0]
    with pytest.raises(NoSuchPrerequisite):
        record_met(order=order, code="consent", first=TODAY, by=by, now=NOW)
    with pytest.raises(NoSuchPrerequisite):
        record_met(order=order, code="labs", first=TODAY, appointment=other, by=by, now=NOW)
    with pytest.raises(NotItsDays):
        record_met(order=order, code="labs", first=TODAY, last=TODAY - timedelta(days=1), by=by, now=NOW)
    assert not PrerequisiteRecord.objects.exists()


@pytest.mark.parametrize("first", [date(1, 1, 1), date(1980, 2, 2), date(2127, 1, 6), date(9999, 12, 31)])
@pytest.mark.parametrize("verb", [record_met, waive, withdraw])
def test_first_day_before_the_birth_or_a_century_away_is_refused(
    clinic: Clinic, order: Order, verb: Callable[..., PrerequisiteRecord], first: date
) -> None:
    by = factories.create_actor(clinic, PRESCRIBER)
    with pytest.raises(FarOff):
        verb(order=order, code="drug", first=first, by=by, now=NOW)
    assert not PrerequisiteRecord.objects.exists()
    verb(order=order, code="drug", first=date(1980, 2, 3), by=by, now=NOW)


def test_said_twice_it_is_written_once(clinic: Clinic, order: Order) -> None:
    by = factories.create_actor(clinic, NURSE)
    made = {record_met(order=order, code="labs", first=TODAY, by=by, now=NOW).pk for _ in range(2)}
    assert len(made) == PrerequisiteRecord.objects.count() == 1
    assert Event.objects.filter(verb="prerequisite.recorded").count() == 1


def test_event_says_neither_name_nor_note_and_nobody_is_told(clinic: Clinic, order: Order) -> None:
    [visit] = book(order, clinic, how_many=1)
    EventToPlan.objects.all().delete()
    by = factories.create_actor(clinic, PRESCRIBER)
    waive(order=order, code="labs", first=TODAY, appointment=visit, note="hepatitis B negative", by=by, now=NOW)
    event = Event.objects.get(verb="prerequisite.waived")
    assert (event.order_id, event.appointment_id, event.reason) == (order.pk, visit.pk, "")
    assert event.data == {"record": PrerequisiteRecord.objects.get().pk}
    assert not EventToPlan.objects.exists()


def test_what_was_said_stays(clinic: Clinic, order: Order) -> None:
    record_met(order=order, code="labs", first=TODAY, by=factories.create_actor(clinic, NURSE), now=NOW)
    with pytest.raises(DatabaseError):
        PrerequisiteRecord.objects.update(code="payer")


def test_start_costs_one_query(clinic: Clinic, order: Order, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    [visit] = book(order, clinic, how_many=1)
    say_all(order, clinic, visits=3)
    with django_assert_num_queries(1):
        assert blocking_start(visit, now=NOW) == []


def test_visit_whose_order_asks_for_nothing_needs_nothing(clinic: Clinic) -> None:
    [visit] = book(factories.create_order(clinic), clinic, how_many=1)
    assert blocking_start(visit, now=NOW) == []


@pytest.mark.parametrize("visits", [1, 4])
def test_not_ready_are_those_near_enough_in_one_query(
    clinic: Clinic, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(visits):
        book(factories.create_order(clinic, template=PLAN), clinic, how_many=3)
    with django_assert_num_queries(1):
        found = not_ready(clinic=clinic, now=NOW)
    lacks = {one.visit.dose_number: [lack.needs.code for lack in one.lacks] for one in found}
    # Today all three; of the day after tomorrow what is run after two days before or more; of Friday nothing yet.
    assert lacks == {1: ["labs", "payer", "drug"], 2: ["payer", "drug"]}
    assert len(found) == 2 * visits


def test_ready_visits_and_those_that_wait_for_nothing_are_not_run_after(clinic: Clinic, order: Order) -> None:
    book(order, clinic, how_many=1)
    book(factories.create_order(clinic), clinic, how_many=1)
    say_all(order, clinic)
    assert not_ready(clinic=clinic, now=NOW) == []


def test_booking_is_warned_of_the_first_infusion_it_ends_before(
    clinic: Clinic, order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    say_all(order, clinic)
    by = factories.create_actor(clinic, DESK)
    record_met(order=order, code="payer", first=TODAY, last=date(2027, 1, 8), by=by, now=NOW)
    starts = {number: NOW + timedelta(days=3 * number, hours=3) for number in (1, 2, 3)}
    with django_assert_num_queries(2):
        warnings = BookingWarnings(order, clinic, now=NOW)
    with django_assert_num_queries(0):
        found = warnings.at(starts)
    assert [one.message for one in found] == ["authorisation: ends Fri 8 Jan 2027, before infusion 2."]
    # It was good for two visits, the two that are thought of included.
    record_met(order=order, code="payer", first=TODAY, visits=2, by=by, now=NOW)
    found = BookingWarnings(order, clinic, now=NOW).at(starts)
    assert [one.message for one in found] == ["authorisation: for 2 visits, used up before infusion 3."]


def test_booking_of_an_order_that_asks_for_nothing_costs_nothing(
    clinic: Clinic, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = factories.create_order(clinic)
    assert order.current_version
    with django_assert_num_queries(0):
        assert BookingWarnings(order, clinic, now=NOW).at({1: NOW}) == []


def test_booking_is_warned_of_a_fast_that_would_have_begun(clinic: Clinic) -> None:
    order = factories.create_order(
        clinic, template=factories.SIX | {"fasting": {"solids_hours": 6, "clear_liquids_hours": 2}}
    )
    in_time, too_soon = NOW + timedelta(hours=6), NOW + timedelta(hours=5, minutes=55)
    assert BookingWarnings(order, clinic, now=NOW).at({1: in_time, 2: in_time + timedelta(days=3)}) == []
    [warning] = BookingWarnings(order, clinic, now=NOW).at({1: too_soon, 2: in_time + timedelta(days=3)})
    assert warning.message == (
        "Infusion 1: ordered is nothing to eat for 6 hours before it, and those have begun. "
        "Ask what they ate and drank last."
    )


def test_visits_that_move_are_not_counted_where_they_were(clinic: Clinic, order: Order) -> None:
    say_all(order, clinic)
    by = factories.create_actor(clinic, DESK)
    record_met(order=order, code="payer", first=TODAY, visits=2, by=by, now=NOW)
    visits = book(order, clinic, how_many=2)
    moved = {2: NOW + timedelta(days=10, hours=3)}
    assert BookingWarnings(order, clinic, instead_of=[visits[1].pk], now=NOW).at(moved) == []
    assert len(BookingWarnings(order, clinic, now=NOW).at(moved)) == 1
