"""The lock and the keys in a real browser: what was typed is kept, nothing is read meanwhile, tabs go together."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from scheduling.models import Clinic, Patient, Role
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, signed_in
from tests.databases import Committed

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed, settings: Settings) -> Clinic:
    settings.IDLE_LOCK_MINUTES = 15
    clinic = factories.create_clinic(chairs=2, nurses=1, prescribers=1)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    factories.create_user(clinic, Role.NURSE, username="ben")
    return clinic


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    return factories.create_patient(clinic)


@pytest.fixture
def dana(browser: Browser, served: str, patient: Patient) -> Page:
    """At the form for a new patient, half filled in, with a clock that the test moves."""
    page = signed_in(browser, served, "dana")
    expect(page.get_by_role("main")).to_be_visible()
    page.clock.install()
    page.goto("/patients/new/")
    page.get_by_label("Family name").fill("Okonkwo-Half-Typed")
    return page


def sits_idle(page: Page, minutes: str) -> None:
    page.clock.run_for(f"{minutes}:00")


def unlocks(page: Page, word: str = "password") -> None:
    page.get_by_label("Your password").fill(word)
    page.get_by_role("button", name="Unlock").click()


def locked(page: Page) -> None:
    expect(page.get_by_text("This screen is locked.")).to_be_visible()


def test_it_warns_locks_and_brings_back_what_was_typed(dana: Page) -> None:
    sits_idle(dana, "14")
    expect(dana.get_by_role("alert").get_by_text("It locks in a minute.")).to_be_visible()
    is_accessible(dana)
    dana.get_by_role("button", name="Stay").click()
    expect(dana.get_by_text("It locks in a minute.")).to_be_hidden()
    sits_idle(dana, "15")
    locked(dana)
    assert "Okonkwo" not in dana.evaluate("document.documentElement.outerHTML + document.title")
    assert dana.get_by_label("Family name").count() == 0
    is_accessible(dana)
    fits_a_phone(dana)
    unlocks(dana, "wrong")
    expect(dana.get_by_text("That is not your password.")).to_be_visible()
    unlocks(dana)
    field = dana.get_by_label("Family name")
    expect(field).to_have_value("Okonkwo-Half-Typed")
    expect(field).to_be_focused()
    dana.goto("/orders/")
    expect(dana.get_by_role("heading", level=1)).not_to_have_text("dana")


def test_a_locked_page_opens_nothing_in_the_address_bar_or_behind(dana: Page, patient: Patient) -> None:
    dana.goto(f"/patients/{patient.pk}/")
    dana.goto("/orders/")
    sits_idle(dana, "16")
    locked(dana)
    dana.go_back()
    locked(dana)
    assert patient.family_name not in dana.content()
    dana.goto(f"/patients/{patient.pk}/")
    locked(dana)
    assert patient.family_name not in dana.content()
    unlocks(dana)
    expect(dana).to_have_url(re.compile(f"/patients/{patient.pk}/$"))


def test_tabs_lock_and_open_together_and_one_in_use_keeps_the_other_open(dana: Page) -> None:
    other = dana.context.new_page()
    other.clock.install()
    other.goto("/orders/")
    sits_idle(dana, "14")
    expect(dana.get_by_text("It locks in a minute.")).to_be_visible()
    other.keyboard.press("Shift")
    # A tab says so to the others after a while.
    other.clock.run_for("00:21")
    expect(dana.get_by_text("It locks in a minute.")).to_be_hidden()
    sits_idle(dana, "16")
    locked(dana)
    locked(other)
    unlocks(other)
    expect(dana.get_by_label("Family name")).to_have_value("Okonkwo-Half-Typed")


def test_a_board_that_was_locked_goes_on_asking(browser: Browser, served: str, patient: Patient) -> None:
    page = signed_in(browser, served, "dana")
    page.goto("/")
    page.get_by_text("Your account").locator("..").click()
    page.get_by_role("button", name="Lock this screen").click()
    locked(page)
    unlocks(page)
    expect(page.get_by_role("region", name="Chairs")).to_be_visible()
    with page.expect_response(re.compile("/board/changes/"), timeout=10_000) as answer:
        pass
    assert answer.value.request.headers["x-poll"] == "1"
    assert answer.value.status in (200, 204)


def test_somebody_else_takes_over(browser: Browser, served: str, patient: Patient) -> None:
    page = signed_in(browser, served, "dana")
    page.goto("/orders/")
    page.get_by_text("Your account").locator("..").click()
    page.get_by_role("button", name="Somebody else takes over").click()
    name = page.get_by_label("Username")
    expect(name).to_be_focused()
    is_accessible(page)
    page.keyboard.type("ben")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("don't go together")).to_be_visible()
    page.get_by_label("Password", exact=True).fill("password")
    page.keyboard.press("Enter")
    expect(page.locator(".bar__who")).to_have_text("Ben")


def test_without_javascript_the_page_asks_again_by_itself_and_a_form_is_kept(
    browser: Browser, served: str, patient: Patient
) -> None:
    context = browser.new_context(base_url=served, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_role("region", name="Sign in").get_by_label("Username").fill("dana")
    page.get_by_role("region", name="Sign in").get_by_label("Password").fill("password")
    page.get_by_role("region", name="Sign in").get_by_role("button", name="Sign in").click()
    page.goto("/patients/new/")
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "961"
    page.get_by_label("Given name").fill("Una")
    page.get_by_label("Family name").fill("O'Half Typed")
    page.get_by_label("Birth date").fill("1970-01-31")
    elsewhere = context.new_page()
    elsewhere.goto("/orders/")
    elsewhere.get_by_text("Your account").locator("..").click()
    elsewhere.get_by_role("button", name="Lock this screen").click()
    locked(elsewhere)
    page.locator("main form").get_by_role("button").last.click()
    locked(page)
    unlocks(page)
    expect(page.get_by_role("blockquote")).to_have_text("O'Half Typed")
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("The patient is on file.")).to_be_visible()
    expect(page.get_by_role("heading", name="Una O'Half Typed")).to_be_visible()
    context.close()


def test_keys_lead_to_pages_and_are_listed(dana: Page) -> None:
    dana.keyboard.press("g")
    dana.keyboard.press("b")
    expect(dana.get_by_label("Family name")).to_have_value("Okonkwo-Half-Typedgb")
    dana.get_by_role("main").focus()
    dana.keyboard.press("?")
    keys = dana.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    is_accessible(dana)
    dana.keyboard.press("g")
    expect(keys).to_be_visible()
    keys.get_by_role("button", name="Close").click()
    expect(keys).to_be_hidden()
    expect(dana.get_by_role("main")).to_be_focused()
    dana.keyboard.press("g")
    dana.keyboard.press("b")
    expect(dana.get_by_role("region", name="Chairs")).to_be_visible()
    dana.keyboard.press("?")
    expect(dana.get_by_role("dialog").get_by_text("The day after")).to_be_visible()
    dana.keyboard.press("Escape")
    today = dana.get_by_role("heading", level=1).text_content()
    dana.keyboard.press("n")
    expect(dana).to_have_url(re.compile("day="))
    expect(dana.get_by_role("heading", level=1)).not_to_have_text(today or "")
    dana.keyboard.press("p")
    expect(dana.get_by_role("heading", level=1)).to_have_text(today or "")
    dana.keyboard.press("/")
    expect(dana).to_have_url(re.compile("/patients/$"))


def test_keys_can_be_switched_off(dana: Page) -> None:
    dana.goto("/orders/")
    dana.keyboard.press("?")
    dana.get_by_label("Single keys do something").uncheck()
    dana.keyboard.press("Escape")
    dana.keyboard.press("?")
    expect(dana.get_by_role("dialog")).to_be_hidden()
    dana.goto("/orders/")
    dana.keyboard.press("?")
    expect(dana.get_by_role("dialog")).to_be_hidden()
    dana.get_by_text("Your account").locator("..").click()
    dana.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dana.get_by_label("Single keys do something")).not_to_be_checked()
