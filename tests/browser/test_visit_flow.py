"""The nurse's day on tablet and phone: each page fits, is accessible in light and dark, and a visit goes through."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Clinic, Role, Status
from scheduling.visits import record_step
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, is_not_scrolled_sideways, signed_in
from tests.databases import Committed
from tests.factories import SIX, checks_for

pytestmark = pytest.mark.browser
STRICT = SIX | {
    "ride_home": True, "fasting": {"solids_hours": 6, "clear_liquids_hours": 2},
    "observe_minutes": 30, "cleared_by": "prescriber",
}  # fmt: skip
THROUGH = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING)


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    """Open whenever the test runs."""
    # Where it is about noon now, so that no day ends while the test runs.
    hours = round(12 - timezone.now().hour - timezone.now().minute / 60)
    zone = f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"
    clinic = factories.create_clinic(chairs=4, nurses=3, time_zone=zone, opens=time(6), closes=time(22), days=7)
    factories.create_user(clinic, Role.NURSE, username="ana")
    factories.create_user(clinic, Role.PRESCRIBER, username="lee")
    return clinic


def visit_at(clinic: Clinic, start: int, *steps: Status, template: dict[str, object] = SIX) -> Appointment:
    """Booked so many minutes from now, and brought through steps at planned times that are past."""
    now = timezone.now().replace(second=0, microsecond=0)
    grid = now - timedelta(minutes=now.minute % 15) + timedelta(minutes=start)
    order = factories.create_order(clinic, template=template, now=now - timedelta(days=1))
    by = factories.create_actor(clinic, Role.NURSE, Role.FRONT_DESK)
    booked_at = min(grid, now) - timedelta(hours=1)
    [visit] = book_series(order=order, clinic=clinic, picks=[Pick(1, grid)], by=by, now=booked_at)
    for after, to in enumerate(steps):
        at = min(grid + timedelta(minutes=10 * after), now)
        more = factories.IN_ORDER if to == Status.INFUSING else checks_for(to)
        record_step(appointment=visit, to=to, happened_at=at, checks=more, by=by, now=at)
    return visit


def fits_everywhere(page: Page) -> None:
    for width in (390, 768):
        page.set_viewport_size({"width": width, "height": 900})
        is_not_scrolled_sideways(page)
        is_accessible(page)
    fits_a_phone(page)


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.faults)])
def test_a_visit_goes_through_its_day_under_one_thumb(
    browser: Browser, served: str, clinic: Clinic, dark: bool
) -> None:
    coming = visit_at(clinic, 0, template=STRICT)
    visit_at(clinic, -60, *THROUGH, template=STRICT)
    ana = signed_in(browser, served, "ana", in_the_dark=dark)
    ana.goto("/today/")
    fits_everywhere(ana)
    name = coming.patient.shown_name
    ana.get_by_role("link", name=f"Arrived: {name}").click()
    fits_everywhere(ana)
    ana.get_by_role("button", name="Birth date").click()
    ana.get_by_role("button", name=f"Seat: {name}").click()
    ana.get_by_role("link", name=f"Start infusion: {name}").click()
    fits_everywhere(ana)
    ana.get_by_label("Kept", exact=True).check()
    ana.get_by_label("Somebody takes them home").check()
    ana.get_by_text("It happened earlier").click()
    ana.get_by_label("it happened at").fill("23:59")
    ana.get_by_role("button", name="Photo ID").click()
    expect(ana.get_by_label("it happened at")).to_have_accessible_description(re.compile("can't have happened then"))
    expect(ana.get_by_label("it happened at")).to_have_value("23:59")
    fits_everywhere(ana)
    ana.get_by_label("it happened at").fill("")
    ana.get_by_role("button", name="Photo ID").click()
    expect(ana.get_by_role("button", name=f"Take back “infusing”: {name}")).to_be_visible()
    ana.get_by_role("button", name=f"Infusion finished: {name}").click()
    ana.get_by_role("link", name=f"Discharge: {name}").click()
    fits_everywhere(ana)
    ana.get_by_role("link", name="Ends otherwise").click()
    fits_everywhere(ana)
    ana.get_by_label("Left without clearance, or against advice").check()
    ana.get_by_label("Their own wish").check()
    ana.get_by_role("button", name="Write it down").click()
    expect(ana.get_by_text("left without clearance").first).to_be_visible()
    lee = signed_in(browser, served, "lee", in_the_dark=dark)
    lee.goto(f"/clinician/exits/{coming.pk}/")
    fits_everywhere(lee)
    lee.get_by_role("button", name="It counts").click()
    expect(lee.get_by_text("It counts.")).to_be_visible()


def test_who_ate_is_offered_later_times_and_booked_before_they_leave(
    browser: Browser, served: str, clinic: Clinic
) -> None:
    visit = visit_at(clinic, 0, Status.ARRIVED, template=STRICT)
    ana = signed_in(browser, served, "ana")
    ana.goto(f"/visits/{visit.pk}/exit/")
    ana.get_by_label("Not treated today").check()
    ana.get_by_label("Did not keep the fast").check()
    ana.get_by_label("Ate last at").fill(f"{datetime.now(ZoneInfo(clinic.time_zone)):%H}:00")
    ana.get_by_role("button", name="When could they start?").click()
    expect(ana.get_by_text("they could start from")).to_be_visible()
    fits_everywhere(ana)
    ana.get_by_role("button", name="Not treated now, book").first.click()
    expect(ana.get_by_text("Not treated now. Booked again for")).to_be_visible()
    ana.goto("/today/not-on-the-list/")
    fits_everywhere(ana)
