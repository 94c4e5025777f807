"""Kept times on pages: staff see until when and for which infusion, patients never see them."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import time_machine
from django.test import Client

from notifications.dispatch import dispatch_due
from notifications.models import Message, MessageRules
from scheduling.booking import Pick
from scheduling.holding import hold_series
from scheduling.models import Appointment, Clinic, Order
from tests import factories
from tests.factories import NOW
from tests.notifications.world import plan, reachable_patient
from tests.scheduling.planned import at
from tests.web.pages import DESK, NURSE, book, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
OVER = NOW + timedelta(minutes=10)


@pytest.fixture
def clinic() -> Clinic:
    clinic = factories.create_clinic(chairs=4, nurses=2)
    MessageRules.objects.create(clinic=clinic, sender_name="Harbor Center", quiet_from=time(0), quiet_until=time(0))
    return clinic


def hold(order: Order, clinic: Clinic, wall: str, *, day: str = "2027-01-04") -> list[Appointment]:
    by = factories.create_actor(clinic, DESK)
    number = 2 if day != "2027-01-04" else 1
    return hold_series(order=order, clinic=clinic, picks=[Pick(number, at(day, wall))], by=by, now=NOW)


def test_the_board_shows_both_options_until_when_they_are_kept(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    for wall in ("09:00", "10:00"):
        hold(order, clinic, wall)
    for view in ("chairs", "list"):
        page = page_of(signed_in(clinic, DESK).get(f"/?view={view}"))
        assert page.count("kept until 7:10 AM") == 2
        assert page.count("Infusion 1 of 6") == 2
        assert "<strong>2</strong> kept" in page
    with time_machine.travel(OVER, tick=False):
        assert "kept until" not in page_of(signed_in(clinic, DESK).get("/"))


def test_nurses_are_not_told_to_expect_kept_times(clinic: Clinic) -> None:
    [kept] = hold(factories.create_order(clinic), clinic, "09:00")
    assert kept.patient.shown_name not in page_of(signed_in(clinic, NURSE).get("/today/"))


def test_patient_and_series_pages_show_a_kept_time_while_it_lasts(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    for wall in ("09:00", "10:00"):
        hold(order, clinic, wall)
    desk = signed_in(clinic, DESK)
    paths = {
        f"/patients/{order.patient_id}/": 2,
        f"/series/{order.pk}/": 3,
        f"/visits/{order.appointments.all()[0].pk}/": 1,
    }
    for path, times in paths.items():
        assert page_of(desk.get(path)).count("kept until 7:10 AM") == times
    with time_machine.travel(OVER, tick=False):
        for path in list(paths)[:2]:
            assert "kept until" not in page_of(signed_in(clinic, DESK).get(path))


def test_patients_see_no_kept_times_behind_their_link(clinic: Clinic) -> None:
    order = factories.create_order(clinic, reachable_patient(clinic, now=NOW))
    book(order, clinic, how_many=1)
    plan(NOW)
    dispatch_due(clock=lambda: OVER, until=OVER + timedelta(seconds=1))
    path = "/v/" + Message.objects.get().body.split("/v/")[1].split()[0]
    for wall in ("09:00", "13:00"):
        hold(order, clinic, wall, day="2027-01-06")
    page = page_of(Client().get(path))
    assert "January 4" in page
    assert "January 6" not in page
