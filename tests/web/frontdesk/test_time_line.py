"""A series in time: its states in words, the window of the next infusion as dates, and what was missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from scheduling.models import Clinic, Order, Patient, Status
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, book, bring_to, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
GIVEN = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.COMPLETED)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def order(clinic: Clinic) -> Order:
    patient: Patient = factories.create_patient(clinic, language="es")
    return factories.create_order(clinic, patient)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def line_of(desk: Client, order: Order) -> list[str]:
    """The points of the line, each as the words a screen reader gets, roughly."""
    page = page_of(desk.get(f"/series/{order.pk}/"))
    return page[page.index('aria-label="The series in time"') :].split("</ol>")[0].split('<li class="line__item')[1:]


def test_each_point_says_its_state_in_words(clinic: Clinic, order: Order, desk: Client) -> None:
    first, _second = book(order, clinic, how_many=2)
    with time_machine.travel(first.period.lower + timedelta(minutes=5), tick=False):
        bring_to(first, *GIVEN, clinic=clinic, now=first.period.lower + timedelta(minutes=5))
    with time_machine.travel(first.period.upper, tick=False):
        line = line_of(desk, order)
    assert len(line) == 6
    assert line[0].startswith(" line__item--given")
    assert "completed" in line[0]
    assert line[1].startswith(" line__item--booked")
    assert "2 days later" in line[1]
    assert "a review follows" in line[2]
    assert line[2].startswith(" line__item--open")


def test_the_window_of_the_next_to_book_is_said_as_dates_and_of_no_other(
    clinic: Clinic, order: Order, desk: Client
) -> None:
    assert not any("may be" in one for one in line_of(desk, order)), "before the first nothing is counted from"
    book(order, clinic, how_many=1)
    line = line_of(desk, order)
    assert "may be from Wednesday, January 6 to Friday, January 8; the order aims at Thu, Jan 7" in line[1]
    assert not any("may be" in one for one in line[2:])
    with time_machine.travel(NOW + timedelta(days=8), tick=False):
        assert "Its last day was Friday, January 8" in line_of(signed_in(clinic, DESK), order)[1]


def test_what_was_missed_is_named_beside_what_is_to_book(clinic: Clinic, order: Order, desk: Client) -> None:
    first = book(order, clinic, how_many=1)[0]
    with time_machine.travel(first.period.upper, tick=False):
        desk.post(f"/visits/{first.pk}/step/", {"to": "no_show"})
        line = line_of(desk, order)
    assert "did not come on Monday, January 4" in line[0]
    assert "to book" in line[0]


def test_the_sentence_is_read_out_in_the_patients_language_too(clinic: Clinic, order: Order, desk: Client) -> None:
    book(order, clinic, how_many=1)
    page = page_of(desk.get(f"/series/{order.pk}/"))
    assert '<p class="aloud" lang="es">“lunes' in page
    assert f"/series/{order.pk}/print/" in page
