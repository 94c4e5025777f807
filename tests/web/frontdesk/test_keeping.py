"""Keeping times from the booking page, and what becomes of them on the series' page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from scheduling.holding import hold_series
from scheduling.models import Appointment, Clinic, Order, Role, Status, VisitKind
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, picks
from tests.web.pages import DESK, NURSE, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=2)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def hold(order: Order, clinic: Clinic, wall: str = "09:00") -> list[Appointment]:
    by = factories.create_actor(clinic, DESK)
    return hold_series(order=order, clinic=clinic, picks=picks(1, 2, wall=wall), by=by, now=NOW)


def first_proposal(page: str) -> dict[str, object]:
    form = re.findall(r'<form method="post" class="stack stack--tight proposal__keep">.*?</form>', page, re.DOTALL)[0]
    return {
        "key": re.findall(r'name="key" value="(.*?)"', form)[0],
        "pick": re.findall(r'name="pick" value="(.*?)"', form),
    }


def settle(client: Client, visits: list[Appointment], do: str, **more: str) -> str:
    sent = {"visit": [visit.pk for visit in visits], "do": do, "key": "k1", **more}
    return page_of(client.post("/kept/", sent, follow=True))


def statuses(order: Order) -> list[str]:
    return list(Appointment.objects.filter(order=order).order_by("pk").values_list("status", flat=True))


@pytest.mark.parametrize(("until", "said"), [("minutes", "7:10 AM"), ("evening", "5:00 PM")])
def test_proposal_is_kept_and_nobody_is_told(desk: Client, order: Order, until: str, said: str) -> None:
    address = f"/series/{order.pk}/book/?weekdays=tue&weekdays=thu&how_many=2"
    sent = first_proposal(page_of(desk.get(address))) | {"do": "keep", "until": until, "held_with": "her sister"}
    page = page_of(desk.post(address, sent, follow=True))
    assert f"Kept until {said}. Nobody is told yet." in page
    assert "Kept with her sister." in page
    assert set(statuses(order)) == {Status.HELD}


def test_second_option_stands_beside_the_first_and_a_third_is_not_offered(
    clinic: Clinic, desk: Client, order: Order
) -> None:
    hold(order, clinic)
    address = f"/series/{order.pk}/book/"
    page = page_of(desk.get(address))
    assert "Kept times" in page
    assert "Keep one of these beside it as a second option" in page
    desk.post(address, first_proposal(page) | {"do": "keep", "until": "minutes"})
    page = page_of(desk.get(f"/series/{order.pk}/"))
    assert "First option" in page
    assert "Second option" in page
    assert Appointment.objects.filter(kind=VisitKind.KEPT).count() == 3
    page = page_of(desk.get(address))
    assert "Two options are kept." in page
    assert "Keep these times" not in page


def test_booking_another_proposal_lets_go_what_is_kept(clinic: Clinic, desk: Client, order: Order) -> None:
    kept = hold(order, clinic)
    address = f"/series/{order.pk}/book/"
    sent = first_proposal(page_of(desk.get(address))) | {"instead_of": [visit.pk for visit in kept]}
    assert "Infusions 1–3: booked." in page_of(desk.post(address, sent, follow=True))
    assert statuses(order) == [Status.RELEASED] * 2 + [Status.BOOKED] * 3


def test_kept_times_are_booked_by_one_press_and_a_second_changes_nothing(
    clinic: Clinic, desk: Client, order: Order
) -> None:
    kept = hold(order, clinic)
    pages = [settle(desk, kept, "book") for _ in range(2)]
    assert all("Infusions 1–2: booked." in page for page in pages)
    assert statuses(order) == [Status.BOOKED] * 2


def test_kept_times_are_let_go_or_kept_longer(clinic: Clinic, desk: Client, order: Order) -> None:
    kept = hold(order, clinic)
    assert "Kept until 5:00 PM." in settle(desk, kept, "longer", until="evening")
    assert "These times are free again." in settle(desk, kept, "let_go")
    assert statuses(order) == [Status.RELEASED] * 2


def test_somebody_elses_kept_times_are_taken_over(clinic: Clinic, desk: Client, order: Order) -> None:
    kept = hold(order, clinic)
    page = page_of(desk.get(f"/series/{order.pk}/"))
    assert f"Kept by {kept[0].booked_by.shown_name}." in page  # type: ignore[union-attr]  # a person kept them
    assert "Take over" in page
    page = settle(desk, kept, "take_over")
    assert "You keep these times now." in page
    assert "Take over" not in page


def test_kept_times_that_are_over_are_not_booked_and_it_says_why(clinic: Clinic, desk: Client, order: Order) -> None:
    kept = hold(order, clinic)
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        page = settle(signed_in(clinic, DESK), kept, "book")
    assert "These times are not kept any more" in page
    assert Status.BOOKED not in statuses(order)


def test_letting_go_what_is_booked_by_now_says_where_it_stands(clinic: Clinic, desk: Client, order: Order) -> None:
    kept = hold(order, clinic)
    settle(desk, kept, "book")
    assert "this visit is now “booked”" in settle(desk, kept, "let_go")


def test_foreign_or_nonsense_kept_times_are_not_found(clinic: Clinic, desk: Client, order: Order) -> None:
    kept = hold(order, clinic)
    stranger = signed_in(factories.create_clinic(clinic.organisation), DESK)
    for client, sent in (
        (stranger, {"visit": [kept[0].pk], "do": "let_go"}),
        (desk, {"visit": ["x"], "do": "let_go"}),
        (desk, {"visit": [kept[0].pk], "do": "eat"}),
    ):
        assert client.post("/kept/", sent).status_code == 404
    assert signed_in(clinic, Role.AUDITOR).post("/kept/", {}).status_code == 403
    assert statuses(order) == [Status.HELD] * 2


def test_consultation_is_kept_and_then_booked_from_its_own_page(clinic: Clinic, desk: Client) -> None:
    patient = factories.create_patient(clinic)
    factories.create_visit_type(clinic)
    address = f"/patients/{patient.pk}/visit/?keep=on"
    page = page_of(desk.get(address))
    assert "Free times to keep: Consultation" in page
    assert 'name="do" value="keep"' in page
    assert ">Keep 8:00 AM<" in page
    page = page_of(desk.post(address, {"start": at("2027-01-05").isoformat(), "key": "k", "do": "keep"}, follow=True))
    visit = Appointment.objects.get()
    assert (visit.status, visit.period.lower) == (Status.HELD, at("2027-01-05"))
    assert f'name="visit" value="{visit.pk}"' in page
    assert "Booked." in settle(desk, [visit], "book")
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_nurse_may_keep_too(clinic: Clinic, order: Order) -> None:
    nurse = signed_in(clinic, NURSE)
    address = f"/series/{order.pk}/book/"
    sent = first_proposal(page_of(nurse.get(address))) | {"do": "keep", "until": "minutes"}
    nurse.post(address, sent)
    assert statuses(order) == [Status.HELD] * 3
