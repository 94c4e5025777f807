"""The list a patient takes home: large, in their language, discreet, with times on the clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from notifications.wording_lint import find_faults
from scheduling.models import ChangeKind, Clinic, Order
from tests import factories
from tests.factories import SIX
from tests.project.sources import ROOT
from tests.scheduling.words import changed
from tests.web.pages import DESK, book, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
FASTING: dict[str, Any] = SIX | {"fasting": {"solids_hours": 8, "clear_liquids_hours": 2}, "ride_home": True}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def order(clinic: Clinic) -> Order:
    patient = factories.create_patient(clinic, given_name="Rosa", family_name="Reyes", language="es")
    order = factories.create_order(clinic, patient, template=FASTING)
    book(order, clinic, how_many=2)
    return order


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def test_the_list_says_day_time_place_and_what_to_do_before_on_the_clock(order: Order, desk: Client) -> None:
    page = page_of(desk.get(f"/series/{order.pk}/print/?language=en"))
    for words in (
        "Your visits: Rosa",
        "Monday, January 4",
        "1 Harbor Street",
        "No food after",
        "Water and other clear",
    ):
        assert words in page
    assert "Somebody has to drive you home on Monday, January 4." in page
    assert '<html lang="en">' in page


def test_the_list_is_in_the_patients_language_unless_another_is_asked_for(order: Order, desk: Client) -> None:
    page = page_of(desk.get(f"/series/{order.pk}/print/"))
    sheet = page[page.index("<main") :]
    assert '<html lang="es">' in page
    for words in ("Sus visitas: Rosa", "lunes", "Nada de comer", "A fecha de"):
        assert words in sheet
    for words in ("Your", "Monday", "please", "As of"):
        assert words not in sheet
    assert "Read it back" in page, "the desk reads its own language"
    assert '<html lang="es">' in page_of(desk.get(f"/series/{order.pk}/print/?language=xx"))


def test_the_spanish_list_says_that_the_driver_and_not_the_patient_comes_later(order: Order, desk: Client) -> None:
    page = page_of(desk.get(f"/series/{order.pk}/print/?language=es"))
    assert "Esa persona puede venir a recogerle hacia las " in page
    assert "Puede venir sobre" not in page


def test_the_list_tells_a_stranger_nothing_of_treatment(order: Order, desk: Client) -> None:
    for language in ("en", "es"):
        page = page_of(desk.get(f"/series/{order.pk}/print/?language={language}"))
        sheet = page[page.index("<main") :]
        assert not find_faults(sheet, channel="email", purpose="", language=language)
        for word in ("nfusion", "nfusión", "etamine", "Reyes"):
            assert word not in sheet


def test_a_visit_of_a_paused_order_says_that_somebody_calls(clinic: Clinic, order: Order, desk: Client) -> None:
    changed(order, clinic, ChangeKind.PAUSE)
    page = page_of(desk.get(f"/series/{order.pk}/print/?language=en"))
    assert "We will call you about this visit." in page
    assert "No food after" not in page


def test_nothing_booked_is_said(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(clinic, factories.create_patient(clinic))
    assert "Nothing is booked for you right now." in page_of(desk.get(f"/series/{order.pk}/print/"))


def test_the_sheet_is_set_in_eighteen_point() -> None:
    css = Path(ROOT / "web/static/css/pages/printed_list.css").read_text()
    assert "font-size: 18pt" in css
