"""The ride home on the patient's page: whom it is about is plain in both languages, and a phone is a phone."""

from __future__ import annotations

import pytest
from django.test import Client

from notifications.models import RideHome
from scheduling.models import Clinic
from tests.web.pages import page_of
from tests.web.patient.world import PREPARED, body_of, clinic_with_links, knowing, press, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


def test_spanish_page_says_that_the_driver_and_not_the_patient_comes_later(clinic: Clinic) -> None:
    path, _ = told(clinic, template=PREPARED, language="es")
    page = body_of(page_of(knowing(path).get(path)))
    assert "Alguien tiene que llevarle a casa el lunes 4 de enero." in page
    assert "Esa persona puede venir a recogerle hacia las 10:00." in page
    assert "Puede venir" not in page, "that would be the patient"
    assert "Número de teléfono de esa persona" in page


@pytest.mark.parametrize("phone", ["abc", "not a phone", "212 555", "call 212 555 0177", "１２３"])
def test_what_nobody_could_dial_is_refused_in_words_and_what_was_typed_stays(clinic: Clinic, phone: str) -> None:
    path, [visit, *_] = told(clinic, template=PREPARED)
    answer = knowing(path).post(f"{path}ride/", press(visit, driver="Elena", phone=phone))
    page = page_of(answer)
    assert answer.status_code == 422
    assert "Write their phone number in digits, such as 212 555 0100, or leave it empty." in page
    assert 'value="Elena"' in page
    assert not RideHome.objects.exists()


@pytest.mark.parametrize("phone", ["", "212 555 0177", "+1 (212) 555-0177", "555-0177"])
def test_number_is_taken_as_people_write_it_and_need_not_be_given(clinic: Clinic, phone: str) -> None:
    path, [visit, *_] = told(clinic, template=PREPARED)
    assert knowing(path).post(f"{path}ride/", press(visit, driver="Elena", phone=phone)).status_code == 302
    assert RideHome.objects.get().phone == phone


def test_nobody_without_the_birth_date_learns_that_a_number_was_wrong(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic, template=PREPARED)
    assert Client().post(f"{path}ride/", press(visit, driver="Elena", phone="abc")).status_code == 302
