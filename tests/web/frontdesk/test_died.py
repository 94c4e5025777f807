"""Writing down that a patient has died: what it ends is shown first, nobody is told, and it is asked twice."""

from __future__ import annotations

from html import unescape

import pytest

from notifications.models import Notice
from scheduling.models import Clinic, Order, Patient, Role, Status
from tests import factories
from tests.factories import NOW
from tests.notifications.world import plan, reachable_patient
from tests.web.pages import DESK, NURSE, PRESCRIBER, book, page_of, signed_in
from tests.web.patient.world import clinic_with_links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
SURE = {"day": "2027-01-03", "is_sure": "on"}


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


@pytest.fixture
def order(clinic: Clinic) -> Order:
    """Three infusions are booked, and a draft waits."""
    patient = reachable_patient(clinic, now=NOW)
    order = factories.create_order(clinic, patient)
    book(order, clinic, how_many=3)
    factories.create_draft(clinic, patient)
    plan(NOW)
    return order


def path(patient: Patient) -> str:
    return f"/patients/{patient.pk}/died/"


def test_what_it_ends_is_shown_before_anything_is_written(clinic: Clinic, order: Order) -> None:
    page = unescape(page_of(signed_in(clinic, NURSE).get(path(order.patient))))
    for said in (
        "Infusion 1 of 6", "Infusion 3 of 6", "planned messages are not sent", "One draft of an order is discarded.",
        "One order stays until a prescriber ends it", "No message goes to the patient", order.patient.legal_name,
    ):  # fmt: skip
        assert said in page
    assert Patient.objects.get().deceased_at is None


@pytest.mark.parametrize("role", [NURSE, PRESCRIBER, Role.MANAGER])
def test_it_frees_what_was_booked_and_says_nothing_to_anybody(clinic: Clinic, order: Order, role: Role) -> None:
    answer = signed_in(clinic, role).post(path(order.patient), SURE, follow=True)
    assert "Written down." in page_of(answer)
    assert {visit.status for visit in order.appointments.all()} == {Status.RELEASED}
    patient = Patient.objects.get()
    assert patient.deceased_at is not None
    plan(NOW)
    assert not Notice.objects.filter(patient=patient, state="planned").exists()
    assert "This patient has died" in page_of(answer)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"day": "2027-01-03"}, "Check name and birth date first."),
        (SURE | {"day": ""}, "Write down the day"),
        (SURE | {"day": "2027-01-05"}, "That day is still to come."),
        (SURE | {"day": "0001-01-01"}, "That day is before the patient was born."),
    ],
)
def test_without_a_day_that_is_over_and_a_second_look_nothing_is_written(
    clinic: Clinic, order: Order, sent: dict[str, str], said: str
) -> None:
    answer = signed_in(clinic, NURSE).post(path(order.patient), sent)
    assert (answer.status_code, said in unescape(page_of(answer))) == (422, True)
    assert Patient.objects.get().deceased_at is None


def test_twice_changes_nothing(clinic: Clinic, order: Order) -> None:
    nurse = signed_in(clinic, NURSE)
    nurse.post(path(order.patient), SURE)
    again = nurse.post(path(order.patient), SURE | {"day": "2027-01-02"}, follow=True)
    assert "closed already. Nothing was changed." in unescape(page_of(again))
    assert f"{Patient.objects.get().deceased_at:%Y-%m-%d}" == "2027-01-03"


def test_the_desk_neither_sees_nor_writes_it(clinic: Clinic, order: Order) -> None:
    desk = signed_in(clinic, DESK)
    assert path(order.patient) not in page_of(desk.get(f"/patients/{order.patient_id}/"))
    assert path(order.patient) in page_of(signed_in(clinic, NURSE).get(f"/patients/{order.patient_id}/"))
    assert (desk.get(path(order.patient)).status_code, desk.post(path(order.patient), SURE).status_code) == (403, 403)
    assert Patient.objects.get().deceased_at is None


def test_another_organisation_finds_nobody(order: Order) -> None:
    assert signed_in(factories.create_clinic(), NURSE).get(path(order.patient)).status_code == 404
