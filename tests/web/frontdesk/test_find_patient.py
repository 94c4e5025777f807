"""The box that finds a patient: by POST, as one types, who is like whom, and where each leads."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.addresses import set_address
from notifications.models import AddressKind
from scheduling.merging import merge_patients
from scheduling.models import Clinic
from scheduling.patients import record_death
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, naughty_strings, page_of, shows, signed_in
from web.frontdesk.find_patient import LEADS, Leads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
AS_ONE_TYPES = {"HX-Request": "true"}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def typed(desk: Client, text: str, **more: str) -> str:
    return page_of(desk.post("/patients/", {"text": text, **more}, headers=AS_ONE_TYPES))


def test_search_is_a_post_and_no_name_is_in_any_address(clinic: Clinic, desk: Client) -> None:
    rosa = factories.create_patient(clinic, given_name="Rosá", family_name="Reyes")
    page = page_of(desk.post("/patients/", {"text": "rosa rey"}))
    assert f'href="/patients/{rosa.pk}/"' in page
    assert "Rosá Reyes" in page
    assert [line for line in page.split('"') if line.startswith("/") and "rosa" in line.lower()] == []
    assert "Rosá" not in page_of(desk.get("/patients/", {"text": "rosa"}))


def test_as_one_types_only_the_list_is_sent(clinic: Clinic, desk: Client) -> None:
    rosa = factories.create_patient(clinic, given_name="Rosa", family_name="Reyes")
    page = typed(desk, "rey")
    assert f'href="/patients/{rosa.pk}/"' in page
    assert "<html" not in page
    assert "<form" not in page


@pytest.mark.parametrize("text", ["", " ", "r", "x" * 300])
def test_too_little_or_too_much_typed_shows_nobody_and_no_reproach(clinic: Clinic, desk: Client, text: str) -> None:
    factories.create_patient(clinic, given_name="Rosa")
    assert typed(desk, text).strip() == ""


def test_search_for_nothing_asks_for_something(desk: Client) -> None:
    assert "Type a name, a birth date, a number." in page_of(desk.post("/patients/", {"text": "  "}))


def test_a_row_says_what_tells_one_from_another(clinic: Clinic, desk: Client) -> None:
    rosa = factories.create_patient(
        clinic,
        given_name="Rosamund",
        family_name="Reyes",
        preferred_name="Rosa",
        mrn="H-77",
        birth_date=date(1980, 2, 3),
    )
    set_address(patient=rosa, kind=AddressKind.PHONE, raw="2125550123", by=factories.system(), now=NOW)
    factories.create_patient(clinic, given_name="Rosa", family_name="Reyez", birth_date=date(1999, 1, 1))
    page = typed(desk, "rosa rey")
    for words in ("Rosa Reyes", "legal name Rosamund Reyes", "February 3, 1980", "(212) 555-0123", "H-77"):
        assert words in page
    assert page.count("another is named alike") == 2


def test_who_has_died_or_was_merged_is_found_where_one_asks_and_leads_to_their_own_page(
    clinic: Clinic, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    died, merged, rosa = (factories.create_patient(clinic, given_name="Rosa", family_name="Reyes") for _ in range(3))
    record_death(patient=died, died_at=NOW, by=factories.system(), now=NOW)
    merge_patients(duplicate=merged, into=rosa, by=factories.system(), now=NOW)
    assert typed(desk, "reyes").count("<li>") == 1
    monkeypatch.setitem(LEADS, "patient", Leads("patients", "visit_openings", "visit_openings"))
    page = typed(desk, "reyes", gone="on")
    assert f'href="/patients/{rosa.pk}/visit/"' in page
    assert f'href="/patients/{died.pk}/"' in page
    assert f'href="/patients/{merged.pk}/"' in page
    assert "has died" in page
    assert "merged into another record" in page


def test_where_picking_begins_something_it_is_a_press_and_the_gone_still_lead_to_their_page(
    clinic: Clinic, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    died, rosa = (factories.create_patient(clinic, given_name="Rosa", family_name="Reyes") for _ in range(2))
    record_death(patient=died, died_at=NOW, by=factories.system(), now=NOW)
    monkeypatch.setitem(LEADS, "patient", Leads("patients", "orders", "patient", presses=True))
    page = typed(desk, "reyes", gone="on")
    assert f'formaction="/orders/" name="patient" value="{rosa.pk}"' in page
    assert f'href="/patients/{rosa.pk}/"' not in page
    assert f'href="/patients/{died.pk}/"' in page


def test_a_way_on_that_no_page_has_finds_nobody(clinic: Clinic, desk: Client) -> None:
    factories.create_patient(clinic, given_name="Rosa")
    assert typed(desk, "rosa", leads_to="https://elsewhere.test/").strip() == ""


def test_nobody_found_begins_a_newcomer_with_what_was_typed(clinic: Clinic, desk: Client) -> None:
    page = typed(desk, "maria olsen 4 mar 1985 212 555 0123")
    assert "Nobody is found" in page
    assert "New patient: maria olsen, born March 4, 1985" in page
    begun = page_of(desk.post("/patients/new/", {"text": "maria olsen 4 mar 1985 212 555 0123", "begin": "yes"}))
    for name, value in (
        ("given_name", "Maria"), ("family_name", "Olsen"), ("birth_date", "1985-03-04"), ("phone", "2125550123"),
    ):  # fmt: skip
        assert f'name="{name}" value="{value}"' in begun
    assert "This field is required" not in begun


def test_searches_are_shown_as_typed(desk: Client) -> None:
    for text in (*naughty_strings()[:25], *naughty_strings()[300:325]):
        assert shows(page_of(desk.post("/patients/", {"text": text})), text)


@pytest.mark.faults
def test_every_naughty_string_is_searched_for_and_begun_with(desk: Client) -> None:
    for text in naughty_strings():
        assert shows(page_of(desk.post("/patients/", {"text": text})), text)
        assert desk.post("/patients/", {"text": text}, headers=AS_ONE_TYPES).status_code == 200
        assert desk.post("/patients/new/", {"text": text, "begin": "yes"}).status_code == 200


def test_the_list_takes_a_query_or_two_beside_who_asks(
    clinic: Clinic, desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(4):
        factories.create_patient(clinic, given_name="Rosa")
    # Session, person, their clinics, the organisation; then who is found, and for the second who is written nearly so.
    for text, queries in (("rosa", 5), ("rsoa", 6)):
        with django_assert_num_queries(queries):
            typed(desk, text)
