"""The board in a real browser: a visit beside it, changes by others, a lost network, the screen on the wall."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from notifications.models import QuickReply
from scheduling.models import Appointment, Clinic, Role
from scheduling.visits import confirm
from tests import factories
from tests.browser.people import NOT_YET, fits_a_phone, is_accessible, signed_in
from tests.databases import Committed
from tests.web.pages import book

pytestmark = pytest.mark.browser
# Changes by others are seen within this, and a machine that runs tests beside it takes its time.
SEEN = 4000
# Of a tall day there is something to scroll to.
DOWN = 90


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=3, nurses=2, days=7)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    return clinic


@pytest.fixture
def visits(clinic: Clinic) -> list[Appointment]:
    """Of two who are easily mixed up."""
    now, found = timezone.now(), []
    for given in ("Maria", "Marta"):
        patient = factories.create_patient(clinic, given_name=given, family_name="Gomez")
        found += book(factories.create_order(clinic, patient), clinic, how_many=1, now=now, ahead=NOT_YET)
    return found


@pytest.fixture
def desk(visits: list[Appointment], served: str, browser: Browser) -> Page:
    page = signed_in(browser, served, "dana")
    page.goto(address_of(visits[0]))
    return page


def address_of(visit: Appointment, view: str = "chairs") -> str:
    start: datetime = visit.period.lower
    return f"/?day={start.astimezone(ZoneInfo(visit.time_zone)):%Y-%m-%d}&view={view}"


def beside(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Visit")


def scroll_down(page: Page) -> None:
    page.evaluate(f"document.getElementById('board').scrollTo(0, {DOWN})")


def scrolled(page: Page) -> int:
    return int(page.evaluate("document.getElementById('board').scrollTop"))


def test_a_visit_opens_beside_the_board_which_keeps_its_place(desk: Page) -> None:
    maria = desk.get_by_role("link", name="Maria Gomez")
    is_accessible(desk)
    maria.focus()
    scroll_down(desk)
    desk.keyboard.press("Enter")
    expect(beside(desk).get_by_role("heading", name="Maria Gomez")).to_be_focused()
    expect(desk).to_have_url(re.compile(r"/\?day=[\d-]+&view=chairs#visit-\d+$"))
    assert scrolled(desk) == DOWN
    is_accessible(desk)
    desk.keyboard.press("Escape")
    expect(beside(desk)).to_be_hidden()
    expect(maria).to_be_focused()
    assert scrolled(desk) == DOWN


def test_long_approved_words_do_not_make_the_visit_wider_than_its_place(clinic: Clinic, desk: Page) -> None:
    manager = factories.create_user(clinic, Role.MANAGER)
    body = "Please ask that on the telephone, so that we can look it up for you and call you back today."
    QuickReply.objects.create(clinic=clinic, language="en", body=body, approved_by=manager, approved_at=timezone.now())
    desk.set_viewport_size({"width": 1280, "height": 860})
    desk.get_by_role("link", name="Maria Gomez").click()
    expect(beside(desk).get_by_label("Write to the patient")).to_be_visible()
    assert beside(desk).evaluate("place => place.scrollWidth <= place.clientWidth")


def test_a_step_that_asks_nothing_is_done_beside_the_board(desk: Page, visits: list[Appointment]) -> None:
    desk.get_by_role("link", name="Marta Gomez").click()
    beside(desk).get_by_role("button", name="Confirmed by phone").click()
    expect(beside(desk).get_by_text("Confirmed.", exact=True)).to_be_visible()
    expect(desk.locator(f"#board [data-visit='{visits[1].pk}']")).to_contain_text("confirmed", timeout=SEEN)
    expect(beside(desk).get_by_text("confirmed", exact=True).first).to_be_visible()
    desk.reload()
    expect(beside(desk).get_by_role("heading", name="Marta Gomez")).to_be_visible()
    desk.evaluate("window.stayed = true")
    beside(desk).get_by_role("link", name="Close").click()
    expect(beside(desk)).to_be_hidden()
    expect(desk.get_by_role("link", name="Marta Gomez")).to_be_focused()
    assert desk.evaluate("window.stayed"), "the board was loaded again"


def test_what_others_change_is_seen_and_nothing_that_is_typed_is_lost(
    desk: Page, clinic: Clinic, visits: list[Appointment]
) -> None:
    desk.get_by_role("link", name="Maria Gomez").click()
    expect(beside(desk).get_by_text("booked", exact=True).first).to_be_visible()
    desk.get_by_label("Go to a day").fill("2027-01-04")
    confirm(appointment=visits[0], how="desk", by=factories.create_actor(clinic, Role.FRONT_DESK), now=timezone.now())
    expect(desk.locator(f"#board [data-visit='{visits[0].pk}']")).to_contain_text("confirmed", timeout=SEEN)
    expect(beside(desk).get_by_text("confirmed", exact=True).first).to_be_visible()
    expect(desk.get_by_label("Go to a day")).to_have_value("2027-01-04")
    expect(desk.get_by_label("Go to a day")).to_be_focused()


def test_without_a_network_the_board_stays_and_says_since_when(
    desk: Page, clinic: Clinic, visits: list[Appointment]
) -> None:
    lost = desk.get_by_text("No connection. This is the board as of")
    expect(lost).to_be_hidden()
    desk.context.set_offline(True)
    expect(lost).to_be_visible(timeout=SEEN)
    expect(lost).to_have_text(re.compile(r"as of \d{1,2}:\d\d [AP]M;"))
    expect(desk.get_by_role("link", name="Maria Gomez")).to_be_visible()
    expect(desk.get_by_text("The server could not be reached.")).to_be_hidden()
    is_accessible(desk)
    confirm(appointment=visits[0], how="desk", by=factories.create_actor(clinic, Role.FRONT_DESK), now=timezone.now())
    desk.context.set_offline(False)
    expect(lost).to_be_hidden(timeout=SEEN)
    expect(desk.locator(f"#board [data-visit='{visits[0].pk}']")).to_contain_text("confirmed")


def test_initials_and_the_list_on_a_phone(desk: Page, visits: list[Appointment]) -> None:
    desk.get_by_role("button", name="Initials").click()
    expect(desk.get_by_role("button", name="Initials")).to_have_attribute("aria-pressed", "true")
    expect(desk.get_by_role("link", name="M. G.")).to_have_count(2)
    assert "Gomez" not in desk.content()
    desk.goto(address_of(visits[0], "list"))
    fits_a_phone(desk)
    assert "Gomez" not in desk.content()


def test_the_screen_on_the_wall_stays_on_when_nobody_is_signed_in(desk: Page, visits: list[Appointment]) -> None:
    desk.goto("/station/")
    is_accessible(desk)
    desk.get_by_role("button", name="Make this browser the screen").click()
    expect(desk.get_by_role("button", name="End this screen")).to_be_visible()
    is_accessible(desk)
    assert "Gomez" not in desk.content()
    desk.emulate_media(color_scheme="dark")
    desk.reload()
    is_accessible(desk)
    desk.goto("/")
    expect(desk).to_have_url(re.compile("/sign-in/"))
    desk.goto("/station/today/")
    expect(desk.get_by_role("button", name="End this screen")).to_be_visible()


def test_the_board_and_the_sheet_need_no_scripts(
    visits: list[Appointment], served: str, browser: Browser, desk: Page
) -> None:
    session = desk.context.cookies()
    context = browser.new_context(base_url=served, java_script_enabled=False)
    context.add_cookies([{"name": one["name"], "value": one["value"], "url": served} for one in session])
    page = context.new_page()
    page.goto(address_of(visits[0]))
    page.get_by_role("link", name="Maria Gomez").click()
    expect(page).to_have_url(re.compile(rf"/visits/{visits[0].pk}/$"))
    page.goto("/board/sheet/")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("heading", name="Sheet to print")).to_be_visible()


def test_the_sheet_is_accessible_and_prints_without_the_bar(desk: Page) -> None:
    desk.goto("/board/sheet/")
    is_accessible(desk)
    desk.emulate_media(media="print")
    expect(desk.get_by_role("button", name="Print")).to_be_hidden()
    expect(desk.get_by_role("navigation", name="Pages")).to_be_hidden()
