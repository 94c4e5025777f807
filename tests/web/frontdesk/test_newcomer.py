"""A caller is taken down: who may be on file already, the sentence to read out, and straight on to booking."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.consent import consenting
from notifications.models import ConsentRecord, PatientAddress
from scheduling.models import Clinic, Patient
from tests import factories
from tests.web.pages import DESK, NURSE, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]

ROSA = {
    "given_name": "Rosa", "family_name": "Reyes", "preferred_name": "", "birth_date": "3 feb 1980",
    "phone": "(212) 555-0123", "email": "Rosa@Patients.test", "language": "es", "may_message": "on",
}  # fmt: skip


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


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
        ("birth_date", "31.2.", "There is no such day."),
        ("birth_date", "30 feb 1980", "There is no such day."),
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


def test_who_may_be_the_same_person_is_asked_about_before_a_second_record_is_made(clinic: Clinic, desk: Client) -> None:
    desk.post("/patients/new/", ROSA)
    rosa = Patient.objects.get()
    rosalia = {**ROSA, "given_name": "Rosalia"}
    page = page_of(desk.post("/patients/new/", rosalia))
    assert "Is it one of these?" in page
    assert "same birth date, and named alike" in page
    assert f'href="/patients/{rosa.pk}/"' in page
    assert f'name="shown" value="{rosa.pk}"' in page
    assert 'value="Rosalia"' in page
    assert Patient.objects.count() == 1
    desk.post("/patients/new/", {**rosalia, "somebody_else": "yes", "shown": rosa.pk})
    assert Patient.objects.count() == 2


@pytest.mark.parametrize("answer", [{"somebody_else": "yes"}, {"shown": "1"}, {"somebody_else": "yes", "shown": "x"}])
def test_nobody_is_told_apart_from_people_who_were_not_shown(desk: Client, answer: dict[str, str]) -> None:
    desk.post("/patients/new/", ROSA)
    desk.post("/patients/new/", {**ROSA, "given_name": "Rosalia", **answer})
    assert Patient.objects.count() == 1


def test_same_number_alone_asks_who_it_is(desk: Client) -> None:
    desk.post("/patients/new/", ROSA)
    other = {"given_name": "Walter", "family_name": "Brandt", "birth_date": "9/17/1949", "email": ""}
    page = page_of(desk.post("/patients/new/", {**ROSA, **other}))
    assert "same telephone number" in page
    assert Patient.objects.count() == 1


def test_who_is_named_alike_is_shown_and_stands_in_no_way(desk: Client) -> None:
    desk.post("/patients/new/", ROSA)
    other = {**ROSA, "family_name": "Reyez", "birth_date": "1/1/1999", "phone": "", "email": "", "may_message": ""}
    page = page_of(desk.post("/patients/new/alike/", other))
    assert "Easily mixed up with:" in page
    assert "Is it one of these?" not in page
    desk.post("/patients/new/", other)
    assert Patient.objects.count() == 2


def test_while_typing_who_is_alike_and_how_the_birth_date_was_read_are_shown(desk: Client) -> None:
    desk.post("/patients/new/", ROSA)
    rosa = Patient.objects.get()
    half = {"given_name": "Rosa", "birth_date": "2/3/1980"}
    page = page_of(desk.post("/patients/new/alike/", half, headers={"HX-Request": "true"}))
    assert "February 3, 1980" in page
    assert f'href="/patients/{rosa.pk}/"' in page
    told = {**half, "somebody_else": "yes", "shown": rosa.pk}
    assert "checked" in page_of(desk.post("/patients/new/alike/", told))
    assert "checked" not in page_of(desk.post("/patients/new/alike/", {**told, "shown": "0"}))
    nobody = page_of(desk.post("/patients/new/alike/", {"birth_date": "2/3"}))
    assert "href" not in nobody
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("on_to", "leads"), [("", "visit/"), ("page", ""), ("order", "order/"), ("https://elsewhere.test", "visit/")]
)
def test_newcomer_leads_on_to_a_visit_an_order_or_their_page(clinic: Clinic, on_to: str, leads: str) -> None:
    nurse = signed_in(clinic, NURSE)
    answer = nurse.post("/patients/new/", {**ROSA, "on_to": on_to})
    assert answer.headers["Location"] == f"/patients/{Patient.objects.get().pk}/{leads}"


def test_only_who_may_draft_an_order_is_offered_one(clinic: Clinic, desk: Client) -> None:
    assert "Take down and order" not in page_of(desk.get("/patients/new/"))
    assert "Take down and order" in page_of(signed_in(clinic, NURSE).get("/patients/new/"))


def test_sentence_to_read_out_is_the_clinics(desk: Client) -> None:
    assert "Read out:" in page_of(desk.get("/patients/new/"))


def test_looking_while_typing_takes_eight_queries(
    clinic: Clinic, desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.create_patient(clinic, given_name="Rosa", family_name="Reyes")
    with django_assert_num_queries(8):
        desk.post("/patients/new/alike/", ROSA)


def test_typing_may_begin_at_once(desk: Client) -> None:
    page = page_of(desk.get("/patients/new/"))
    assert re.search(r'name="given_name"[^>]* autofocus', page)
