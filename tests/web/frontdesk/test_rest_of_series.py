"""The rest of a series: moved in one press, or cancelled with one reason, all or none."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from notifications.dispatch import dispatch_due
from notifications.models import MessageRules
from scheduling.booking import book_series
from scheduling.models import Appointment, Clinic, Order, Role, Status
from tests import factories
from tests.factories import NOW
from tests.notifications.world import plan, reachable_patient
from tests.scheduling.planned import booked, picks
from tests.web.frontdesk.test_book_series import proposals, starts
from tests.web.pages import DESK, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    order = factories.create_order(clinic)
    booked(order, clinic, 1, 2, 3)
    return order


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def test_series_page_offers_the_rest_from_each_booked_infusion(desk: Client, order: Order) -> None:
    page = page_of(desk.get(f"/series/{order.pk}/"))
    assert f'formaction="/series/{order.pk}/move-rest/"' in page
    assert [f'<option value="{number}">' in page for number in (1, 3, 4)] == [True, True, False]


def test_rest_moves_to_a_proposal_and_what_comes_before_stays(desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/move-rest/?from=2&weekdays=tue&weekdays=fri&time=14:00"
    page = page_of(desk.get(address))
    assert "Infusion 2 Fri, Jan 8, 9:00 AM; Infusion 3 Mon, Jan 11, 9:00 AM" in page
    assert "Move infusions 2–3" in page
    page = page_of(desk.post(address, proposals(page)[0], follow=True))
    assert "Infusions 2–3: moved." in page
    assert starts(order) == [(1, "Wed 06 14:00"), (2, "Fri 08 19:00"), (3, "Tue 12 19:00")]


def test_what_was_taken_meanwhile_moves_nothing_and_says_why(clinic: Clinic, desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/move-rest/?from=2&time=14:00"
    first = proposals(page_of(desk.get(address)))[0]
    Appointment.objects.filter(order=order, dose_number=3).update(status=Status.NO_SHOW)
    answer = desk.post(address, first)
    assert answer.status_code == 409
    assert "That did not work. Nothing was moved." in page_of(answer)


def test_rest_is_cancelled_with_one_reason(desk: Client, order: Order) -> None:
    address = f"/series/{order.pk}/cancel-rest/?from=2"
    page = page_of(desk.get(address))
    assert "Cancel these 2 visits" in page
    assert "Friday, January 8, 9:00 AM" in page
    assert "Please look at this again" in page_of(desk.post(address, {"key": "k"}))
    page = page_of(desk.post(address, {"key": "k", "reason": "patient_asked"}, follow=True))
    assert "Infusions 2–3: cancelled." in page
    statuses = Appointment.objects.filter(order=order).order_by("dose_number").values_list("status", flat=True)
    assert list(statuses) == [Status.BOOKED, Status.CANCELLED, Status.CANCELLED]
    assert "None of these is booked." in page_of(desk.get(address))


@pytest.mark.usefixtures("gateway")
def test_words_that_go_are_shown_before_the_rest_is_cancelled(clinic: Clinic) -> None:
    MessageRules.objects.create(clinic=clinic, sender_name="Harbor Center", texts_per_minute=0)
    order = factories.create_order(clinic, reachable_patient(clinic, now=NOW))
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    book_series(order=order, clinic=clinic, picks=picks(1, 2, 3), by=by, now=NOW)
    plan(NOW)
    dispatch_due(clock=lambda: NOW + timedelta(hours=3), until=NOW + timedelta(hours=3, seconds=1))
    with time_machine.travel(NOW + timedelta(hours=4), tick=False):
        page = page_of(signed_in(clinic, DESK).get(f"/series/{order.pk}/cancel-rest/?from=2"))
    assert "What the patient gets" in page
    assert "2 of your visits are cancelled, the first on Fri Jan 8, 9:00 AM." in page
    assert Appointment.objects.filter(order=order, status=Status.BOOKED).count() == 3


def test_nothing_left_to_cancel_says_so(desk: Client, order: Order) -> None:
    sent = {"key": "k", "reason": "no_ride"}
    page = page_of(desk.post(f"/series/{order.pk}/cancel-rest/?from=5", sent, follow=True))
    assert "No infusion from infusion 5 on is booked." in page


@pytest.mark.parametrize("path", ["move-rest", "cancel-rest"])
@pytest.mark.parametrize("number", ["", "x", "-1", "9999999"])
def test_nonsense_number_is_not_found(desk: Client, order: Order, path: str, number: str) -> None:
    assert desk.get(f"/series/{order.pk}/{path}/?from={number}").status_code == 404


@pytest.mark.parametrize("path", ["move-rest", "cancel-rest"])
def test_foreign_series_is_not_found_and_auditors_change_none(clinic: Clinic, order: Order, path: str) -> None:
    address = f"/series/{order.pk}/{path}/?from=1"
    stranger = signed_in(factories.create_clinic(clinic.organisation), DESK)
    assert (stranger.get(address).status_code, stranger.post(address).status_code) == (404, 404)
    assert signed_in(clinic, Role.AUDITOR).get(address).status_code == 403
