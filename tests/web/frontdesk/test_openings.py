"""Booking a consultation: free times by day, one press, taken meanwhile."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from scheduling.models import Appointment, Clinic, Patient, VisitType
from tests import factories
from tests.web.pages import DESK, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def talk(clinic: Clinic) -> VisitType:
    return factories.create_visit_type(clinic)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    return factories.create_patient(clinic)


def offers(page: str) -> list[dict[str, str]]:
    """What each free time's button sends."""
    return [
        {"start": start, "key": key}
        for start, key in re.findall(r'name="start" value="(.*?)"><input type="hidden" name="key" value="(.*?)"', page)
    ]


def test_free_times_of_some_days_are_offered_and_one_press_books(
    desk: Client, patient: Patient, talk: VisitType
) -> None:
    address = f"/patients/{patient.pk}/visit/"
    page = page_of(desk.get(address))
    assert '>Book 8:00 AM<span class="for-screen-readers">: Consultation, Monday, January 4</span></button>' in page
    assert [day in page for day in ("Monday, January 4", "Thursday, January 7", "Friday, January 8")] == [
        True,
        True,
        False,
    ]
    assert len(offers(page)) == 4 * 8
    answer = desk.post(address, offers(page)[0], follow=True)
    assert "Booked: Consultation on Monday, January 4 at 8:00 AM." in page_of(answer)
    visit = Appointment.objects.get()
    assert (visit.patient_id, visit.visit_type_id, visit.order_id) == (patient.pk, talk.pk, None)


def test_pressing_twice_books_once(desk: Client, patient: Patient, talk: VisitType) -> None:
    address = f"/patients/{patient.pk}/visit/"
    offer = offers(page_of(desk.get(address)))[0]
    for _ in range(2):
        desk.post(address, offer)
    assert Appointment.objects.count() == 1


def test_another_time_of_the_same_old_page_is_not_booked_on_top(
    desk: Client, patient: Patient, talk: VisitType
) -> None:
    address = f"/patients/{patient.pk}/visit/"
    first, second, *_ = offers(page_of(desk.get(address)))
    desk.post(address, first)
    page = page_of(desk.post(address, second, follow=True))
    assert "A visit was booked from that page already." in page
    assert Appointment.objects.count() == 1


def test_time_taken_meanwhile_is_told_with_fresh_times(
    clinic: Clinic, desk: Client, patient: Patient, talk: VisitType
) -> None:
    address = f"/patients/{patient.pk}/visit/"
    offer = offers(page_of(desk.get(address)))[0]
    other = factories.create_patient(clinic)
    desk.post(f"/patients/{other.pk}/visit/", offers(page_of(desk.get(f"/patients/{other.pk}/visit/")))[0])
    answer = desk.post(address, offer)
    assert answer.status_code == 409
    assert "Nothing was booked." in page_of(answer)
    assert offers(page_of(answer))[0]["start"] != offer["start"]


def test_wish_narrows_what_is_offered(desk: Client, patient: Patient, talk: VisitType) -> None:
    page = page_of(desk.get(f"/patients/{patient.pk}/visit/?type={talk.pk}&weekdays=wed&time=14:00"))
    assert "Wednesday, January 6" in page
    assert "Monday, January 4" not in page


def test_visit_type_of_another_clinic_is_not_found(desk: Client, patient: Patient, talk: VisitType) -> None:
    theirs = factories.create_visit_type(factories.create_clinic())
    assert desk.get(f"/patients/{patient.pk}/visit/?type={theirs.pk}").status_code == 404


def test_clinic_without_visit_types_says_so(desk: Client, patient: Patient) -> None:
    assert "This clinic offers no visits yet." in page_of(desk.get(f"/patients/{patient.pk}/visit/"))
    assert desk.post(f"/patients/{patient.pk}/visit/", {"start": "x"}).status_code == 200
