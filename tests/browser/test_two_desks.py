"""Two browsers at one series, and at one visit: one wins, the other is told who did what and goes on from there."""

from __future__ import annotations

import re
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, AskedFor, Clinic, Event, Role, Status
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, signed_in
from tests.databases import Committed
from tests.notifications.world import reachable_patient

pytestmark = pytest.mark.browser
# Visits start at every quarter of an hour: a manager may let another time pass.
OFF_THE_GRID = "10:05"


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=3, nurses=2, closes=time(13), days=7)
    for name in ("dana", "ben"):
        factories.create_user(clinic, Role.FRONT_DESK, username=name)
    return clinic


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    """An infusion at nine, three days ahead."""
    now = timezone.now()
    order = factories.create_order(clinic, reachable_patient(clinic, now=now), now=now)
    day = (now + timedelta(days=3)).astimezone(ZoneInfo(clinic.time_zone))
    nine = day.replace(hour=9, minute=0, second=0, microsecond=0)
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    return book_series(order=order, clinic=clinic, picks=[Pick(1, nine)], by=by, now=now)[0]


def test_of_two_desks_with_one_series_the_second_sees_that_it_is_booked_and_goes_on(
    browser: Browser, served: str, clinic: Clinic
) -> None:
    order = factories.create_order(clinic, reachable_patient(clinic, now=timezone.now()), now=timezone.now())
    one, other = (signed_in(browser, served, name) for name in ("dana", "ben"))
    for desk, wish in ((one, "mon wed fri, first 3"), (other, "mon fri, first 2")):
        desk.goto(f"/series/{order.pk}/book/")
        desk.get_by_label("When can you and your driver come?").fill(wish)
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("button", name="Book Infusions").first).to_be_focused()
    one.keyboard.press("Enter")
    expect(one.get_by_text("Infusions 1–3: booked.")).to_be_visible()
    other.keyboard.press("Enter")
    told = other.get_by_role("main").get_by_role("alert")
    expect(told).to_contain_text("Nothing was booked.")
    expect(told).to_contain_text("Infusion 1 is booked or was given already.")
    expect(other.get_by_label("When can you and your driver come?")).to_have_value("mon fri, first 2")
    expect(told).to_contain_text("booked by Dana")
    expect(told).not_to_contain_text("another visit")
    is_accessible(other)
    other.get_by_role("link", name="Whole series").click()
    expect(other.get_by_text("Infusion 3 of 6")).to_be_visible()
    assert Appointment.objects.filter(order=order).count() == 3


def test_of_two_desks_that_move_one_visit_the_second_sees_who_moved_it_and_keeps_the_time_they_chose(
    browser: Browser, served: str, visit: Appointment
) -> None:
    one, other = (signed_in(browser, served, name) for name in ("dana", "ben"))
    looks_at(one, visit, "10:00")
    looks_at(other, visit, "10:30")
    moves(one)
    other.get_by_role("button", name="Move to").click()
    is_told(other.get_by_role("main"), "moved by Dana")
    expect(other.locator(".from-to")).to_contain_text(re.compile("10:00 AM.*10:30 AM", re.DOTALL))
    is_accessible(other)
    assert start_of(visit) == "10:00"
    assert written(visit) == ["appointment.moved"]
    moves(other)
    assert start_of(visit) == "10:30"


def test_a_reason_half_typed_outlives_a_move_by_another_desk(browser: Browser, served: str, visit: Appointment) -> None:
    one, other = (signed_in(browser, served, name) for name in ("dana", "ben"))
    looks_at(one, visit, "10:00")
    looks_at(other, visit, OFF_THE_GRID)
    other.get_by_label("Why is it wanted?").press_sequentially("Her bus comes at")
    moves(one)
    other.get_by_role("button", name="Ask the manager").click()
    is_told(other.get_by_role("main"), "moved by Dana")
    expect(other.get_by_label("Why is it wanted?")).to_have_value("Her bus comes at")
    expect(other.get_by_role("link", name="Other free times")).to_be_visible()
    is_accessible(other)
    assert start_of(visit) == "10:00"
    assert written(visit) == ["appointment.moved"]
    assert not AskedFor.objects.exists()


def test_a_cancel_beside_the_board_after_a_move_by_another_desk_is_asked_again_with_its_reason(
    browser: Browser, served: str, visit: Appointment
) -> None:
    one, other = (signed_in(browser, served, name) for name in ("dana", "ben"))
    looks_at(one, visit, "10:00")
    other.goto(f"/?day={visit.period.lower.date().isoformat()}#visit-{visit.pk}")
    panel = other.get_by_role("complementary", name="Visit")
    panel.get_by_role("link", name="Cancel the visit").click()
    panel.get_by_label("The patient has no ride home").check()
    moves(one)
    panel.get_by_role("button", name="Cancel the visit").click()
    is_told(panel, "moved by Dana")
    expect(panel.get_by_text("Please look at this again")).to_have_count(0)
    expect(panel.get_by_text("10:00 AM")).to_be_visible()
    expect(panel.get_by_label("The patient has no ride home")).to_be_checked()
    is_accessible(other)
    assert written(visit) == ["appointment.moved"]
    panel.get_by_role("link", name="Keep it").click()
    expect(panel.get_by_role("heading", name="What happens now")).to_be_visible()
    assert (start_of(visit), visit.status) == ("10:00", Status.BOOKED)


def test_a_move_of_a_visit_that_another_desk_cancelled_says_who_and_keeps_what_was_chosen_and_typed(
    browser: Browser, served: str, visit: Appointment
) -> None:
    one, other = (signed_in(browser, served, name) for name in ("dana", "ben"))
    looks_at(other, visit, OFF_THE_GRID)
    other.get_by_label("Why is it wanted?").press_sequentially("Her bus comes at")
    one.goto(f"/visits/{visit.pk}/cancel/")
    one.get_by_label("The patient has no ride home").check()
    one.get_by_role("button", name="Cancel the visit").click()
    expect(one.get_by_text("The visit is cancelled and its time is free.")).to_be_visible()
    other.get_by_role("button", name="Ask the manager").click()
    told = other.get_by_role("main").get_by_role("alert")
    expect(told).to_be_focused()
    expect(told.get_by_role("listitem")).to_have_text(re.compile(r"^\d{1,2}:\d\d [AP]M: cancelled by Dana$"))
    expect(other.get_by_text("You had chosen")).to_contain_text(OFF_THE_GRID)
    expect(other.get_by_label("You had written")).to_have_value("Her bus comes at")
    fits_a_phone(other)
    assert written(visit) == ["appointment.cancelled"]
    assert not AskedFor.objects.exists()
    other.get_by_role("link", name="Book it again").click()
    expect(other.get_by_role("heading", name="Book this visit again?")).to_be_visible()


def looks_at(desk: Page, visit: Appointment, at: str) -> None:
    """What moving it to this time of its day would do, not yet pressed."""
    desk.goto(f"/visits/{visit.pk}/move/")
    another = desk.get_by_role("region", name="Another time")
    another.get_by_label("Day").fill(visit.period.lower.date().isoformat())
    another.get_by_label("Time").fill(at)
    another.get_by_role("button", name="Look at this time").click()
    expect(desk.get_by_role("heading", name="Move this visit?")).to_be_visible()


def moves(desk: Page) -> None:
    desk.get_by_role("button", name="Move to").click()
    expect(desk.get_by_text("Nothing has been sent yet.")).to_be_visible()


def is_told(place: Locator, what: str) -> None:
    """Who did what since the page was opened, and that nothing is lost."""
    told = place.get_by_role("alert").filter(has_text="What you chose is kept")
    expect(told).to_contain_text("Someone changed this visit since you opened it.")
    expect(told.get_by_role("listitem")).to_have_text(re.compile(rf"^\d{{1,2}}:\d\d [AP]M: {what}$"))


def start_of(visit: Appointment) -> str:
    visit.refresh_from_db()
    return f"{visit.period.lower.astimezone(ZoneInfo(visit.time_zone)):%H:%M}"


def written(visit: Appointment) -> list[str]:
    """What was done to it since it was booked."""
    changes = ("appointment.moved", "appointment.cancelled")
    events = Event.objects.filter(appointment=visit, verb__in=changes)
    return list(events.order_by("pk").values_list("verb", flat=True))
