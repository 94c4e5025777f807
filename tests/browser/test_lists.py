"""The desk's lists in a real browser: two desks on one row, worked by keys, never replaced under somebody's hands."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from notifications.calls import ask_to_call
from notifications.models import CallKind, InboundMessage
from scheduling.models import Clinic, Role
from tests import factories
from tests.browser.people import NOT_YET, fits_a_phone, is_accessible, signed_in
from tests.databases import Committed
from tests.notifications.world import clinic_that_writes, reachable_patient
from tests.web.pages import book

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = clinic_that_writes(quiet=False)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    factories.create_user(clinic, Role.MANAGER, username="priya")
    now = timezone.now()
    rosa = reachable_patient(clinic, now=now)
    book(factories.create_order(clinic, rosa, now=now), clinic, how_many=2, now=now, ahead=NOT_YET)
    factories.create_order(clinic, factories.create_patient(clinic, given_name="Amelia", family_name="Hart"), now=now)
    factories.create_draft(clinic, now=now)
    ask_to_call(
        key="k", kind=CallKind.ASKED_FOR_CALL, clinic=clinic, patient=rosa, words="Good morning.",
        by=factories.system(), now=now,
    )  # fmt: skip
    InboundMessage.objects.create(
        provider="twilio", reference="r", channel="sms", sender="+12125550199", patient=rosa, clinic=clinic,
        text="Can I bring my sister?", intent="other", received_at=now,
    )  # fmt: skip
    return clinic


def photograph(page: Page, name: str) -> None:
    """Where SHOTS names a folder, what the page looks like."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_two_desks_one_row(clinic: Clinic, served: str, browser: Browser) -> None:
    dana, priya = (signed_in(browser, served, name) for name in ("dana", "priya"))
    for page in (dana, priya):
        page.goto("/lists/")
    dana.get_by_role("button", name="I have it: Amelia Hart").click()
    expect(dana.get_by_text("It is yours.")).to_be_visible()
    # The other page has asked meanwhile.
    expect(priya.get_by_text("Dana has it")).to_be_visible(timeout=15_000)
    photograph(priya, "lists-two-desks")
    priya.get_by_text("Dana has it").click()
    expect(priya.get_by_text("Ask first.")).to_be_visible()
    priya.get_by_role("button", name="Take it over").click()
    expect(priya.get_by_text("It is yours.")).to_be_visible()
    expect(priya.get_by_role("button", name="You have it. Give it back: Amelia Hart")).to_be_visible()
    # Dana pressed on a page that was older than that.
    expect(dana.get_by_text("Priya has it")).to_be_visible(timeout=15_000)


def test_by_keys_and_without_being_replaced(clinic: Clinic, served: str, browser: Browser) -> None:
    page = signed_in(browser, served, "dana")
    page.goto("/lists/")
    total = page.locator("#lists-total")
    expect(total).not_to_be_empty()
    before = int(total.inner_text())
    page.keyboard.press("j")
    expect(page.locator("#lists [data-row]").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#lists [data-row]").first).to_be_focused()
    # Tab goes through the row: its patient, the main action, the call.
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Left a voicemail").first).to_be_visible()
    page.keyboard.press("Escape")
    row = page.get_by_role("region", name=re.compile("^Orders to book")).get_by_role("listitem", name="Amelia Hart")
    row.get_by_text("Later").click()
    row.get_by_label("Until").fill("23:59")
    page.wait_for_timeout(6_000)
    expect(row.get_by_label("Until")).to_have_value("23:59")
    row.get_by_role("button", name="Put off").click()
    expect(page.get_by_text("Put off: it comes back")).to_be_visible()
    expect(page.get_by_text("one can wait")).to_be_visible()
    expect(total).to_have_text(str(before - 1))
    call = page.get_by_role("region", name=re.compile("^Calls due")).get_by_role("listitem")
    call.get_by_text("Call", exact=True).click()
    expect(call.get_by_text("Good morning.")).to_be_visible()
    is_accessible(page)
    photograph(page, "lists-call")
    call.get_by_role("button", name="Spoke with them").click()
    expect(page.get_by_text("Nobody has to be called right now.")).to_be_visible()


def test_an_answer_is_passed_by_keys_and_outlives_what_others_change(
    clinic: Clinic, served: str, browser: Browser
) -> None:
    dana, priya = (signed_in(browser, served, name) for name in ("dana", "priya"))
    dana.goto("/lists/")
    dana.get_by_role("button", name="I have it: Amelia Hart").click()
    answer, row = dana.locator("#answer"), dana.locator("#lists").get_by_role("listitem", name="Amelia Hart")
    expect(answer).to_be_focused()
    dana.keyboard.press("k")
    expect(row).to_be_focused()
    dana.keyboard.press("j")
    expect(answer).to_be_focused()
    dana.keyboard.press("j")
    expect(answer).not_to_be_focused()
    dana.keyboard.press("k")
    expect(answer).to_be_focused()
    priya.goto("/lists/")
    priya.get_by_role("button", name="I have it: Rosa").first.click()
    expect(dana.get_by_text("Priya has it")).to_be_visible(timeout=15_000)
    expect(answer).to_contain_text("It is yours.")
    expect(answer).to_be_focused()
    dana.keyboard.press("k")
    expect(row).to_be_focused()


@pytest.mark.parametrize("in_the_dark", [False, pytest.param(True, marks=pytest.mark.faults)])
def test_everybody_can_use_them(clinic: Clinic, served: str, browser: Browser, in_the_dark: bool) -> None:
    page = signed_in(browser, served, "dana", in_the_dark=in_the_dark)
    page.goto("/lists/")
    expect(page.locator("#lists-total")).not_to_be_empty()
    is_accessible(page)
    fits_a_phone(page)
    page.locator(".list-counts summary").click()
    expect(page.get_by_role("link", name=re.compile("Waits for the prescriber 1")).first).to_be_visible()
    is_accessible(page)
    photograph(page, f"lists-bar-{'dark' if in_the_dark else 'light'}")
