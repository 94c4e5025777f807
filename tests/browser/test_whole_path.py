"""The whole path in a real browser: signed, booked, on the board, told, confirmed by the patient, seen at the desk."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from notifications.dispatch import dispatch_due
from notifications.models import MessageRules
from notifications.planning import plan_waiting
from scheduling.intervals import Interval
from scheduling.models import Appointment, Clinic, Role
from scheduling.opening_hours import record_closure
from tests import factories
from tests.browser.people import NOT_YET, is_accessible, signed_in
from tests.databases import Committed

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=2, prescribers=2)
    MessageRules.objects.create(
        clinic=clinic, sender_name="Harbor Center", grace_minutes=0, quiet_from=time(0), quiet_until=time(0)
    )
    now = timezone.now()
    record_closure(clinic=clinic, period=Interval(now, now + NOT_YET), by=factories.system(), now=now)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    factories.create_user(clinic, Role.PRESCRIBER, username="lee")
    factories.create_protocol(clinic)
    factories.create_visit_type(clinic)
    return clinic


def take_rosa_down(desk: Page) -> None:
    """The front desk finds nobody, and takes her down from the search."""
    desk.get_by_role("link", name="Patients").click()
    desk.get_by_role("searchbox").fill("Rosa <b>Reyes</b>")
    expect(desk.get_by_text("Nobody is found.")).to_be_visible()
    is_accessible(desk)
    desk.get_by_role("button", name="New patient").click()
    desk.get_by_label("Given name").fill("Rosa")
    desk.get_by_label("Family name").fill("<b>Reyes</b>")
    desk.get_by_label("Birth date").fill("1980-02-03")
    desk.get_by_label("Mobile phone").fill("212 555 0123")
    desk.get_by_label("They said yes").check()
    desk.get_by_role("button", name="Take down and book a visit").click()
    expect(desk.get_by_text("The patient is on file. Which visit do they need?")).to_be_visible()
    is_accessible(desk)


def order_for_rosa(prescriber: Page) -> None:
    """The prescriber approves the plan, orders from it and signs."""
    prescriber.get_by_role("link", name="Prescriber").click()
    prescriber.get_by_role("link", name="Read and approve").click()
    is_accessible(prescriber)
    prescriber.get_by_label("Your password").fill("password")
    prescriber.get_by_role("button", name="Approve for this clinic").click()
    prescriber.get_by_role("link", name="Prescriber").click()
    prescriber.get_by_label("Name, birth date, phone or record number").fill("rosa")
    prescriber.get_by_role("button", name="Find").click()
    is_accessible(prescriber)
    prescriber.get_by_role("link", name="New order for Rosa <b>Reyes</b>").click()
    prescriber.get_by_label("Series of six").check()
    prescriber.get_by_role("button", name="Draft the order").click()
    is_accessible(prescriber)
    prescriber.get_by_label("Your password").fill("password")
    prescriber.get_by_role("button", name="Sign", exact=True).click()
    expect(prescriber.get_by_text("Signed. The front desk can book Rosa <b>Reyes</b> now.")).to_be_visible()


def book_three(desk: Page) -> datetime:
    """The desk books the first proposal; when the first visit begins."""
    pages = desk.get_by_role("navigation", name="Pages")
    pages.get_by_text("More", exact=True).click()
    pages.get_by_role("link", name="Orders to book").click()
    is_accessible(desk)
    desk.get_by_role("link", name="Book for Rosa <b>Reyes</b>").click()
    is_accessible(desk)
    desk.get_by_role("button", name="Book Infusions 1–3").first.click()
    expect(desk.get_by_text("Infusions 1–3: booked.")).to_be_visible()
    expect(desk.get_by_text("The patient is told by text in a few minutes.")).to_be_visible()
    is_accessible(desk)
    first = Appointment.objects.order_by("period").first()
    assert first is not None
    start: datetime = first.period.lower
    return start


def place_of(desk: Page) -> int:
    """How far the board is scrolled down."""
    return int(desk.evaluate("document.getElementById('board').scrollTop"))


def tell() -> None:
    """What the worker does: plan and send what is due."""
    plan_waiting(now=timezone.now())
    dispatch_due(clock=timezone.now, until=timezone.now() + timedelta(seconds=10))


def test_signed_order_is_booked_told_and_confirmed_before_the_desks_eyes(browser: Browser, served: str) -> None:
    desk = signed_in(browser, served, "dana")
    take_rosa_down(desk)
    order_for_rosa(signed_in(browser, served, "lee"))
    first = book_three(desk)
    tell()
    desk.goto(f"/?day={timezone.localtime(first, timezone.get_fixed_timezone(-300)):%Y-%m-%d}")
    visit = desk.get_by_role("listitem").filter(has=desk.get_by_role("link", name="Rosa <b>Reyes</b>"))
    expect(visit).to_contain_text("Infusion 1 of 6")
    expect(visit).to_contain_text("booked")
    is_accessible(desk)
    focused = visit.get_by_role("link").get_attribute("id")
    visit.get_by_role("link").focus()
    desk.evaluate("document.getElementById('board').scrollTo(0, 90)")
    before = place_of(desk)
    assert before == 90
    link = signed_in(browser, served, "dana")
    link.goto("/outbox/")
    is_accessible(link)
    address = link.get_by_role("link", name="/v/").first.get_attribute("href")
    patient = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}).new_page()
    patient.goto(str(address))
    assert "Rosa" not in patient.content()
    patient.get_by_role("button", name="I'm coming", exact=True).first.click()
    expect(patient.get_by_text("Thank you. We look forward to seeing you.")).to_be_visible()
    # Nobody loads the board again: it asks by itself, and keeps its place.
    expect(visit).to_contain_text("confirmed", timeout=4000)
    assert (place_of(desk), desk.evaluate("document.activeElement.id")) == (before, str(focused))
    visit.get_by_role("link").click()
    desk.get_by_role("link", name="Whole page").click()
    expect(desk.get_by_role("heading", name="Rosa <b>Reyes</b>", level=1)).to_be_visible()
    expect(desk.get_by_role("heading", name="History")).to_be_visible()
    expect(desk.get_by_text("by the patient", exact=True)).to_be_visible()
    is_accessible(desk)
