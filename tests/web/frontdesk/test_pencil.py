"""Before the signature the desk keeps times; the signature books them, or leaves them on top of the list."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.drafting import change_draft, what_is_signed
from scheduling.models import Appointment, Clinic, Order, OrderState, Status
from scheduling.order_content import content_hash
from tests import factories
from tests.factories import NOW, SIX
from tests.web.pages import DESK, NURSE, PRESCRIBER, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


@pytest.fixture
def draft(clinic: Clinic) -> Order:
    return factories.create_draft(clinic, template={**SIX, "doses": 3, "reviews": []})


def keep(desk: Client, draft: Order, *, hours: str = "24") -> str:
    card = desk.get(f"/series/{draft.pk}/pencil/").context["cards"][0]
    sent = {"pick": list(card.picks), "key": card.key, "do": "keep", "until": hours, "held_with": "Ana"}
    return page_of(desk.post(f"/series/{draft.pk}/pencil/", sent, follow=True))


def sign(clinic: Clinic, draft: Order) -> str:
    draft.refresh_from_db()
    sent = {"password": "password", "read": content_hash(what_is_signed(draft))}
    return page_of(signed_in(clinic, PRESCRIBER).post(f"/clinician/orders/{draft.pk}/sign/", sent, follow=True))


def test_draft_is_on_the_desks_list_and_its_page_books_nothing(desk: Client, draft: Order) -> None:
    orders = page_of(desk.get("/orders/"))
    assert f"/series/{draft.pk}/pencil/" in orders
    assert "Series of six" not in orders
    page = page_of(desk.get(f"/series/{draft.pk}/pencil/"))
    assert "Times can be kept, nobody is told, and signing it books them." in page
    assert 'value="book"' not in page
    assert 'value="keep"' in page


def test_times_are_kept_and_the_signature_books_them(clinic: Clinic, desk: Client, draft: Order) -> None:
    page = keep(desk, draft)
    assert "Nobody is told; signing the order books them." in page
    assert "Kept with Ana." in page
    assert 'name="do" value="book"' not in page
    assert Appointment.objects.filter(order=draft, status=Status.HELD).count() == 3
    assert "Infusions 1, 2 and 3: booked at the times that were kept." in sign(clinic, draft).replace(
        "1–3", "1, 2 and 3"
    )
    assert Appointment.objects.filter(order=draft, status=Status.BOOKED).count() == 3


def test_pencil_that_no_longer_fits_stands_on_top_of_the_list(clinic: Clinic, desk: Client, draft: Order) -> None:
    pressing = factories.create_order(clinic)
    keep(desk, draft)
    far = [{"dose": "each", "after": "previous", "min": 5, "max": 9}]
    change_draft(order=draft, changes={"spacing": far}, by=factories.create_actor(clinic, NURSE), now=NOW)
    page = sign(clinic, draft)
    assert "The kept times could not be booked:" in page
    draft.refresh_from_db()
    assert draft.state == OrderState.ACTIVE
    answer = desk.get("/orders/")
    assert [row.order for row in answer.context["rows"]] == [draft, pressing]
    assert "times are kept" in page_of(answer)


@pytest.mark.parametrize("hours", ["", "1000", "4; drop"])
def test_nonsense_keeps_nothing(desk: Client, draft: Order, hours: str) -> None:
    keep(desk, draft, hours=hours)
    assert not Appointment.objects.filter(order=draft).exists()


def test_signed_order_leads_on_to_its_series(clinic: Clinic, desk: Client, draft: Order) -> None:
    sign(clinic, draft)
    assert desk.get(f"/series/{draft.pk}/pencil/").headers["Location"] == f"/series/{draft.pk}/"


def test_foreign_draft_is_not_found(draft: Order) -> None:
    stranger = signed_in(factories.create_clinic(), DESK)
    assert stranger.get(f"/series/{draft.pk}/pencil/").status_code == 404


def test_other_times_are_offered_beside_those_that_are_kept(desk: Client, draft: Order) -> None:
    keep(desk, draft)
    page = page_of(desk.get(f"/series/{draft.pk}/pencil/"))
    assert "Kept already" in page
    assert "Keep these times" in page
