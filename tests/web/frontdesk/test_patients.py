"""The patient's page, their addresses, and their yes and no."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.addresses import set_address
from notifications.models import AddressKind, ConsentRecord, PatientAddress
from scheduling.models import Clinic
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, NURSE, book, naughty_strings, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def test_address_starts_without_consent_and_takes_yes_and_no(clinic: Clinic, desk: Client) -> None:
    rosa = factories.create_patient(clinic)
    page = page_of(desk.post(f"/patients/{rosa.pk}/address/", {"kind": "phone", "raw": "212 555 0123"}, follow=True))
    assert "(212) 555-0123" in page
    assert "no messages" in page
    address = PatientAddress.objects.get(patient=rosa).address
    yes = page_of(desk.post(f"/patients/{rosa.pk}/answer/", {"address": address.pk, "answer": "yes"}, follow=True))
    assert "may be messaged" in yes
    no = page_of(desk.post(f"/patients/{rosa.pk}/answer/", {"address": address.pk, "answer": "no"}, follow=True))
    assert "may be messaged" not in no
    assert list(ConsentRecord.objects.order_by("pk").values_list("granted", flat=True)) == [True, False]


def test_address_that_can_not_be_right_is_asked_again(clinic: Clinic, desk: Client) -> None:
    rosa = factories.create_patient(clinic)
    page = page_of(desk.post(f"/patients/{rosa.pk}/address/", {"kind": "phone", "raw": "12"}))
    assert "Ask for it once more" in page
    assert PatientAddress.objects.count() == 0


def test_answer_for_somebody_elses_address_is_not_found(clinic: Clinic, desk: Client) -> None:
    rosa, other = factories.create_patient(clinic), factories.create_patient(clinic)
    by = factories.create_actor(clinic, DESK)
    address = set_address(patient=other, kind=AddressKind.PHONE, raw="212 555 0123", by=by, now=NOW)
    for wanted in (str(address.pk), "0", "x", ""):
        assert desk.post(f"/patients/{rosa.pk}/answer/", {"address": wanted, "answer": "yes"}).status_code == 404
    assert ConsentRecord.objects.count() == 0


@pytest.mark.parametrize("path", ["", "visit/", "order/"])
def test_foreign_patient_is_not_found(clinic: Clinic, path: str) -> None:
    patient = factories.create_patient(clinic)
    stranger = signed_in(factories.create_clinic(), DESK, NURSE)
    assert stranger.get(f"/patients/{patient.pk}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["address/", "answer/"])
def test_foreign_patient_is_not_changed(clinic: Clinic, path: str) -> None:
    patient = factories.create_patient(clinic)
    stranger = signed_in(factories.create_clinic(), DESK)
    assert stranger.post(f"/patients/{patient.pk}/{path}", {"kind": "phone", "raw": "2125550123"}).status_code == 404
    assert PatientAddress.objects.count() == 0


@pytest.mark.parametrize("visits", [1, 3])
def test_patient_page_takes_twenty_one_queries(
    clinic: Clinic, desk: Client, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = factories.create_order(clinic)
    book(order, clinic, how_many=visits)
    with django_assert_num_queries(21):
        page = page_of(desk.get(f"/patients/{order.patient_id}/"))
    assert page[: page.index('id="history-title"')].count(" of 6") == visits


def test_desk_does_not_read_what_is_given(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(clinic)
    book(order, clinic)
    assert order.title not in page_of(desk.get(f"/patients/{order.patient_id}/"))
    assert order.title in page_of(signed_in(clinic, NURSE).get(f"/patients/{order.patient_id}/"))


def test_names_are_shown_as_typed(clinic: Clinic, desk: Client) -> None:
    for text in (*naughty_strings()[:25], *naughty_strings()[300:325]):
        patient = factories.create_patient(clinic, given_name=text, preferred_name=text)
        assert shows(page_of(desk.get(f"/patients/{patient.pk}/")), text)
