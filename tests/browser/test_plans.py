"""Plans and what they ask for, in a real browser: run after, said to be there, huddled over, drafted and approved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, Clinic, Order, ProtocolVersion, Role
from scheduling.prerequisites import record_met
from scheduling.proposals import propose_series
from scheduling.series_terms import Wish
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, signed_in
from tests.databases import Committed
from tests.factories import SIX

pytestmark = pytest.mark.browser
PLAN: dict[str, Any] = SIX | {
    "ride_home": True,
    "fasting": {"solids_hours": 6, "clear_liquids_hours": 2},
    "prerequisites": [
        {"code": "form", "name": "intake form", "kind": "form", "hours_before": 24, "chase_days": 30},
        {"code": "payer", "name": "insurance authorisation", "counts_visits": True, "chase_days": 30},
        {"code": "labs", "name": "labs", "kind": "labs", "met_by": ["nurse"], "chase_days": 30},
    ],
    "visit_tasks": [{"code": "form-after", "name": "monitoring form", "within_days": 7}],
    "instructions": {"en": "Somebody has to take you home."},
}


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=4, nurses=2)
    people = {"dana": Role.FRONT_DESK, "ana": Role.NURSE, "cole": Role.PRESCRIBER, "priya": Role.MANAGER}
    for name, role in people.items():
        factories.create_user(clinic, role, username=name)
    return clinic


def looks_right(page: Page, name: str) -> None:
    """Accessible and on a phone; with SCREENSHOTS set to a folder pictures are kept there."""
    is_accessible(page)
    fits_a_phone(page)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"plans-{name}.png", full_page=True)
        page.set_viewport_size({"width": 320, "height": 800})
        page.screenshot(path=Path(folder) / f"plans-{name}-320.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})


def booked(order: Order, clinic: Clinic, how_many: int) -> list[Appointment]:
    now, by = timezone.now(), factories.create_actor(clinic, Role.FRONT_DESK)
    found = propose_series(order=order, clinic=clinic, wish=Wish(), how_many=how_many, count=1, now=now)
    picks = [Pick(visit.number, visit.start) for visit in found.proposals[0].visits]
    return book_series(order=order, clinic=clinic, picks=picks, by=by, now=now)


def test_what_is_missing_is_run_after_and_said_to_be_there(browser: Browser, served: str, clinic: Clinic) -> None:
    now = timezone.now()
    rosa = factories.create_patient(clinic, given_name="Rosa", family_name="Reyes")
    order = factories.create_order(clinic, rosa, template=PLAN, now=now)
    visits = booked(order, clinic, 3)
    record_met(
        order=order, code="payer", first=now.date(), visits=2, by=factories.create_actor(clinic, Role.NURSE), now=now
    )
    desk = signed_in(browser, served, "dana")
    pages = desk.get_by_role("navigation", name="Pages")
    pages.get_by_text("More", exact=True).click()
    pages.get_by_role("link", name="Not ready").click()
    looks_right(desk, "not-ready")
    first = desk.get_by_role("listitem").filter(has_text="Infusion 1 of 6").first
    first.get_by_role("button", name="It is there: intake form, Rosa Reyes").click()
    expect(desk.get_by_text("Written down: it is there.")).to_be_visible()
    desk.goto(f"/series/{order.pk}/")
    looks_right(desk, "series")
    desk.get_by_role("link", name="What is needed before").click()
    desk.get_by_role("region", name="Insurance authorisation").get_by_text("Write down").click()
    looks_right(desk, "before-visits")
    desk.goto(f"/series/{order.pk}/book/")
    expect(desk.get_by_text("Labs: not there yet, needed before infusion 4.").first).to_be_visible()
    looks_right(desk, "book")
    desk.goto(f"/?day={visits[2].period.lower:%Y-%m-%d}")
    expect(desk.get_by_text("waiting for insurance authorisation and labs")).to_be_visible()
    looks_right(desk, "board")
    nurse = signed_in(browser, served, "ana", in_the_dark=True)
    nurse.goto(f"/huddle/?day={visits[2].period.lower:%Y-%m-%d}")
    looks_right(nurse, "huddle-dark")
    nurse.goto("/due/")
    looks_right(nurse, "due-dark")


def test_plan_is_drafted_by_the_manager_and_approved_by_the_prescriber(
    browser: Browser, served: str, clinic: Clinic
) -> None:
    factories.create_draft(clinic, template=PLAN)
    manager = signed_in(browser, served, "priya")
    manager.goto("/clinician/plans/")
    looks_right(manager, "list")
    manager.get_by_role("link", name="Series of six", exact=True).click()
    looks_right(manager, "versions")
    manager.get_by_role("link", name="Draft the next version").click()
    manager.get_by_label("Most infusions that an order may have").fill("4")
    manager.get_by_role("button", name="Check and keep as a draft").click()
    expect(manager.get_by_text("is at most 4 (doses_at_most), not 6").first).to_be_visible()
    looks_right(manager, "draft-refused")
    manager.get_by_label("Most infusions that an order may have").fill("8")
    manager.get_by_label("Hours without solid food before").fill("8")
    manager.get_by_role("button", name="Check and keep as a draft").click()
    expect(manager.get_by_text("A prescriber has to approve it")).to_be_visible()
    looks_right(manager, "version")
    doctor = signed_in(browser, served, "cole")
    doctor.goto("/clinician/plans/")
    doctor.get_by_role("link", name="Read the draft of Series of six").click()
    doctor.get_by_role("link", name="Approve", exact=True).click()
    looks_right(doctor, "approve")
    doctor.get_by_label("Your password").fill("password")
    doctor.get_by_role("button", name="Approve for this clinic").click()
    expect(doctor.get_by_text("Orders can be made from it.")).to_be_visible()
    assert ProtocolVersion.objects.latest("number").is_approved
