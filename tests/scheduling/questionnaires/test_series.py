"""The answers beside the infusions: which came after which, what was left out, and nothing that is made of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.questionnaires.series import read_scores
from tests import factories
from tests.scheduling.questionnaires.world import DAY_BEFORE, FIRST, booked, by_link, give, one_asked, order_that_asks

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def test_each_response_names_the_infusion_before_it() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    by_link(one_asked(order.patient, DAY_BEFORE), [1] * 9, DAY_BEFORE)
    give(visit)
    by_link(one_asked(order.patient, FIRST + WEEK), [None, *[0] * 8], FIRST + WEEK)

    [phq] = read_scores(order.patient)

    assert phq.instrument.code == "phq-9"
    assert [(one.response.score, one.after and one.after.number, one.missing) for one in phq.answered] == [
        (9, None, ()),
        (None, 1, (1,)),
    ]
    assert [one.number for one in phq.given] == [1]


def test_an_answer_after_its_time_is_called_late() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    give(visit)
    later = FIRST + timedelta(days=1)
    by_link(one_asked(order.patient, later), [0] * 9, later)

    [phq] = read_scores(order.patient)

    assert [one.is_late for one in phq.answered] == [True]


def test_what_was_answered_under_a_merged_record_is_there_too() -> None:
    clinic = factories.create_clinic()
    patient, other = factories.create_patient(clinic), order_that_asks(clinic).patient
    order = other.orders.get()
    booked(order, clinic)
    by_link(one_asked(other, DAY_BEFORE), [2] * 9, DAY_BEFORE)
    # An order under way keeps a record from being merged; the row itself says where it went.
    type(other).objects.filter(pk=other.pk).update(merged_into=patient)

    [phq] = read_scores(patient)

    assert [one.response.score for one in phq.answered] == [18]


def test_a_patient_who_answered_nothing_has_no_series() -> None:
    assert read_scores(factories.create_patient(factories.create_clinic())) == []
