"""Journeys in a real browser: a nurse drafts, the desk keeps times, the prescriber signs, changes and signs again."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from scheduling.models import Appointment, Clinic, Order, OrderState, Role, Status
from scheduling.plan_approval import approve_protocol
from tests import factories
from tests.browser.people import fits_a_phone, is_accessible, signed_in
from tests.databases import Committed
from tests.factories import SIX

pytestmark = pytest.mark.browser


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    clinic = factories.create_clinic(chairs=2, nurses=1, prescribers=2)
    factories.create_user(clinic, Role.FRONT_DESK, username="dana")
    factories.create_user(clinic, Role.NURSE, username="ben")
    factories.create_user(clinic, Role.PRESCRIBER, username="cole")
    plan = factories.create_protocol(clinic, template={**SIX, "reviews": [], "within_days": 40})
    approve_protocol(version=plan, by=factories.create_actor(clinic, Role.PRESCRIBER), now=timezone.now())
    return clinic


def looked_at(page: Page) -> None:
    is_accessible(page)
    fits_a_phone(page)


def test_draft_is_prepared_pencilled_signed_and_amended(browser: Browser, served: str, clinic: Clinic) -> None:
    patient = factories.create_patient(clinic)
    nurse, desk, prescriber = (signed_in(browser, served, who) for who in ("ben", "dana", "cole"))
    draft(nurse, patient.pk)
    order = Order.objects.get()
    keep_times(desk, order)
    sign(prescriber)
    order.refresh_from_db()
    assert order.state == OrderState.ACTIVE
    assert Appointment.objects.filter(order=order, status=Status.BOOKED).count() == 4
    amend(prescriber, order)
    desk.goto("/orders/")
    expect(desk.get_by_text("The order was changed, and visits no longer fit it")).to_be_visible()
    looked_at(desk)
    desk.goto(f"/series/{order.pk}/")
    expect(desk.get_by_text("no longer fits the order")).to_be_visible()
    looked_at(desk)


def draft(nurse: Page, patient_id: int) -> None:
    nurse.goto(f"/patients/{patient_id}/order/")
    nurse.get_by_label("Number of infusions").fill("4")
    looked_at(nurse)
    nurse.get_by_role("button", name="Draft it and change its numbers").click()
    nurse.get_by_role("group", name="Each: 2–4 days").get_by_label("At most").fill("6")
    looked_at(nurse)
    nurse.get_by_role("button", name="Keep this draft").click()
    expect(nurse.get_by_text("The draft waits for the prescriber's signature.")).to_be_visible()
    looked_at(nurse)


def keep_times(desk: Page, order: Order) -> None:
    desk.goto("/orders/")
    desk.get_by_role("link", name="Keep times for").click()
    looked_at(desk)
    desk.get_by_role("button", name="Keep Infusions 1–4").first.click()
    expect(desk.get_by_text("signing the order books them")).to_be_visible()
    looked_at(desk)


def sign(prescriber: Page) -> None:
    prescriber.goto("/clinician/sign/")
    expect(prescriber.get_by_text("Each: 2–6 days after the one before, best 3")).to_be_visible()
    prescriber.get_by_label("I have read the order for").check()
    prescriber.get_by_label("Your password").fill("password")
    looked_at(prescriber)
    prescriber.get_by_role("button", name="Sign what is ticked").click()
    expect(prescriber.get_by_text("booked at the times that were kept.")).to_be_visible()


def amend(prescriber: Page, order: Order) -> None:
    prescriber.goto(f"/clinician/orders/{order.pk}/draft/")
    prescriber.get_by_label("Number of infusions").fill("3")
    prescriber.get_by_role("button", name="Keep this draft").click()
    expect(prescriber.get_by_text("These no longer fit.")).to_be_visible()
    looked_at(prescriber)
    prescriber.get_by_label("Your password").fill("password")
    prescriber.get_by_role("button", name="Sign", exact=True).click()
    expect(prescriber.get_by_text("Signed.")).to_be_visible()
