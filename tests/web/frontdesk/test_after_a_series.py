"""What the desk and clinicians see of single infusions after a series, and of a series whose visits were missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from scheduling.models import Clinic, ClinicianTask, Role, Status
from scheduling.visits import record_step
from tests import factories
from tests.scheduling.given import GIVEN, LATER, as_needed_order, booked_two, give, given_two, visits_of
from tests.scheduling.planned import at
from tests.web.pages import DESK, NURSE, PRESCRIBER, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
WAITS = "Waits for the prescriber"


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(nurses=2)


def test_single_infusions_count_down_on_the_desks_list_by_the_plans_word(clinic: Clinic) -> None:
    boosters = as_needed_order(clinic, given_two(clinic), now=GIVEN)
    desk = signed_in(clinic, DESK)
    page = " ".join(page_of(desk.get("/orders/")).split())
    for words in ("Booster 1 of 4", "4 of 4 left, until Wednesday, June 30", "from Fri, Jan 29"):
        assert words in page
    give(clinic, boosters, 1, at("2027-02-01"))
    page = page_of(desk.get("/orders/"))
    assert "Booster 2 of 4" in page
    assert "3 of 4 left, until Wednesday, June 30" in page
    with time_machine.travel(LATER, tick=False):
        page = page_of(signed_in(clinic, DESK).get(f"/series/{boosters.pk}/book/"))
        assert "Book Booster 2" in page
        assert "Infusion 2" not in page.split("<main")[1]
    page = page_of(desk.get(f"/series/{boosters.pk}/"))
    assert "Booster 1 of 4" in page
    assert "Booster, " in page_of(desk.get(f"/patients/{boosters.patient_id}/")).replace("</a>", "")


@pytest.mark.parametrize(("role", "offered"), [(PRESCRIBER, True), (NURSE, True), (DESK, False)])
def test_clinicians_order_one_from_the_series_page(clinic: Clinic, role: Role, offered: bool) -> None:
    order = given_two(clinic)
    page = page_of(signed_in(clinic, role).get(f"/series/{order.pk}/"))
    assert ("Order after the series: Booster" in page) is offered


def test_series_with_missed_visits_waits_for_the_prescriber_at_the_desk(clinic: Clinic) -> None:
    order = booked_two(clinic)
    desk = factories.create_actor(clinic, DESK)
    for visit in visits_of(order):
        then = visit.period.lower + timedelta(minutes=30)
        record_step(appointment=visit, to=Status.NO_SHOW, happened_at=then, by=desk, now=then)
    with time_machine.travel(at("2027-01-08", "12:00"), tick=False):
        client = signed_in(clinic, DESK)
        assert WAITS in page_of(client.get(f"/series/{order.pk}/"))
        address = f"/series/{order.pk}/book/"
        page = page_of(client.get(address))
        assert WAITS in page
        assert f"/series/{order.pk}/ask/" in page
        assert "were missed" in page
        assert ('value="book"' in page, "Show proposals" in page) == (False, False)
        task = ClinicianTask.objects.get()
        prescriber = signed_in(clinic, PRESCRIBER)
        shown = " ".join(page_of(prescriber.get(f"/clinician/tasks/{task.pk}/")).split())
        assert "2 visits of this series were missed. 0 were cancelled late." in shown
        prescriber.post(f"/clinician/tasks/{task.pk}/close/", {"outcome": "Goes on, twice a week"})
        page = page_of(client.get(address))
        assert (WAITS in page, 'value="book"' in page) == (False, True)
        assert "Goes on" not in page_of(client.get(f"/series/{order.pk}/"))
