"""Journeys in a real browser: a call from its first key to the booked series, and two desks at once."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from scheduling.models import Appointment, Clinic, Order, Role, Status
from tests import factories
from tests.browser.people import is_accessible, signed_in
from tests.databases import Committed

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=1, nurses=1)
    for name in ("dana", "ben"):
        factories.create_user(clinic, Role.FRONT_DESK, username=name)
    return clinic


def order_for(clinic: Clinic, family_name: str) -> Order:
    patient = factories.create_patient(clinic, given_name="Rosa", family_name=family_name)
    return factories.create_order(clinic, patient, now=timezone.now())


def test_six_visits_are_booked_with_six_interactions_and_no_mouse(
    browser: Browser, served: str, clinic: Clinic
) -> None:
    order = order_for(clinic, "Mendez")
    order_for(clinic, "Garcia")
    desk = signed_in(browser, served, "dana")
    steps = 0

    def typed(words: str) -> None:
        nonlocal steps
        steps += 1
        desk.keyboard.type(words)

    def pressed(key: str) -> None:
        nonlocal steps
        steps += 1
        desk.keyboard.press(key)

    expect(desk.get_by_role("link", name="Book", exact=True)).to_be_visible()
    pressed("b")
    expect(desk.get_by_label("Name, birth date, phone or record number")).to_be_focused()
    typed("mendez")
    pressed("Enter")
    expect(desk.get_by_role("heading", name="Book for Rosa Mendez")).to_be_visible()
    expect(desk.get_by_label("When can you and your driver come?")).to_be_focused()
    typed("all, mon wed fri am")
    pressed("Enter")
    expect(desk.get_by_text("Mon, Wed and Fri, comes before 12:00 PM; all that is left")).to_be_visible()
    expect(desk.get_by_role("button", name="Book Infusions 1–6").first).to_be_focused()
    pressed("Enter")
    expect(desk.get_by_text("Infusions 1–6: booked.")).to_be_visible()
    assert steps <= 6
    assert Appointment.objects.filter(order=order, status=Status.BOOKED, dose_number__isnull=False).count() == 6


def test_enter_after_words_that_are_not_understood_stays_in_the_field_and_kept_words_are_replaced(
    browser: Browser, served: str, clinic: Clinic
) -> None:
    order = order_for(clinic, "Mendez")
    desk = signed_in(browser, served, "dana")
    desk.goto(f"/series/{order.pk}/book/")
    words = desk.get_by_label("When can you and your driver come?")
    expect(words).to_be_focused()
    desk.keyboard.type("her sister, mon")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Press Enter once more to go on without it.")).to_be_visible()
    expect(words).to_be_focused()
    is_accessible(desk)
    desk.keyboard.type(" wed fri")
    expect(words).to_have_value("her sister, mon wed fri")
    desk.get_by_role("button", name="Show proposals").click()
    expect(desk.get_by_text("Press Enter once more to go on without it.")).to_be_visible()
    expect(words).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("button[value=book]").first).to_be_focused()
    assert not Appointment.objects.filter(order=order).exists()
    desk.goto(f"/series/{order.pk}/book/")
    expect(words).to_have_value("her sister, mon wed fri")
    expect(words).to_be_focused()
    desk.keyboard.type("mon")
    expect(words).to_have_value("mon")


def test_boxes_follow_the_words_and_words_the_boxes_while_one_goes_on(
    browser: Browser, served: str, clinic: Clinic
) -> None:
    order = order_for(clinic, "Mendez")
    desk = signed_in(browser, served, "dana")
    desk.goto(f"/series/{order.pk}/book/")
    words, how_many = desk.get_by_label("When can you and your driver come?"), desk.get_by_label("How many now?")
    words.press_sequentially("all 6 mon wed fri am")
    expect(how_many).to_have_value("6")
    expect(words).to_be_focused()
    for day, is_wished in (("Mon", True), ("Tue", False), ("Wed", True), ("Thu", False), ("Fri", True)):
        expect(desk.get_by_role("checkbox", name=day)).to_be_checked(checked=is_wished)
    expect(desk.get_by_role("button", name="Book Infusions 1–6").first).to_be_visible()
    how_many.focus()
    how_many.select_option("3")
    expect(desk.get_by_role("button", name="Book Infusions 1–3").first).to_be_visible()
    expect(words).to_have_value("mon wed fri before 12:00, first 3")
    expect(how_many).to_be_focused()
    words.fill("tue thu")
    words.press("Enter")
    expect(desk.get_by_role("checkbox", name="Fri")).not_to_be_checked()
    expect(desk.get_by_role("checkbox", name="Thu")).to_be_checked()


def test_the_other_line_rings_and_nothing_is_lost(browser: Browser, served: str, clinic: Clinic) -> None:
    order_for(clinic, "Mendez")
    desk = signed_in(browser, served, "dana", in_the_dark=True)
    desk.goto("/book/")
    is_accessible(desk)
    desk.get_by_label("Name, birth date, phone or record number").fill("mendez")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("region", name="Proposal 1")).to_be_visible()
    desk.get_by_label("When can you and your driver come?").press_sequentially("mon wed fri, her sister")
    expect(desk.get_by_text("Not understood:")).to_be_visible()
    expect(desk.get_by_label("When can you and your driver come?")).to_be_focused()
    is_accessible(desk)
    first = desk.get_by_role("region", name="Proposal 1")
    first.get_by_role("button", name="Change Infusion 2").click()
    expect(first.get_by_text("Other times of Infusion 2")).to_be_visible()
    is_accessible(desk)
    first.get_by_role("group").first.get_by_role("button").first.click()
    expect(first.get_by_text("Infusion 2 is on")).to_be_visible()
    is_accessible(desk)
    first.get_by_role("button", name="Keep while we talk").click()
    expect(desk.get_by_text("Nobody is told yet.")).to_be_visible()
    is_accessible(desk)
    desk.goto("/book/")
    desk.get_by_role("region", name="Parked").get_by_role("link").click()
    expect(desk.get_by_label("When can you and your driver come?")).to_have_value("mon wed fri, her sister")
    desk.get_by_label("When can you and your driver come?").fill("mon, all")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="What would work")).to_be_visible()
    is_accessible(desk)
    desk.get_by_role("button", name="Show these times").first.click()
    expect(desk.get_by_role("region", name="Proposal 1")).to_be_visible()


def test_two_desks_at_one_time_one_wins_and_the_other_is_told_kindly(
    browser: Browser, served: str, clinic: Clinic
) -> None:
    orders = [order_for(clinic, name) for name in ("Mendez", "Garcia")]
    desks = [signed_in(browser, served, name) for name in ("dana", "ben")]
    for desk, order in zip(desks, orders, strict=True):
        desk.goto(f"/series/{order.pk}/book/")
        desk.get_by_label("When can you and your driver come?").fill("mon wed fri at 10, first 3")
        desk.keyboard.press("Enter")
        expect(desk.get_by_role("button", name="Book Infusions 1–3").first).to_be_focused()
    desks[0].keyboard.press("Enter")
    expect(desks[0].get_by_text("Infusions 1–3: booked.")).to_be_visible()
    desks[1].keyboard.press("Enter")
    told = desks[1].get_by_role("main").get_by_role("alert")
    expect(told).to_contain_text("Nothing was booked.")
    expect(desks[1].get_by_label("When can you and your driver come?")).to_have_value("mon wed fri at 10, first 3")
    is_accessible(desks[1])
    desks[1].get_by_role("button", name="Book Infusions 1–3").first.click()
    expect(desks[1].get_by_text("Infusions 1–3: booked.")).to_be_visible()
    assert [Appointment.objects.filter(order=order).count() for order in orders] == [3, 3]
