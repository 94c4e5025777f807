"""A patient's links on a small phone without JavaScript: a closed day, a missed visit, an old link, a forged one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from notifications.dispatch import dispatch_due
from notifications.planning import plan_waiting
from scheduling.cancelling import cancel
from scheduling.events import Entry, record
from scheduling.intervals import Interval
from scheduling.models import Appointment, CancelledBy, Role, Status, VisitMode
from scheduling.opening_hours import record_closure
from scheduling.visits import record_step
from tests import factories
from tests.browser.people import fits_a_phone, has_come, is_not_scrolled_sideways
from tests.browser.test_patient_page import clinic, link, open_all, phone, picture, visits
from tests.browser.test_whole_path import tell
from tests.notifications.world import move
from tests.web.patient.world import link_of

__all__ = ["clinic", "link", "visits"]
pytestmark = pytest.mark.browser
LANGUAGES = {"en": "English", "es": "Español"}
SMALL = 360
# What a thumb has to meet is 44 CSS pixels high and wide; half a pixel is lost in rounding.
TOO_SMALL = """all => all.filter(one => one.checkVisibility()).map(one => [one.innerText || one.name,
    one.getBoundingClientRect()]).filter(([, box]) => box.width && (box.height < 43.5 || box.width < 43.5))
    .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
PRESSED = (
    "button, summary, a.button, a.choice, a[href^='tel:'], input[type=text], input[type=date], .field__choices label"
)


def small_phone(browser: Browser, *, script: bool = False) -> Page:
    return phone(browser, script=script, width=SMALL).new_page()


def is_worked_by_thumb(page: Page) -> None:
    """Everything is large enough, in both languages and at the largest text, and nothing is scrolled sideways."""
    has_come(page)
    found = page.eval_on_selector_all(PRESSED, TOO_SMALL)
    assert found == [], f"{page.url}: {found}"
    is_not_scrolled_sideways(page)


def in_both_languages(page: Page, name: str, *, says: dict[str, str]) -> None:
    address = page.url
    for language, button in LANGUAGES.items():
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_text(says[language]).first).to_be_visible()
        assert page.url == address, "the language is changed where one is"
        is_worked_by_thumb(page)
        picture(page, f"{name}-360-{language}")


def test_links_that_lead_nowhere_or_have_changed(
    browser: Browser, link: str, visits: list[Appointment], served: str
) -> None:
    page = small_phone(browser)
    page.goto(link)
    open_all(page)
    is_worked_by_thumb(page)
    page.get_by_role("button", name="larger text").click()
    assert "text-larger" in (page.locator("html").get_attribute("class") or "")
    page.get_by_role("button", name="normal text").click()
    page.goto(f"{served}/v/AAAAAAAAAAAAAAAAAAAAAA/")
    in_both_languages(page, "forged", says={"en": "This link no longer works", "es": "Este enlace ya no funciona"})
    page.get_by_role("button", name="English", exact=True).click()
    page.goto(link)
    move(visits[2], timedelta(minutes=15), now=timezone.now())
    page.get_by_role("button", name="I'm coming", exact=True).first.click()
    expect(page.get_by_text("What you pressed was not done.")).to_be_visible()
    page.goto(link)
    in_both_languages(page, "superseded", says={"en": "Something has changed", "es": "Algo ha cambiado"})
    assert page.request.get(f"{link}calendar.ics").status == 410


def close_over(visit: Appointment) -> None:
    manager = factories.create_actor(visit.clinic, Role.MANAGER)
    period = Interval(visit.period.lower - timedelta(minutes=30), visit.period.upper)
    record_closure(clinic=visit.clinic, period=period, reason="snow", by=manager, now=timezone.now())


def over_the_phone(visit: Appointment) -> None:
    with transaction.atomic():
        Appointment.objects.filter(pk=visit.pk).update(mode=VisitMode.PHONE)
        entry = Entry.of_visit("appointment.by_phone", visit)
        record(organisation_id=visit.organisation_id, entries=[entry], by=factories.system(), now=timezone.now())


@pytest.mark.parametrize(
    ("name", "happens", "says"),
    [
        ("closed", close_over, {"en": "Please do not come then.", "es": "Por favor, no venga entonces."}),
        ("by-phone", over_the_phone, {"en": "By phone: we call you", "es": "Por teléfono: le llamamos"}),
    ],
)
def test_closed_day_and_a_visit_by_phone(
    browser: Browser, link: str, visits: list[Appointment], name: str, happens: Callable[[Appointment], None],
    says: dict[str, str],
) -> None:  # fmt: skip
    page = small_phone(browser, script=True)
    page.goto(link)
    happens(visits[0])
    if name == "closed":
        page.get_by_role("button", name="I'm coming", exact=True).first.click()
        expect(page.get_by_text("Nothing was changed: we are closed then.")).to_be_visible()
        assert not Appointment.objects.exclude(confirmed_at=None).exists()
    page.goto(link)
    in_both_languages(page, name, says=says)
    fits_a_phone(page)


def test_missed_visit_asks_for_a_call(browser: Browser, link: str, visits: list[Appointment], served: str) -> None:
    first, *others = visits
    desk = factories.create_actor(first.clinic, Role.FRONT_DESK)
    for one in others:
        cancel(appointment=one, side=CancelledBy.CLINIC, reason="staff_away", by=desk, now=timezone.now())
    tell()
    said = first.period.lower + timedelta(minutes=30)
    record_step(appointment=first, to=Status.NO_SHOW, happened_at=said, by=desk, now=said)
    plan_waiting(now=said)
    goes = said + timedelta(hours=1)
    dispatch_due(clock=lambda: goes, until=goes + timedelta(seconds=1))
    page = small_phone(browser)
    page.goto(served + link_of(first.patient))
    in_both_languages(page, "missed", says={"en": "We missed you", "es": "No nos vimos"})
    page.get_by_role("button", name="Llámenme para buscar otra hora").click()
    expect(page.get_by_text("Lo tenemos.")).to_be_visible()
    picture(page, "missed-asked-360-es")
