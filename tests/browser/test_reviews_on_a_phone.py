"""A prescriber's phone: the inbox, one review on one screen, a stop whose effect is shown first, a word to sign."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, ViewportSize, expect

from scheduling.booking import Pick, book_series
from scheduling.clinic_time import ClinicTime
from scheduling.models import Clinic, Decision, GateDecision, Order, OrderState, Role, Status, User
from scheduling.visits import record_step
from tests import factories
from tests.browser.people import fits_a_phone, signed_in
from tests.databases import Committed
from tests.scheduling.reviewed import hear, say, with_limit

pytestmark = pytest.mark.browser
THROUGH_THE_DAY = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.COMPLETED)
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=4, nurses=3)
    factories.create_user(clinic, Role.PRESCRIBER, username="cole")
    factories.create_user(clinic, Role.PRESCRIBER, username="okafor")
    factories.create_user(clinic, Role.NURSE, username="kim")
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    return clinic


def weekdays_before(clinic: Clinic, now: datetime, count: int) -> list[datetime]:
    """Ten in the morning of the last weekdays, two or more days apart."""
    clock = ClinicTime(clinic.time_zone)
    day, found = clock.local_day(now), list[datetime]()
    while len(found) < count:
        day -= timedelta(days=1)
        far = not found or (clock.local_day(found[0]) - day).days >= 2
        if day.weekday() < 5 and far:
            found.insert(0, clock.day_start(day) + timedelta(hours=10))
    return found


def due_since_days(clinic: Clinic, name: str, *, limit: int | None, hour: int) -> Order:
    """Three infusions given on past days, the next two booked: the review is due."""
    now = timezone.now()
    given = [start + timedelta(hours=hour) for start in weekdays_before(clinic, now, 3)]
    patient = factories.create_patient(clinic, given_name=name)
    order = factories.create_order(clinic, patient, template=with_limit(limit), now=given[0] - timedelta(days=1))
    desk, nurse = factories.create_actor(clinic, Role.FRONT_DESK), factories.create_actor(clinic, Role.NURSE)
    before = given[0] - timedelta(hours=20)
    picks = [Pick(number, start) for number, start in enumerate(given, start=1)]
    for visit in book_series(order=order, clinic=clinic, picks=picks, by=desk, now=before):
        for step in THROUGH_THE_DAY:
            at = visit.period.lower
            said = factories.checks_for(step)
            record_step(appointment=visit, to=step, checks=said, happened_at=at, by=nurse, now=at)
    return order


def test_reviews_are_decided_on_a_phone(browser: Browser, served: str, clinic: Clinic) -> None:
    first = due_since_days(clinic, "Rosa", limit=0, hour=0)
    second = due_since_days(clinic, "Walter", limit=9, hour=3)
    cole, okafor = User.objects.get(username="cole"), User.objects.get(username="okafor")
    kim, now = User.objects.get(username="kim"), timezone.now()
    say(first, Decision.CONTINUE_CHANGED, okafor, clinic, note="Three days apart from the fourth on.", now=now)
    hear(second, Decision.CONTINUE_CHANGED, cole, kim, clinic, now=now)
    page = signed_in(browser, served, "cole")
    page.set_viewport_size(PHONE)
    page.goto("/clinician/")
    expect(page.get_by_role("heading", name="Reviews due")).to_be_visible()
    fits_a_phone(page)
    page.get_by_role("button", name="Sign for Walter").click()
    expect(page.get_by_text("Nothing that you said waits for your signature.")).to_be_visible()
    page.get_by_role("link", name="Review: Rosa").click()
    fits_a_phone(page)
    page.get_by_label("Note for clinical staff").fill("Blood pressure first.")
    page.get_by_text("Pause or stop").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="If you stop the order")).to_be_visible()
    fits_a_phone(page)
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Note for clinical staff")).to_have_value("Blood pressure first.")
    page.get_by_role("button", name="Continue with infusion 4").click()
    expect(page.get_by_text("goes on with infusion 4.")).to_be_visible()
    assert GateDecision.objects.filter(order=first).count() == 2
    page.goto("/cover/")
    fits_a_phone(page)
    first.refresh_from_db()
    assert first.state == OrderState.ACTIVE


def test_a_nurse_writes_down_what_was_heard_on_a_phone(browser: Browser, served: str, clinic: Clinic) -> None:
    order = due_since_days(clinic, "Rosa", limit=0, hour=0)
    page = signed_in(browser, served, "kim")
    page.set_viewport_size(PHONE)
    page.goto(f"/clinician/reviews/{order.pk}/3/")
    fits_a_phone(page)
    page.get_by_label("Who decided?").select_option(label="Okafor")
    page.get_by_label("I read it back, and they said yes").check()
    page.get_by_role("button", name="Continue with infusion 4").click()
    expect(page.get_by_text("goes on with infusion 4.")).to_be_visible()
    made = GateDecision.objects.get(order=order)
    assert made.heard_by is not None
    assert made.heard_by.username == "kim"
    desk = signed_in(browser, served, "dana")
    desk.goto("/orders/")
    fits_a_phone(desk)
