"""What follows infusions, in a real browser: an urgent task on a phone, a call worked, a single infusion ordered."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from notifications.task_alerts import raise_missing
from scheduling.clinician_tasks import open_task
from scheduling.events import Entry, record
from scheduling.models import Clinic, FollowUp, Order, Role, TaskKind
from scheduling.wishes import pass_on_wish
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, signed_in
from tests.databases import Committed
from tests.notifications.world import clinic_that_writes, reachable_patient
from tests.scheduling.given import given_two

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = clinic_that_writes(quiet=False)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    factories.create_user(clinic, Role.NURSE, username="ben")
    factories.create_user(clinic, Role.PRESCRIBER, username="cole")
    return clinic


@pytest.fixture
def order(clinic: Clinic) -> Order:
    """A series that is over, with a call overdue, a review to book, a wish, and an urgent task nobody has."""
    now = timezone.now()
    order = given_two(clinic, reachable_patient(clinic))
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    pass_on_wish(patient=order.patient, clinic=clinic, words="Could I come once more in spring?", by=desk, now=now)
    with transaction.atomic():
        _due(order, "call", now - timedelta(days=1))
        _due(order, "review", now - timedelta(minutes=1))
        entries = open_task(
            TaskKind.ANSWERS, "answers/1", clinic=clinic, patient=order.patient, order=order, is_urgent=True,
            words="An answer asks for a clinician to look at once.", by=factories.system(), now=now,
        )  # fmt: skip
        entries.append(Entry("follow_up.put_off", order_id=order.pk))
        record(organisation_id=clinic.organisation_id, entries=entries, by=factories.system(), now=now)
    raise_missing(now=now)
    return order


def _due(order: Order, kind: str, at: datetime) -> None:
    FollowUp.objects.filter(order=order, kind=kind).update(due_at=at, opened_at=at - timedelta(days=1))


def looks_right(page: Page, name: str) -> None:
    """Accessible and on a phone; with SCREENSHOTS set to a folder a picture of each is kept there."""
    is_accessible(page)
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    fits_a_phone(page)
    if folder:
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 780})
        page.screenshot(path=Path(folder) / f"{name}-phone.png", full_page=True)
        page.set_viewport_size(before or {"width": 1280, "height": 900})


def test_urgent_task_is_seen_taken_and_closed(order: Order, served: str, browser: Browser) -> None:
    page = signed_in(browser, served, "ben")
    expect(page.locator(".urgent").get_by_role("alert")).to_contain_text("Something urgent waits for a clinician")
    page.goto("/clinician/tasks/")
    looks_right(page, "tasks")
    page.locator(".urgent").get_by_role("alert").get_by_role("link").click()
    looks_right(page, "task")
    page.get_by_role("button", name="I have it").click()
    expect(page.locator(".urgent").get_by_role("alert")).to_have_count(0)
    page.get_by_label("What was done?").fill("Spoke with her on the telephone")
    page.get_by_role("button", name="Close this task").click()
    expect(page.get_by_text("Closed lately")).to_be_visible()


def test_call_is_taken_and_made(order: Order, served: str, browser: Browser) -> None:
    page = signed_in(browser, served, "ben")
    page.goto("/clinician/calls/")
    looks_right(page, "follow-up-calls")
    card = page.get_by_role("listitem").filter(has_text="Call on day 1 after Infusion 1 of 2").first
    card.get_by_role("button", name="I'll call").click()
    card.get_by_label("Note for clinical staff").fill("Slept well")
    card.get_by_role("button", name="Spoke with them").click()
    expect(page.get_by_text("Done: you spoke with them.")).to_be_visible()
    expect(page.get_by_text("Call on day 1 after Infusion 1 of 2")).to_have_count(0)


def test_single_infusion_is_ordered_from_the_patients_wish_and_counts_down_at_the_desk(
    order: Order, served: str, browser: Browser
) -> None:
    page = signed_in(browser, served, "cole")
    page.goto("/clinician/tasks/")
    page.get_by_role("link", name="Open: The patient wishes another infusion").click()
    page.get_by_role("link", name="Order a single infusion").click()
    page.get_by_label("Up to so many, within these limits").check()
    page.get_by_label("Up to how many?").fill("3")
    page.get_by_label("At least how many days apart?").fill("21")
    page.get_by_label("None after").fill("2027-06-30")
    looks_right(page, "as-needed")
    page.get_by_role("button", name="Draft the order").click()
    page.get_by_label("Your password").fill("password")
    page.get_by_role("button", name="Sign", exact=True).click()
    desk = signed_in(browser, served, "dana")
    desk.goto("/orders/")
    expect(desk.get_by_text("Booster 1 of 3")).to_be_visible()
    expect(desk.get_by_text("3 of 3 left, until Wednesday, June 30")).to_be_visible()
    expect(desk.get_by_text("A visit with the prescriber")).to_be_visible()
    looks_right(desk, "orders-to-book")
    desk.goto(f"/patients/{order.patient_id}/")
    looks_right(desk, "patient-at-the-desk")
