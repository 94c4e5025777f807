"""Journeys in a real browser: an order is paused, goes on and is stopped; each effect is read before it is saved."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.booking import Pick, book_series
from scheduling.events import Entry, record
from scheduling.models import Clinic, Order, Role
from scheduling.proposals import propose_series
from scheduling.series_terms import Wish
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, signed_in
from tests.databases import Committed

pytestmark = pytest.mark.browser
WHY = "Blood pressure before the second; wait for the cardiologist."


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=2, nurses=1, prescribers=2)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    factories.create_user(clinic, Role.PRESCRIBER, username="cole")
    factories.create_user(clinic, Role.NURSE, username="ben")
    return clinic


@pytest.fixture
def order(clinic: Clinic) -> Order:
    order, now = factories.create_order(clinic, now=timezone.now()), timezone.now()
    found = propose_series(order=order, clinic=clinic, wish=Wish(), how_many=3, count=1, now=now)
    picks = [Pick(visit.number, visit.start) for visit in found.proposals[0].visits]
    book_series(order=order, clinic=clinic, picks=picks, by=factories.create_actor(clinic, Role.FRONT_DESK), now=now)
    return order


def looked_at(page: Page) -> None:
    is_accessible(page)
    fits_a_phone(page)


def test_an_order_is_paused_goes_on_and_is_stopped(browser: Browser, served: str, order: Order) -> None:
    cole = signed_in(browser, served, "cole")
    cole.goto(f"/clinician/orders/{order.pk}/")
    looked_at(cole)
    cole.get_by_role("link", name="Pause the order").click()
    expect(cole.get_by_text("keeps its time; it can't be confirmed or started").first).to_be_visible()
    looked_at(cole)
    cole.get_by_label("Reason, for clinical staff alone").fill(WHY)
    cole.get_by_role("button", name="Pause the order").click()
    expect(cole.get_by_text("The order is paused.")).to_be_visible()
    expect(cole.get_by_role("heading", name="Does the patient know?")).to_be_visible()
    looked_at(cole)
    the_desk_reads_no_reason(browser, served, order)
    cole.get_by_role("button", name="They know, don't send").click()
    expect(cole.get_by_role("heading", name="Does the patient know?")).to_be_hidden()
    cole.get_by_role("link", name="Let it go on").click()
    looked_at(cole)
    cole.get_by_role("button", name="Let it go on").click()
    expect(cole.get_by_text("The order goes on.")).to_be_visible()
    cole.get_by_role("link", name="Stop the order").click()
    cole.get_by_role("button", name="Stop the order").click()
    cole.get_by_label("Reason, for clinical staff alone").fill(WHY)
    cole.get_by_role("button", name="Stop the order").click()
    expect(cole.get_by_text("The order is stopped.")).to_be_visible()
    looked_at(cole)


def the_desk_reads_no_reason(browser: Browser, served: str, order: Order) -> None:
    desk = signed_in(browser, served, "dana")
    with transaction.atomic():
        Order.objects.filter(pk=order.pk).update(keep_places_until=timezone.now())
        entry = Entry("order.places_kept", order_id=order.pk)
        record(organisation_id=order.organisation_id, entries=[entry], by=factories.system(), now=timezone.now())
    for path in (f"/series/{order.pk}/", "/orders/", f"/series/{order.pk}/withdraw/"):
        desk.goto(path)
        assert "Blood pressure" not in desk.content()
        looked_at(desk)
    desk.goto("/orders/")
    desk.get_by_role("button", name="Keep them").click()
    expect(desk.get_by_text("days more.")).to_be_visible()


def test_a_nurse_writes_down_a_word_on_a_phone(browser: Browser, served: str, order: Order) -> None:
    ben = signed_in(browser, served, "ben")
    ben.set_viewport_size({"width": 390, "height": 844})
    ben.goto(f"/clinician/orders/{order.pk}/change/pause/")
    looked_at(ben)
    ben.get_by_label("Who decided it").select_option(index=1)
    ben.get_by_label("Reason, for clinical staff alone").fill(WHY)
    ben.get_by_label("I read it back and it was confirmed").check()
    ben.get_by_role("button", name="Pause the order").click()
    expect(ben.get_by_text("counter-signature due")).to_be_visible()
    looked_at(ben)
