"""Finding patients without names in addresses, taking newcomers down, the patient's page and their yes and no."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.addresses import set_address
from notifications.consent import consenting
from notifications.models import AddressKind, ConsentRecord, PatientAddress
from scheduling.models import Clinic, Patient
from scheduling.patients import record_death
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, NURSE, book, naughty_strings, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]

ROSA = {
    "given_name": "Rosa", "family_name": "Reyes", "preferred_name": "", "birth_date": "1980-02-03",
    "phone": "(212) 555-0123", "email": "Rosa@Patients.test", "language": "es", "may_message": "on",
}  # fmt: skip


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def test_search_is_a_post_and_no_name_is_in_any_address(clinic: Clinic, desk: Client) -> None:
    rosa = factories.create_patient(clinic, given_name="Rosá", family_name="Reyes")
    answer = desk.post("/patients/", {"text": "rosa rey"})
    page = page_of(answer)
    assert f'href="/patients/{rosa.pk}/"' in page
    assert "Rosá Reyes" in page
    assert [line for line in page.split('"') if line.startswith("/") and "rosa" in line.lower()] == []
    assert "Rosá" not in page_of(desk.get("/patients/", {"text": "rosa"}))


def test_search_finds_nobody_of_another_organisation_nor_the_dead(clinic: Clinic, desk: Client) -> None:
    factories.create_patient(factories.create_clinic(), given_name="Rosa", family_name="Elsewhere")
    dead = factories.create_patient(clinic, given_name="Rosa", family_name="Gone")
    record_death(patient=dead, died_at=NOW, by=factories.system(), now=NOW)
    page = page_of(desk.post("/patients/", {"text": "Rosa"}))
    assert "Nobody is found" in page
    assert 'name="given_name" value="Rosa"' in page, "what was typed begins the new record"


def test_search_for_nothing_asks_for_something(desk: Client) -> None:
    assert "Type a name, a birth date or a record number." in page_of(desk.post("/patients/", {"text": "  "}))


def test_newcomer_is_taken_down_with_addresses_and_consent_and_led_to_booking(clinic: Clinic, desk: Client) -> None:
    answer = desk.post("/patients/new/", ROSA)
    rosa = Patient.objects.get(family_name="Reyes")
    assert answer.headers["Location"] == f"/patients/{rosa.pk}/visit/"
    assert (rosa.organisation_id, rosa.birth_date, rosa.language) == (clinic.organisation_id, date(1980, 2, 3), "es")
    links = PatientAddress.objects.filter(patient=rosa).select_related("address").order_by("pk")
    assert [(link.address.value, link.preferred) for link in links] == [
        ("+12125550123", True), ("rosa@patients.test", False)
    ]  # fmt: skip
    assert consenting([link.address_id for link in links]) == {link.address_id for link in links}
    assert set(ConsentRecord.objects.values_list("wording_version", "method", "language")) == {("1", "verbal", "es")}


def test_without_a_yes_nobody_is_messaged(desk: Client) -> None:
    desk.post("/patients/new/", {**ROSA, "may_message": ""})
    assert PatientAddress.objects.count() == 2
    assert ConsentRecord.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("phone", "555", "This can&#x27;t be a phone number."),
        ("email", "rosa@", "This can&#x27;t be an e-mail address."),
        ("birth_date", "2090-01-01", "Check the year"),
        ("birth_date", "", "This field is required."),
        ("family_name", "", "This field is required."),
    ],
)
def test_what_can_not_be_right_is_asked_again_and_the_rest_is_kept(
    desk: Client, field: str, typed: str, told: str
) -> None:
    page = page_of(desk.post("/patients/new/", {**ROSA, field: typed}))
    assert told in page
    assert 'value="Rosa"' in page
    assert Patient.objects.count() == 0


def test_yes_without_an_address_asks_where_to(desk: Client) -> None:
    page = page_of(desk.post("/patients/new/", {**ROSA, "phone": "", "email": ""}))
    assert "They want messages: where to?" in page
    assert Patient.objects.count() == 0


def test_possible_duplicate_is_shown_before_a_second_record_is_made(clinic: Clinic, desk: Client) -> None:
    desk.post("/patients/new/", ROSA)
    rosa = Patient.objects.get()
    page = page_of(desk.post("/patients/new/", {**ROSA, "given_name": "Rosalia"}))
    assert "Is it one of these?" in page
    assert f'href="/patients/{rosa.pk}/"' in page
    assert 'value="Rosalia"' in page
    assert Patient.objects.count() == 1
    desk.post("/patients/new/", {**ROSA, "given_name": "Rosalia", "somebody_else": "yes"})
    assert Patient.objects.count() == 2


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


def test_names_and_searches_are_shown_as_typed(clinic: Clinic, desk: Client) -> None:
    for text in (*naughty_strings()[:25], *naughty_strings()[300:325]):
        page = page_of(desk.post("/patients/", {"text": text}))
        assert shows(page, text)
        patient = factories.create_patient(clinic, given_name=text, preferred_name=text)
        assert shows(page_of(desk.get(f"/patients/{patient.pk}/")), text)
