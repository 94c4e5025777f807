"""Finding a patient as one types, by keyboard alone, and taking down a newcomer in a real browser."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from notifications.addresses import set_address
from notifications.models import AddressKind
from scheduling.models import Clinic, Patient, Role
from scheduling.patients import record_death
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, signed_in
from tests.databases import Committed
from tests.factories import NOW

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic()
    factories.create_visit_type(clinic)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    for number, (given, family, preferred, born) in enumerate(
        (
            ("Maria", "Olsen", "", date(1985, 3, 4)), ("Maria", "Gonzalez", "", date(1984, 3, 12)),
            ("Maria", "Gonzales", "", date(1984, 3, 21)), ("Margaret", "Oldham", "Peggy", date(1951, 7, 30)),
            ("José", "Núñez", "", date(1982, 8, 19)), ("Omar", "Olivera", "", date(1985, 3, 4)),
            ("Walter", "Brandt", "", date(1949, 9, 17)), ("Marcus", "Olander", "", date(1990, 1, 5)),
        )
    ):  # fmt: skip
        patient = factories.create_patient(
            clinic,
            given_name=given,
            family_name=family,
            preferred_name=preferred,
            birth_date=born,
            mrn=f"HC-{number:05}",
        )
        set_address(
            patient=patient, kind=AddressKind.PHONE, raw=f"212 555 01{number:02}", by=factories.system(), now=NOW
        )
    record_death(patient=Patient.objects.get(family_name="Olander"), died_at=NOW, by=factories.system(), now=NOW)
    return clinic


def looks_right(page: Page, name: str) -> None:
    """Accessible and on a phone; with SCREENSHOTS set to a folder a picture is kept there."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    is_accessible(page)
    fits_a_phone(page)


def test_what_was_typed_before_the_page_could_listen_is_looked_up(browser: Browser, served: str) -> None:
    page = signed_in(browser, served, "dana")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/htmx[^/]*\.js"), hold)
    page.goto("/patients/", wait_until="commit")
    page.get_by_role("searchbox").press_sequentially("mar ols")
    [scripts] = held
    scripts.continue_()
    expect(page.locator("#found .found__name")).to_contain_text(["Maria Olsen"])


def test_a_patient_is_found_and_opened_by_keyboard_alone(browser: Browser, served: str, clinic: Clinic) -> None:
    page = signed_in(browser, served, "dana")
    page.goto("/patients/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("mar ol")
    names = page.locator("#found .found__name")
    expect(names).to_contain_text(["Peggy Oldham", "Maria Olsen", "Omar Olivera"])
    looks_right(page, "found")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name=re.compile("Maria Olsen"))).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("s")
    expect(page.get_by_role("searchbox")).to_have_value("mar ols")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Maria Olsen")).to_be_visible()
    assert "olsen" not in page.url.lower()


def test_enter_waits_for_the_answer_to_what_was_typed(browser: Browser, served: str, clinic: Clinic) -> None:
    page = signed_in(browser, served, "dana")
    page.goto("/patients/")
    page.keyboard.type("maria olsne")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Maria Olsen")).to_be_visible()


def test_look_alikes_slips_and_the_gone_are_shown_as_such(browser: Browser, served: str, clinic: Clinic) -> None:
    page = signed_in(browser, served, "dana", in_the_dark=True)
    page.goto("/patients/")
    page.keyboard.type("gonsalez")
    expect(page.get_by_text("another is named alike")).to_have_count(2)
    looks_right(page, "nearly-dark")
    page.get_by_role("searchbox").fill("mar ol")
    page.get_by_label("Also who has died").check()
    expect(page.get_by_text("has died", exact=True)).to_be_visible()
    looks_right(page, "gone-dark")


def test_newcomer_is_taken_down_in_half_a_minute_straight_from_the_search(
    browser: Browser, served: str, clinic: Clinic
) -> None:
    page = signed_in(browser, served, "dana")
    page.goto("/patients/")
    page.keyboard.type("maria gonsalves 21 mar 1984")
    expect(page.get_by_text("Nobody is found.")).to_be_visible()
    looks_right(page, "nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Family name")).to_have_value("Gonsalves")
    expect(page.get_by_text("March 21, 1984").first).to_be_visible()
    expect(page.get_by_text("Is it one of these?")).to_be_visible()
    looks_right(page, "newcomer-alike")
    page.get_by_label("Mobile phone").fill("212 555 0177")
    page.get_by_label("They said yes").check()
    page.get_by_role("button", name="Take down and book a visit").click()
    expect(page.get_by_role("alert").first).to_contain_text("Is it one of these?")
    looks_right(page, "newcomer-refused")
    page.get_by_label("the caller is somebody else").check()
    page.get_by_role("button", name="Take down and book a visit").click()
    expect(page.get_by_text("The patient is on file. Which visit do they need?")).to_be_visible()
    assert Patient.objects.filter(family_name="Gonsalves").count() == 1


def test_who_is_like_a_newcomer_shows_while_typing_and_nothing_typed_is_lost(
    browser: Browser, served: str, clinic: Clinic
) -> None:
    page = signed_in(browser, served, "dana", in_the_dark=True)
    page.goto("/patients/new/")
    page.get_by_label("Given name").fill("Maria")
    page.get_by_label("Family name").press_sequentially("Olsen")
    expect(page.get_by_text("Is it one of these?")).to_be_visible()
    page.get_by_label("the caller is somebody else").check()
    page.get_by_label("Birth date").press_sequentially("4 mar 1999")
    expect(page.locator("#born-read")).to_have_text("March 4, 1999")
    expect(page.get_by_label("Birth date")).to_be_focused()
    expect(page.get_by_label("the caller is somebody else")).to_be_checked()
    looks_right(page, "newcomer-dark")


def test_without_javascript_a_plain_form_finds_and_begins(browser: Browser, served: str, clinic: Clinic) -> None:
    cookies = signed_in(browser, served, "dana").context.cookies()
    context = browser.new_context(base_url=served, java_script_enabled=False, viewport={"width": 768, "height": 900})
    context.add_cookies(cookies)  # type: ignore[arg-type]  # what the other context gave
    page = context.new_page()
    page.goto("/patients/")
    page.get_by_role("searchbox").fill("mar ol")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("Maria Olsen"))).to_be_visible()
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "found-768-plain.png", full_page=True)
    page.get_by_role("button", name="New patient: mar ol").click()
    expect(page.get_by_label("Given name")).to_have_value("Mar")
