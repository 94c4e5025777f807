"""Journeys in a real browser: kept, booked, moved, cancelled and had again; and a nurse who falls ill."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Clinic, Order, Role
from scheduling.proposals import propose_series
from scheduling.series_terms import Wish
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, signed_in
from tests.databases import Committed

pytestmark = pytest.mark.browser
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=2, nurses=1, prescribers=2)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    factories.create_user(clinic, Role.MANAGER, username="priya")
    return clinic


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic, now=timezone.now())


def pages_are_accessible(page: Page) -> None:
    is_accessible(page)
    fits_a_phone(page)


def first_visit(order: Order) -> Appointment:
    return Appointment.objects.filter(order=order, status="booked").order_by("period")[0]


def test_series_is_kept_booked_moved_cancelled_and_had_again(browser: Browser, served: str, order: Order) -> None:
    desk = signed_in(browser, served, "dana")
    desk.goto(f"/series/{order.pk}/book/?weekdays=tue&weekdays=thu&how_many=2&time=10:00")
    pages_are_accessible(desk)
    keep(desk)
    expect(desk.get_by_role("region", name="Kept times")).to_contain_text("Kept with her sister.")
    pages_are_accessible(desk)
    desk.get_by_role("region", name="Kept times").get_by_role("button", name="Book").click()
    expect(desk.get_by_text("Infusions 1–2: booked.")).to_be_visible()
    pages_are_accessible(desk)
    visit = first_visit(order)
    move(desk, visit)
    cancel_and_have_again(desk, visit)


def keep(desk: Page) -> None:
    """By keyboard alone: open what keeps the first proposal's times, say with whom, press Keep."""
    opener = desk.locator("summary", has_text="Keep these times").first
    opener.focus()
    desk.keyboard.press("Enter")
    with_whom = desk.get_by_label("Kept with whom?").first
    with_whom.focus()
    desk.keyboard.type("her sister")
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("button", name=re.compile("^Keep Infusions 1–2")).first).to_be_focused()
    desk.keyboard.press("Enter")


def move(desk: Page, visit: Appointment) -> None:
    desk.goto(f"/visits/{visit.pk}/")
    pages_are_accessible(desk)
    desk.get_by_role("link", name="Move", exact=True).click()
    pages_are_accessible(desk)
    desk.get_by_label("Day", exact=True).fill(f"{visit.period.lower.astimezone(NEW_YORK):%Y-%m-%d}")
    desk.get_by_label("Time", exact=True).fill("23:00")
    desk.get_by_role("button", name="Look at this time").click()
    expect(desk.get_by_role("main").get_by_role("alert")).to_contain_text("The clinic closes at 6:00 PM")
    pages_are_accessible(desk)
    desk.get_by_role("link", name=re.compile("^Take ")).first.click()
    pages_are_accessible(desk)
    desk.get_by_role("button", name=re.compile("^Move to ")).click()
    expect(desk.get_by_text(re.compile("^Moved to "))).to_be_visible()


def cancel_and_have_again(desk: Page, visit: Appointment) -> None:
    visit.refresh_from_db()
    moved_to: datetime = visit.period.lower
    desk.get_by_role("link", name="Cancel the visit").click()
    desk.get_by_label("The patient has no ride home").check()
    desk.get_by_role("button", name="Cancel the visit").click()
    desk.get_by_role("link", name="Book it again").click()
    pages_are_accessible(desk)
    desk.get_by_role("button", name="Book it again").click()
    expect(desk.get_by_text(re.compile("^Booked again: "))).to_be_visible()
    visit.refresh_from_db()
    assert (visit.status, visit.period.lower) == ("booked", moved_to)


@pytest.mark.faults
def test_other_pages_are_accessible_in_the_dark_too(
    browser: Browser, served: str, clinic: Clinic, order: Order
) -> None:
    factories.create_user(clinic, Role.NURSE, Role.MANAGER, username="ben")
    factories.create_visit_type(clinic)
    book_on_two_days(order, clinic)
    page = signed_in(browser, served, "ben", in_the_dark=True)
    day = first_visit(order).period.lower.astimezone(NEW_YORK)
    for path in (
        f"/series/{order.pk}/move-rest/?from=1",
        f"/series/{order.pk}/cancel-rest/?from=1",
        f"/series/{order.pk}/book/?weekdays=mon&how_many=4",
        f"/series/{order.pk}/ask/?what=3&day={day:%Y-%m-%d}&time=06:00",
        f"/patients/{order.patient_id}/visit/?keep=on",
        f"/patients/{order.patient_id}/visit/ask/?what=0&day=x&time=y",
        "/questions/",
        "/absences/block/",
        "/absences/close/",
        f"/posts/?day={day:%Y-%m-%d}",
        "/today/",
    ):
        page.goto(path)
        pages_are_accessible(page)


def book_on_two_days(order: Order, clinic: Clinic) -> list[Appointment]:
    """The first two infusions, on a Tuesday and a Thursday."""
    now, by = timezone.now(), factories.create_actor(clinic, Role.FRONT_DESK)
    wish = Wish(weekdays=frozenset({"tue", "thu"}))
    found = propose_series(order=order, clinic=clinic, wish=wish, how_many=2, count=1, now=now)
    picks = [Pick(visit.number, visit.start) for visit in found.proposals[0].visits]
    return book_series(order=order, clinic=clinic, picks=picks, by=by, now=now)


def test_nurse_falls_ill_and_the_visits_are_shown_before_and_listed_after(
    browser: Browser, served: str, clinic: Clinic, order: Order
) -> None:
    visits = book_on_two_days(order, clinic)
    day = f"{visits[0].period.lower.astimezone(NEW_YORK):%Y-%m-%d}"
    manager = signed_in(browser, served, "priya")
    manager.get_by_role("link", name="Staff and chairs").click()
    pages_are_accessible(manager)
    manager.get_by_role("link", name="Away or out of service").click()
    pages_are_accessible(manager)
    manager.get_by_label("Who or what?").select_option(label="Nurse 1")
    manager.get_by_label("away", exact=True).check()
    manager.get_by_label("From").fill(day)
    manager.get_by_label("To", exact=True).fill(day)
    manager.get_by_role("button", name="Show what it affects").click()
    affected = manager.get_by_role("region", name="Visits it affects")
    expect(affected).to_contain_text("The nurse of this visit is away.")
    expect(affected).to_contain_text("Nearest free times:")
    expect(affected.get_by_role("listitem")).to_have_count(1)
    pages_are_accessible(manager)
    manager.get_by_role("button", name="Write it down").click()
    expect(manager.get_by_text("Written down.")).to_be_visible()
    pages_are_accessible(manager)
    manager.get_by_role("link", name=f"Move: {order.patient.shown_name}").click()
    manager.locator(".openings").get_by_role("link").last.click()
    manager.get_by_role("button", name=re.compile("^Move to ")).click()
    expect(manager.get_by_text(re.compile("^Moved to "))).to_be_visible()
    manager.get_by_role("link", name="Staff and chairs").click()
    expect(manager.get_by_text("Every booked visit has its people, its chair and its hours.")).to_be_visible()
    manager.get_by_role("button", name=re.compile("^(There again now|Take it back) Nurse 1")).click()
    expect(manager.get_by_text("Everybody and everything is there.")).to_be_visible()
