"""Picking a visit up on the board by mouse and by keys, seeing what it would do, and taking it back."""

from __future__ import annotations

import re
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, Route, expect

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Clinic, Role
from scheduling.running_late import note_late
from tests import factories
from tests.browser.people import is_accessible, signed_in
from tests.databases import Committed
from tests.notifications.world import reachable_patient

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=3, nurses=2, closes=time(13), days=7)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    return clinic


@pytest.fixture
def visits(clinic: Clinic) -> list[Appointment]:
    """Three infusions of one patient at nine, from three days ahead."""
    now = timezone.now()
    order = factories.create_order(clinic, reachable_patient(clinic, now=now), now=now)
    zone = ZoneInfo(clinic.time_zone)
    first = (now + timedelta(days=3)).astimezone(zone).replace(hour=9, minute=0, second=0, microsecond=0)
    picks = [Pick(number, first + timedelta(days=3 * (number - 1))) for number in (1, 2, 3)]
    return book_series(
        order=order, clinic=clinic, picks=picks, by=factories.create_actor(clinic, Role.FRONT_DESK), now=now
    )


def board(browser: Browser, served: str, visit: Appointment, *, dark: bool = False) -> Page:
    page = signed_in(browser, served, "dana", in_the_dark=dark)
    page.goto(f"/?day={visit.period.lower.date().isoformat()}")
    return page


def block(page: Page, visit: Appointment) -> Locator:
    return page.locator(f'#board [data-visit="{visit.pk}"]')


def kept_by(page: Page) -> str:
    """All that the browser keeps of our pages after they are gone."""
    return str(page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])"))


def said(page: Page) -> Locator:
    return page.locator(".carrying")


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.faults)])
def test_a_visit_is_moved_by_keys_and_taken_back(
    browser: Browser, served: str, visits: list[Appointment], dark: bool
) -> None:
    visit = visits[2]
    page = board(browser, served, visit, dark=dark)
    page.locator(f"#visit-{visit.pk}").focus()
    page.keyboard.press("m")
    expect(said(page)).to_contain_text("will do. Arrow keys choose, Enter drops, Escape gives up.")
    page.keyboard.press("ArrowDown")
    expect(said(page)).to_have_text("9:15 AM")
    is_accessible(page)
    page.keyboard.press("Escape")
    expect(said(page)).to_have_text("Given up. Nothing was moved.")
    expect(page.locator(f"#visit-{visit.pk}")).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator(".places")).to_be_visible()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Move this visit?")).to_be_focused()
    assert Appointment.objects.get(pk=visit.pk).period.lower == visit.period.lower
    is_accessible(page)
    panel = page.get_by_role("complementary", name="Visit")
    panel.get_by_role("button", name="Move to").click()
    expect(panel.get_by_text("Nothing has been sent yet.")).to_be_visible()
    expect(page.locator(".landing")).to_have_count(0)
    is_accessible(page)
    panel.get_by_role("button", name="Undo (until").click()
    expect(panel.get_by_text("Taken back:")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/\?day=[\d-]+#visit-{visit.pk}$"))
    nothing_is_kept_on_the_way_to_another_page_and_back(page, visit)


def nothing_is_kept_on_the_way_to_another_page_and_back(page: Page, visit: Appointment) -> None:
    """Not even by HTMX, which keeps a copy of each page that it leaves where a link lets it."""
    assert visit.patient.family_name not in kept_by(page)
    patients = page.get_by_role("link", name="Patients", exact=True)
    patients.evaluate("link => { link.setAttribute('hx-boost', 'true'); htmx.process(link); }")
    patients.click()
    expect(page).to_have_url(re.compile("/patients/$"))
    expect(page.get_by_role("heading", name="Patients", exact=True)).to_be_visible()
    assert visit.patient.family_name not in kept_by(page)
    page.go_back()
    expect(page.locator("#board")).to_have_count(1)
    expect(page.locator("main")).to_have_count(1)
    expect(page.locator(f"#visit-{visit.pk}")).to_be_visible()


def test_what_came_of_a_press_stays_where_the_board_hears_of_it_before_the_answer_is_there(
    browser: Browser, served: str, visits: list[Appointment]
) -> None:
    visit = visits[2]
    page = board(browser, served, visit)
    page.locator(f"#visit-{visit.pk}").click()
    panel = page.get_by_role("complementary", name="Visit")
    block_of = page.locator(f'#board [data-visit="{visit.pk}"]')
    before = block_of.get_attribute("data-version")

    def late(route: Route) -> None:
        answer = route.fetch()
        expect(block_of).not_to_have_attribute("data-version", str(before))
        page.wait_for_timeout(500)
        route.fulfill(response=answer)

    page.route("**/confirm/", late)
    panel.get_by_role("button", name="Confirmed by phone").click()
    confirmed = panel.get_by_role("status").get_by_text("Confirmed.")
    expect(confirmed).to_be_visible()
    by = factories.create_actor(visit.clinic, Role.FRONT_DESK)
    visit.refresh_from_db()
    note_late(appointment=visit, minutes=15, how="desk", by=by, now=timezone.now())
    expect(panel.get_by_text("late").first).to_be_visible()
    expect(confirmed).to_be_visible()


def test_a_visit_is_dragged_and_elsewhere_it_is_said_why_not(
    browser: Browser, served: str, visits: list[Appointment]
) -> None:
    visit = visits[0]
    page = board(browser, served, visit)
    box = block(page, visit).bounding_box()
    assert box
    an_hour = box["height"] / 2
    page.mouse.move(box["x"] + 60, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 30)
    expect(page.locator(".places")).to_be_visible()
    page.mouse.move(box["x"] + 60, box["y"] + 10 + 3 * an_hour)
    expect(page.locator(".landing--bad")).to_be_visible()
    expect(said(page)).to_contain_text("1:00 PM")
    page.mouse.move(box["x"] + 60, box["y"] + 10 + an_hour)
    expect(said(page)).to_have_text("10:00 AM")
    page.mouse.up()
    expect(page.get_by_role("heading", name="Move this visit?")).to_be_visible()
    panel = page.get_by_role("complementary", name="Visit")
    panel.get_by_role("button", name="Move to").click()
    expect(panel.get_by_text("Nothing has been sent yet.")).to_be_visible()
    expect(panel.get_by_text("10:00 AM – 12:00 PM")).to_be_visible()
    visit.refresh_from_db()
    assert visit.period.lower.astimezone(ZoneInfo(visit.time_zone)).hour == 10


def test_two_desks_the_second_is_told_who_did_what_and_keeps_what_was_chosen(
    browser: Browser, served: str, visits: list[Appointment]
) -> None:
    visit = visits[2]
    one, other = board(browser, served, visit), board(browser, served, visit)
    for page in (one, other):
        page.goto(f"/visits/{visit.pk}/cancel/")
    one.goto(f"/visits/{visit.pk}/")
    one.get_by_role("button", name="Confirmed by phone").click()
    other.get_by_label("The patient has no ride home").check()
    other.get_by_role("button", name="Cancel the visit").click()
    expect(other.get_by_text("What you chose is kept")).to_be_visible()
    expect(other.get_by_label("The patient has no ride home")).to_be_checked()
    other.get_by_role("button", name="Cancel the visit").click()
    expect(other.get_by_text("The visit is cancelled and its time is free.")).to_be_visible()
