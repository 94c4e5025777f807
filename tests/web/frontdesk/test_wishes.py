"""The desk passes a patient's wish on, and afterwards reads no more than that it did."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.models import Clinic, ClinicianTask, Order
from tests import factories
from tests.notifications.replies import tell, text_back
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, reachable_patient
from tests.web.pages import DESK, NURSE, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
WORDS = "It helped so much last spring"


@pytest.fixture
def clinic() -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic, reachable_patient(clinic))


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def test_desk_notes_it_and_sees_that_it_was_passed_on(clinic: Clinic, order: Order, desk: Client) -> None:
    address = f"/patients/{order.patient_id}/"
    assert "The patient wishes another infusion" in page_of(desk.get(address))
    page = page_of(desk.post(f"{address}wish/", {"words": WORDS}, follow=True))
    assert "Passed on to a clinician. Nothing is booked by it." in page
    assert "waits for the prescriber" in page
    assert WORDS not in page
    [task] = ClinicianTask.objects.all()
    assert (task.words, task.order) == (WORDS, order)
    assert f"/clinician/tasks/{task.pk}/" not in page
    assert f"/clinician/tasks/{task.pk}/" in page_of(signed_in(clinic, NURSE).get(address))
    again = page_of(desk.post(f"{address}wish/", {"words": "more"}, follow=True))
    assert "was passed on before and waits for a clinician" in again


def test_patient_without_a_series_has_nothing_to_pass_on(clinic: Clinic, desk: Client) -> None:
    patient = factories.create_patient(clinic)
    assert "The patient wishes another infusion" not in page_of(desk.get(f"/patients/{patient.pk}/"))
    page = page_of(desk.post(f"/patients/{patient.pk}/wish/", follow=True))
    assert "no series here that is under way or finished" in page
    assert not ClinicianTask.objects.exists()


@pytest.mark.usefixtures("gateway")
def test_reply_is_passed_on_in_its_words_and_dealt_with(clinic: Clinic, order: Order, desk: Client) -> None:
    booker(clinic, now=NOON)(order.patient, new_york(6, 10))
    tell()
    reply = text_back(WORDS)
    page = page_of(desk.post(f"/inbox/{reply.pk}/wish/", follow=True))
    assert "Passed on to a clinician." in page
    assert ClinicianTask.objects.get().words == WORDS
    reply.refresh_from_db()
    assert reply.handled_at is not None


def test_reply_of_nobody_known_asks_who_wrote_it(clinic: Clinic, order: Order, desk: Client) -> None:
    stranger = text_back(WORDS, sender="+12125550777")
    page = page_of(desk.post(f"/inbox/{stranger.pk}/wish/", follow=True))
    assert "Say first who wrote this." in page
    assert not ClinicianTask.objects.exists()
