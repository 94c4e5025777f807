"""The page behind a link as phones see it: two languages, two themes, 320 pixels, no JavaScript; and robots."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from notifications.addresses import set_address
from notifications.models import AddressKind
from scheduling.models import Appointment, Clinic, Patient
from tests import factories
from tests.browser.people import NOT_YET, fits_a_phone, is_accessible
from tests.browser.test_whole_path import tell
from tests.databases import Committed
from tests.notifications.world import agree, move
from tests.web.pages import book
from tests.web.patient.world import PREPARED, clinic_with_links, link_of

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("INFUSION_PICTURES", "")


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    return clinic_with_links(grace_minutes=0, self_service_hours=0, answer_hours="Mon–Fri 8–5")


@pytest.fixture
def visits(clinic: Clinic) -> list[Appointment]:
    now = timezone.now()
    patient = factories.create_patient(clinic)
    address = set_address(patient=patient, kind=AddressKind.PHONE, raw="+12125550123", by=factories.system(), now=now)
    agree(address, now=now)
    order = factories.create_order(clinic, patient, template=PREPARED, now=now)
    return book(order, clinic, how_many=3, now=now, ahead=NOT_YET)


@pytest.fixture
def link(visits: list[Appointment], served: str) -> str:
    tell()
    return served + link_of(visits[0].patient)


def phone(browser: Browser, *, dark: bool = False, script: bool = True, width: int = 390) -> BrowserContext:
    return browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        java_script_enabled=script,
    )


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def everything() -> Mapping[str, tuple[int, str]]:
    """How many rows each table has, and a sum over all that is in them."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
            rows = [row for [row] in cursor.fetchall()]
            found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def open_all(page: Page) -> None:
    for summary in page.locator("summary").all():
        if summary.locator("xpath=..").get_attribute("open") is None:
            summary.click()


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("es", True)], ids=["en-light", "es-dark"])
def test_page_is_accessible_and_fits_a_phone(browser: Browser, link: str, language: str, dark: bool) -> None:
    page = phone(browser, dark=dark).new_page()
    page.goto(link)
    page.get_by_role("button", name={"en": "English", "es": "Español"}[language]).click()
    name = f"{language}-{'dark' if dark else 'light'}"
    picture(page, f"page-{name}")
    page.locator("input[type=date]").fill("1980-02-03")
    page.get_by_role("button", name={"en": "Show me", "es": "Mostrármelo"}[language]).click()
    expect(page.locator(".ticks li")).to_have_count(2)
    picture(page, f"page-known-{name}")
    open_all(page)
    is_accessible(page)
    fits_a_phone(page)
    page.set_viewport_size({"width": 320, "height": 844})
    page.get_by_role("button", name={"en": "larger text", "es": "texto más grande"}[language]).click()
    fits_a_phone(page)
    page.set_viewport_size({"width": 320, "height": 844})
    picture(page, f"page-open-320-large-{name}")


def test_everything_is_done_without_javascript(browser: Browser, link: str, visits: list[Appointment]) -> None:
    page = phone(browser, script=False).new_page()
    page.goto(link)
    page.get_by_role("button", name="I'm coming", exact=True).first.click()
    expect(page.get_by_text("Thank you. We look forward to seeing you.")).to_be_visible()
    page.get_by_label("Your birth date").fill("1980-02-03")
    page.get_by_role("button", name="Show me").click()
    page.get_by_label("Who drives you home?").fill("Elena")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("You told us who drives you.")).to_be_visible()
    others = page.get_by_role("region", name="Your other visits").get_by_role("listitem")
    others.first.get_by_text("I can't come then").click()
    others.first.get_by_role("button", name="Ask for another time").click()
    expect(page.get_by_text("You asked for another time: we will call you.")).to_be_visible()
    others.last.get_by_text("I can't come then").click()
    others.last.get_by_role("button", name="Cancel this visit").click()
    picture(page, "sure")
    page.get_by_role("button", name="Yes, cancel it").click()
    expect(page.get_by_text("Your visit is cancelled.")).to_be_visible()
    expect(others.last).to_contain_text("cancelled")
    page.get_by_role("button", name="Keep my calendar up to date by itself").click()
    expect(page.locator("code")).to_have_text(re.compile(r"/c/[\w-]{22}\.ics$"))
    picture(page, "feed")
    page.go_back()
    page.get_by_text("Send me nothing here any more").click()
    page.get_by_role("button", name="Stop messages to this number or mailbox").click()
    expect(page.get_by_text("We send nothing here.", exact=False).first).to_be_visible()
    picture(page, "after-all")
    visits[0].refresh_from_db()
    assert visits[0].confirmed_by == "link"


def test_other_pages_are_accessible(browser: Browser, link: str) -> None:
    page = phone(browser).new_page()
    page.goto(link)
    page.get_by_text("I can't come then").first.click()
    page.get_by_role("button", name="Cancel this visit").first.click()
    fits_a_phone(page)
    page.goto(link)
    page.get_by_role("button", name="Keep my calendar up to date by itself").click()
    fits_a_phone(page)
    page.goto(link[:-3] + "xy/")
    fits_a_phone(page)


def test_page_is_worked_by_keyboard_alone(browser: Browser, link: str) -> None:
    page = phone(browser).new_page()
    page.goto(link)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="I'm coming", exact=True).first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ask for another time").first).to_be_visible()


@pytest.mark.parametrize("visits_by_robots", [3, pytest.param(50, marks=pytest.mark.faults)])
def test_robots_with_javascript_change_nothing(browser: Browser, link: str, visits_by_robots: int) -> None:
    """Mail and message scanners load a link, run its scripts, and follow every address on the page."""
    before = everything()
    context = phone(browser)
    page = context.new_page()
    for number in range(visits_by_robots):
        page.goto(link)
        assert context.request.head(link).status == 200
        if number not in (0, visits_by_robots - 1):
            continue
        page.wait_for_load_state("networkidle")
        addresses = page.eval_on_selector_all(
            "a[href], form[action]", "all => all.map(one => one.href || one.action).filter(one => /^http/.test(one))"
        )
        assert len(addresses) >= 8
        for address in addresses:
            context.request.get(address)
            context.request.head(address)
    assert everything() == before
    # The control: one press is seen.
    page.get_by_role("button", name="I'm coming", exact=True).first.click()
    page.wait_for_load_state("networkidle")
    assert everything() != before


def test_old_link_in_the_browser(browser: Browser, link: str, visits: list[Appointment]) -> None:
    page = phone(browser).new_page()
    page.goto(link)
    move(visits[2], timedelta(minutes=15), now=timezone.now())
    page.get_by_role("button", name="I'm coming", exact=True).first.click()
    expect(page.get_by_role("heading", name="Something has changed")).to_be_visible()
    picture(page, "changed")
    fits_a_phone(page)
    page.get_by_role("button", name="Send it to me again").click()
    expect(page.get_by_text("The newest message is on its way")).to_be_visible()
    is_accessible(page)
    assert Patient.objects.get().family_name not in page.content()
