"""Setup in a real browser: hours with the visits they affect, a colleague let in, a clinic to practise at, a phone at
twenty to six."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.clinic_time import ClinicTime
from scheduling.models import Clinic, Role
from tests import factories
from tests.browser.people import NOT_YET, fits_a_phone, is_accessible, signed_in
from tests.databases import Committed
from tests.web.pages import book

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=4, nurses=2, days=7)
    people = {"dana": Role.FRONT_DESK, "ben": Role.NURSE, "cole": Role.PRESCRIBER, "priya": Role.MANAGER}
    for name, role in people.items():
        factories.create_user(clinic, role, username=name)
    for _ in range(3):
        book(
            factories.create_order(clinic, factories.create_patient(clinic)), clinic, now=timezone.now(), ahead=NOT_YET
        )
    return clinic


def looks_right(page: Page, name: str) -> None:
    """Accessible in both themes and on a phone; with SCREENSHOTS set to a folder pictures are kept there."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        # Colours take a moment to change.
        page.wait_for_timeout(300)
        is_accessible(page)
        if theme == "light":
            fits_a_phone(page)
        if folder := os.environ.get("SCREENSHOTS"):
            for width in (1280, 768, 320):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=Path(folder) / f"{name}-{theme}-{width}.png", full_page=True)
            page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def test_manager_sets_up_a_clinic(browser: Browser, served: str, clinic: Clinic) -> None:
    page = signed_in(browser, served, "priya")
    page.goto("/setup/")
    looks_right(page, "home")

    page.get_by_role("link", name="Opening hours").first.click()
    looks_right(page, "hours")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        page.get_by_label(f"{day}, from").first.fill("17:00")
    page.get_by_role("button", name="Show what it affects").click()
    expect(page.get_by_role("heading", name="Visits it affects")).to_be_visible()
    expect(page.get_by_text("Nearest free times:").or_(page.get_by_text("No free time within")).first).to_be_visible()
    looks_right(page, "hours-affected")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("Monday, from").first).to_have_value("17:00")

    for address, name in (("chairs/", "chairs"), ("nurses/", "nurses"), ("file/", "file"), ("plan/", "plan")):
        page.goto(f"/setup/{address}")
        looks_right(page, name)
    page.get_by_label("Name of the plan").fill("Six infusions")
    page.get_by_label("What is given").fill("ketamine")
    page.get_by_label("How many, and how far apart").fill("6 times, 2 to 4 days apart, within 3 weeks")
    page.get_by_role("button", name="Read it back").click()
    expect(page.get_by_role("button", name="Draft it")).to_be_visible()
    looks_right(page, "plan-read-back")


def test_colleague_is_invited_and_leaves(browser: Browser, served: str, clinic: Clinic) -> None:
    page = signed_in(browser, served, "priya")
    page.goto("/setup/staff/")
    looks_right(page, "staff")
    page.get_by_label("Name", exact=True).fill("Kim Osei")
    page.get_by_label("Sign-in name").fill("kim")
    page.get_by_label("Nurse").check()
    page.get_by_label("Front desk").check()
    page.get_by_role("button", name="Invite").click()
    looks_right(page, "link")
    link = page.get_by_label("The link").input_value()

    kim = browser.new_context(base_url=served, reduced_motion="reduce").new_page()
    kim.goto(link)
    looks_right(kim, "invited")
    kim.get_by_label("New password", exact=True).fill("harbor-window-7")
    kim.get_by_label("New password confirmation").fill("harbor-window-7")
    kim.get_by_role("button", name="Sign in").click()
    expect(kim.get_by_text("Welcome, Kim Osei.")).to_be_visible()

    page.goto("/setup/staff/")
    page.get_by_role("link", name="Leaves today Kim Osei").click()
    looks_right(page, "leave")
    page.get_by_role("button", name="They leave now").click()
    expect(page.get_by_text("Kim Osei can't sign in any more.")).to_be_visible()
    # Their own page polls, and is led to the sign-in by itself meanwhile.
    other = kim.context.new_page()
    other.goto("/patients/")
    expect(other.get_by_role("heading", name="Sign in").first).to_be_visible()


def test_practice_clinic_is_striped(browser: Browser, served: str, clinic: Clinic) -> None:
    page = signed_in(browser, served, "priya")
    page.goto("/setup/")
    page.get_by_role("button", name="Make the practice clinic").click()
    expect(page.get_by_text("Practice clinic: nobody here is real, and nothing is ever sent.")).to_be_visible()
    is_accessible(page)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "practice.png")
    page.goto("/setup/")
    looks_right(page, "practice-setup")


def test_snow_day_from_a_phone(browser: Browser, served: str, clinic: Clinic) -> None:
    page = signed_in(browser, served, "priya")
    page.set_viewport_size({"width": 320, "height": 800})
    today = ClinicTime(clinic.time_zone).local_day(timezone.now())
    page.goto("/absences/")
    fits_a_phone(page)
    page.get_by_role("link", name="Close the clinic").click()
    page.get_by_label("From").fill(f"{today + timedelta(days=1):%Y-%m-%d}")
    page.get_by_label("To").fill(f"{today + timedelta(days=20):%Y-%m-%d}")
    fits_a_phone(page)
    page.get_by_role("button", name="Show what it affects").click()
    expect(page.get_by_role("heading", name="Visits it affects")).to_be_visible()
    fits_a_phone(page)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "closure-320.png", full_page=True)
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("The clinic is closed then.")).to_be_visible()
    fits_a_phone(page)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "absences-320.png", full_page=True)
