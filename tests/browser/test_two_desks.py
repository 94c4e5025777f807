"""Two browsers at one series, and at one visit: one wins, the other is told who did what and goes on from there."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Clinic, Role
from tests import factories
from tests.browser.people import is_accessible, signed_in
from tests.databases import Committed
from tests.notifications.world import reachable_patient

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=3, nurses=2, closes=time(13), days=7)
    for name in ("dana", "ben"):
        factories.create_user(clinic, Role.FRONT_DESK, username=name)
    return clinic


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
    browser: Browser, served: str, clinic: Clinic
) -> None:
    now = timezone.now()
    zone = ZoneInfo(clinic.time_zone)
    order = factories.create_order(clinic, reachable_patient(clinic, now=now), now=now)
    first = (now + timedelta(days=3)).astimezone(zone).replace(hour=9, minute=0, second=0, microsecond=0)
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    visit = book_series(order=order, clinic=clinic, picks=[Pick(1, first)], by=by, now=now)[0]
    one, other = (signed_in(browser, served, name) for name in ("dana", "ben"))
    for desk, at in ((one, "10:00"), (other, "10:30")):
        desk.goto(f"/visits/{visit.pk}/move/")
        another = desk.get_by_role("region", name="Another time")
        another.get_by_label("Day").fill(first.date().isoformat())
        another.get_by_label("Time").fill(at)
        another.get_by_role("button", name="Look at this time").click()
        expect(desk.get_by_role("heading", name="Move this visit?")).to_be_visible()
    one.get_by_role("button", name="Move to").click()
    expect(one.get_by_text("Nothing has been sent yet.")).to_be_visible()
    other.get_by_role("button", name="Move to").click()
    other.wait_for_load_state()
    main = other.get_by_role("main")
    expect(main.get_by_text("dana")).to_be_visible()
    is_accessible(other)
    moved = Appointment.objects.get(pk=visit.pk)
    assert moved.period.lower == first.replace(hour=10)
    other.get_by_role("button", name="Move to").click()
    expect(other.get_by_text("Nothing has been sent yet.")).to_be_visible()
    moved.refresh_from_db()
    assert moved.period.lower == first.replace(hour=10, minute=30)
