"""Journeys in a real browser: the patient's page, a series in time and its printed list, two records merged."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.booking import book_visit
from scheduling.models import Clinic, NeedKind, Order, Patient, Role, TalkScope
from scheduling.needs import note_need
from scheduling.people_to_talk_to import let_talk_to
from tests import factories
from tests.browser.people import NOT_YET, fits_a_phone, is_accessible, signed_in
from tests.databases import Committed
from tests.notifications.world import MAILBOX, reachable_patient
from tests.web.pages import book
from tests.web.patient.world import PREPARED

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("INFUSION_PICTURES", "")


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=2, nurses=1, prescribers=2)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    return clinic


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic, mailbox=MAILBOX, language="es", now=timezone.now())


@pytest.fixture
def order(clinic: Clinic, rosa: Patient) -> Order:
    now = timezone.now()
    order = factories.create_order(clinic, rosa, template=PREPARED, now=now)
    book(order, clinic, how_many=3, now=now, ahead=NOT_YET)
    return order


def looked_at(page: Page, name: str) -> None:
    """axe finds nothing, also on a phone; a picture of each where somebody asked for pictures."""
    is_accessible(page)
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
        page.set_viewport_size({"width": 768, "height": 1000})
        page.screenshot(path=str(Path(PICTURES) / f"{name}-768.png"), full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})
    fits_a_phone(page)


@pytest.mark.parametrize("in_the_dark", [False, pytest.param(True, marks=pytest.mark.faults)], ids=["light", "dark"])
def test_a_patient_names_somebody_and_the_desk_writes_down_what_they_need(
    browser: Browser, served: str, order: Order, clinic: Clinic, *, in_the_dark: bool
) -> None:
    theme = "dark" if in_the_dark else "light"
    page = signed_in(browser, served, "dana", in_the_dark=in_the_dark)
    page.goto(f"/patients/{order.patient_id}/")
    expect(page.get_by_text("Nobody is named: neither confirm nor deny")).to_be_visible()
    looked_at(page, f"patient-{theme}-empty")
    page.get_by_text("The patient names somebody").click()
    talk = page.get_by_role("region", name="If somebody else asks")
    talk.get_by_label("Name", exact=True).fill("José Reyes")
    talk.get_by_label("Who they are to the patient").fill("husband")
    talk.get_by_label("times of visits only").check()
    talk.get_by_label("Pass-phrase").fill("blue moon")
    looked_at(page, f"patient-{theme}-naming")
    talk.get_by_role("button", name="Write down").click()
    expect(page.get_by_text("To anybody else: neither confirm nor deny")).to_be_visible()
    page.get_by_text("Write down a need or a note").click()
    page.get_by_label("About").select_option(label="Hearing")
    page.get_by_label("In the patient's words", exact=True).fill("left ear only, stand on that side")
    page.get_by_role("region", name="Needs and notes").get_by_role("button", name="Write down").click()
    times = page.get_by_role("region", name="When they and their driver can come")
    times.get_by_text("Write it down").click()
    times.get_by_label("Monday", exact=True).check()
    times.get_by_label("Wednesday, from").fill("09:00")
    times.get_by_label("Wednesday, until").fill("12:00")
    times.get_by_role("button", name="Write down").click()
    expect(page.get_by_text("these days, at about 9:00 AM")).to_be_visible()
    page.get_by_text("What happened with this record").click()
    looked_at(page, f"patient-{theme}")
    page.goto(f"/visits/{order.appointments.earliest('pk').pk}/")
    expect(page.get_by_text("left ear only, stand on that side")).to_be_visible()
    page.goto(f"/series/{order.pk}/")
    expect(page.get_by_role("list", name="The series in time").get_by_role("listitem")).to_have_count(6)
    looked_at(page, f"series-{theme}")


def test_the_list_to_take_home_is_large_and_in_both_languages(browser: Browser, served: str, order: Order) -> None:
    page = signed_in(browser, served, "dana")
    page.goto(f"/series/{order.pk}/")
    page.get_by_role("link", name="Print the list").click()
    expect(page.get_by_role("heading", name="Sus visitas")).to_be_visible()
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.sheet__when')).fontSize)")
    assert size >= 24, "18 point are 24 pixels"
    looked_at(page, "printed-es")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Your visits")).to_be_visible()
    looked_at(page, "printed-en")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    if PICTURES:
        page.pdf(path=str(Path(PICTURES) / "printed-en.pdf"), format="Letter")


def test_two_records_are_compared_merged_and_taken_apart(
    browser: Browser, served: str, clinic: Clinic, rosa: Patient
) -> None:
    now, by = timezone.now(), factories.create_actor(clinic, Role.FRONT_DESK)
    twin = factories.create_patient(clinic, given_name=rosa.given_name, family_name=rosa.family_name,
                                    birth_date=rosa.birth_date)  # fmt: skip
    kind = factories.create_visit_type(clinic)
    day = timezone.localtime(now) + timedelta(days=7 + (-timezone.localtime(now).weekday()) % 7)
    start = day.replace(hour=15, minute=0, second=0, microsecond=0)
    book_visit(patient=twin, clinic=clinic, visit_type=kind, start=start, by=by, now=now)
    let_talk_to(patient=twin, name="Elena", relation="mother", scope=TalkScope.EVERYTHING, by=by, now=now)
    note_need(patient=twin, kind=NeedKind.MOVING, words="walks with a cane", by=by, now=now)
    page = signed_in(browser, served, "dana")
    page.goto(f"/patients/{twin.pk}/")
    page.get_by_role("link", name="This person is on file twice").click()
    looked_at(page, "find-duplicate")
    page.get_by_role("link", name="Compare with").first.click()
    expect(page.get_by_role("heading", name="Are these one person?")).to_be_visible()
    expect(page.get_by_text("We may talk to Elena, mother")).to_be_visible()
    looked_at(page, "merge")
    page.get_by_role("button", name="They are one person: merge them").click()
    expect(page.get_by_text("Elena")).to_be_visible()
    looked_at(page, "merged")
    page.get_by_role("link", name="Take it back").click()
    looked_at(page, "split")
    page.get_by_role("button", name="They are two people: take it back").click()
    expect(page.get_by_text("The two are apart again.")).to_be_visible()
