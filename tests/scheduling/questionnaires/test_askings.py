"""What is asked follows the plan, the visit and the check-in as they are now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling import moving
from scheduling.cancelling import cancel
from scheduling.models import CancelledBy, FollowUp, FollowUpState, Questionnaire, Role, Status
from scheduling.patients import record_death
from scheduling.questionnaires.askings import asked_of, find_asking
from scheduling.visits import record_step
from tests import factories
from tests.scheduling.questionnaires.world import (
    DAY_BEFORE,
    FIRST,
    booked,
    by_link,
    codes_asked,
    give,
    keys,
    one_asked,
    order_that_asks,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_it_is_asked_from_the_beginning_of_the_clinics_day_before_the_infusion_on() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)
    midnight = DAY_BEFORE - timedelta(hours=12)

    assert codes_asked(order.patient, midnight - timedelta(minutes=1)) == []
    assert codes_asked(order.patient, midnight) == ["phq-9"]
    assert not Questionnaire.objects.exists(), "looking writes nothing"


def test_it_is_in_time_until_the_infusion_is_given_and_late_for_a_week_after() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    give(visit)

    asking = one_asked(order.patient, FIRST + timedelta(minutes=1))
    assert asking.period.end == visit.period.lower
    assert asking.is_late(FIRST + timedelta(minutes=1))
    assert not asking.is_late(FIRST - timedelta(minutes=1))
    [before, *_] = asked_of(order.patient, now=FIRST + 6 * DAY)
    assert before.visit == visit
    assert asked_of(order.patient, now=FIRST + 22 * DAY) == [], "nor by the check-in"


def test_it_moves_with_its_visit_and_keeps_its_key() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    [key] = keys(order.patient)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)

    moving.move(appointment=visit, start=FIRST + 2 * DAY, by=desk, now=factories.NOW)

    assert codes_asked(order.patient, DAY_BEFORE) == []
    assert one_asked(order.patient, DAY_BEFORE + 2 * DAY).key == key


def test_it_ends_with_its_visit_but_what_was_being_answered_is_still_found() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    [key] = keys(order.patient)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)

    cancel(appointment=visit, side=CancelledBy.PATIENT, reason="ill", by=desk, now=DAY_BEFORE)

    assert asked_of(order.patient, now=DAY_BEFORE) == []
    found = find_asking(order.patient, key)
    assert found is not None
    assert by_link(found, [1] * 9, DAY_BEFORE).score == 9


@pytest.mark.parametrize(
    "key",
    ["", "before", "before/x/phq-9", "before/٣/phq-9", "before/1/gad-7", "asked/1/phq-9/now", "before/" + "9" * 30],
)
def test_a_key_that_was_never_the_patients_finds_nothing(key: str) -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)

    assert find_asking(order.patient, key) is None
    assert find_asking(factories.create_patient(clinic), keys(order.patient)[0]) is None


def test_a_check_in_asks_from_when_it_is_due_and_an_instrument_that_overlaps_only_once() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    first, *_ = booked(order, clinic, how_many=4)
    give(first)
    due = FIRST + 7 * DAY

    assert codes_asked(order.patient, due) == ["gad-7", "phq-9"]
    by_link(one_asked(order.patient, due), [0] * 9, due)
    assert codes_asked(order.patient, due + timedelta(minutes=1)) == ["gad-7"], "not the same again for the next visit"


def test_a_check_in_that_opens_again_asks_again() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    give(visit)
    due = FIRST + 7 * DAY
    for code, count in (("phq-9", 9), ("gad-7", 7)):
        by_link(one_asked(order.patient, due, code), [0] * count, due)
    assert asked_of(order.patient, now=due + DAY) == []

    again = due + 3 * DAY
    FollowUp.objects.filter(order=order).update(state=FollowUpState.OPEN, due_at=again, settled_at=None)

    assert codes_asked(order.patient, again) == ["gad-7", "phq-9"]
    assert len(keys(order.patient)) == 5, "both times, and before the visit"


def test_a_check_in_that_is_settled_by_a_call_asks_for_nothing() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    give(visit)
    by_link(one_asked(order.patient, FIRST), [0] * 9, FIRST)
    FollowUp.objects.filter(order=order).update(state=FollowUpState.DONE, settled_at=FIRST + 7 * DAY)

    assert asked_of(order.patient, now=FIRST + 7 * DAY) == []


def test_an_infusion_that_was_entered_in_error_asks_for_nothing_after_it() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    give(visit)
    type(visit).objects.filter(pk=visit.pk).update(status=Status.ENTERED_IN_ERROR)

    assert keys(order.patient) == []


def test_the_deceased_are_asked_nothing() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)
    nurse = factories.create_actor(clinic, Role.NURSE)
    record_death(patient=order.patient, died_at=DAY_BEFORE, by=nurse, now=DAY_BEFORE)
    order.patient.refresh_from_db()

    assert asked_of(order.patient, now=DAY_BEFORE) == []


def test_whoever_did_not_come_is_asked_no_more() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    late = FIRST + timedelta(minutes=30)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    record_step(appointment=visit, to=Status.NO_SHOW, happened_at=late, by=desk, now=late)

    assert asked_of(order.patient, now=late) == []


def test_as_many_statements_for_a_whole_series_as_for_one_visit(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    first, *_ = booked(order, clinic, how_many=4)
    give(first)
    patient = order.patient

    with django_assert_num_queries(5):
        asked_of(patient, now=FIRST + 7 * DAY)
