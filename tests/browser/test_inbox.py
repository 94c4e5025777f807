"""The inbox in a real browser: read, say who it is, answer, hand over, have it, be done; and leaving our mail."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from notifications.dispatch import dispatch_due
from notifications.duty import put_on_duty
from notifications.models import Message, QuickReply, StaffAlert
from notifications.planning import plan_waiting
from notifications.unsubscribing import token_of
from scheduling.booking import book_visit
from scheduling.models import Appointment, Clinic, Patient, Role
from scheduling.proposals import propose_visit
from scheduling.series_terms import Wish
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, signed_in
from tests.databases import Committed
from tests.notifications.replies import text_back
from tests.notifications.world import MAILBOX, clinic_that_writes, reachable_patient

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = clinic_that_writes(quiet=False)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    cole = factories.create_user(clinic, Role.PRESCRIBER, username="cole")
    manager = factories.create_user(clinic, Role.MANAGER, username="priya")
    now = timezone.now()
    QuickReply.objects.create(
        clinic=clinic, language="en", body="Yes, that is fine.", approved_by=manager, approved_at=now
    )
    # No answer is so long that the page grows wider than a phone.
    wordy = "Please ask that on the telephone, so that we can look it up before we tell you anything about it."
    QuickReply.objects.create(clinic=clinic, language="en", body=wordy, approved_by=manager, approved_at=now)
    put_on_duty(
        clinic=clinic, user=cole, starts_at=now, ends_at=now + timedelta(hours=8), is_backup=False,
        by=factories.create_actor(clinic, Role.MANAGER), now=now,
    )  # fmt: skip
    return clinic


def told(clinic: Clinic, patient: Patient) -> Appointment:
    """Books a visit, and the patient hears of it."""
    now = timezone.now()
    kind = factories.create_visit_type(clinic, phases=[{"name": "talk", "minutes": 15, "chair": True}])
    # Not the next quarter of an hour: that may begin before the text goes.
    ahead = now + timedelta(hours=1)
    found = propose_visit(patient=patient, clinic=clinic, visit_type=kind, wish=Wish(), count=1, now=ahead)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    start = found.proposals[0].visits[0].start
    visit = book_visit(patient=patient, clinic=clinic, visit_type=kind, start=start, by=desk, now=now)
    later = now + timedelta(minutes=4)
    plan_waiting(now=now)
    dispatch_due(clock=lambda: later, until=later + timedelta(seconds=1))
    return visit


def looks_right(page: Page, name: str) -> None:
    """Accessible and on a phone; with SCREENSHOTS set to a folder a picture is kept there."""
    is_accessible(page)
    fits_a_phone(page)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_replies_are_read_named_answered_handed_over_and_done(browser: Browser, served: str, clinic: Clinic) -> None:
    rosa, mother = reachable_patient(clinic), reachable_patient(clinic)
    told(clinic, rosa)
    told(clinic, mother)
    now = timezone.now() + timedelta(minutes=5)
    text_back("yes", now=now)
    text_back("I can't do this any more", now=now + timedelta(minutes=1))
    text_back("hello, do you have a place?", sender="+12125550777", now=now + timedelta(minutes=2))
    text_back("wrong number", sender="+12125550778", now=now + timedelta(minutes=3))

    desk = signed_in(browser, served, "dana")
    desk.get_by_role("link", name="Inbox").first.click()
    looks_right(desk, "inbox")
    second = desk.get_by_role("listitem").filter(has_text="any more")
    second.get_by_role("button", name=f"It is {rosa.shown_name}").click()
    expect(desk.get_by_role("heading", name="Reply", exact=True)).to_be_visible()
    looks_right(desk, "reply")
    desk.get_by_role("button", name="Hand to the clinician on duty").click()
    expect(desk.get_by_text("Alerted 0 times; nobody has it yet.")).to_be_visible()

    clinician = signed_in(browser, served, "cole", in_the_dark=True)
    clinician.goto(f"/alerts/{StaffAlert.objects.get().pk}/")
    looks_right(clinician, "alert-dark")
    clinician.get_by_role("button", name="I have it").click()
    expect(clinician.get_by_text("You have it. Nobody is alerted any more.")).to_be_visible()
    clinician.goto("/duty/")
    looks_right(clinician, "duty-dark")

    desk.reload()
    answered = desk.get_by_role("listitem").filter(has_text="any more")
    answered.get_by_label("Approved answer").select_option("Yes, that is fine.")
    answered.get_by_role("button", name="Send this answer").click()
    expect(desk.get_by_text("The answer goes out now.")).to_be_visible()
    looks_right(desk, "inbox-after")

    manager = signed_in(browser, served, "priya")
    manager.goto("/duty/")
    looks_right(manager, "duty")


def test_mail_is_left_by_one_press(browser: Browser, served: str, clinic: Clinic) -> None:
    told(clinic, reachable_patient(clinic, phone="", mailbox=MAILBOX, language="es"))
    page = browser.new_context(base_url=served, viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"/u/{token_of(Message.objects.get().pk)}/")
    looks_right(page, "unsubscribe")
    page.get_by_role("main").get_by_role("button").click()
    looks_right(page, "unsubscribed")
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
