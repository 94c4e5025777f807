"""A visit beside the board: what the desk needs on the telephone, and the steps that ask nothing more."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.addresses import set_address
from notifications.models import AddressKind
from scheduling.models import Appointment, Clinic, Status
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, NURSE, book, bring_to, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    patient = factories.create_patient(
        clinic, given_name="Rosalind", preferred_name="Rosie", family_name="Reyes", birth_date=date(1960, 12, 7)
    )
    set_address(patient=patient, kind=AddressKind.PHONE, raw="212 555 0142", by=factories.system(), now=NOW)
    return book(factories.create_order(clinic, patient), clinic)[0]


def beside(client: Client, visit: Appointment) -> str:
    return page_of(client.get(f"/visits/{visit.pk}/", headers={"HX-Request": "true"}))


def test_what_is_needed_on_the_telephone_stands_beside_the_board(
    desk: Client, visit: Appointment, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(19):
        page = beside(desk, visit)
    assert "<html" not in page
    for words in (
        "Rosie Reyes",
        "Rosalind Reyes",
        "Infusion 1 of 6",
        "(212) 555-0142",
        "December 7, 1960",
        "Chair ",
        "Nurse ",
    ):
        assert words in page
    assert f'data-version="{visit.row_version}"' in page
    assert f'action="/visits/{visit.pk}/confirm/"' in page


def test_what_can_no_longer_be_done_is_not_offered(clinic: Clinic, desk: Client, visit: Appointment) -> None:
    bring_to(visit, Status.ARRIVED, clinic=clinic)
    page = beside(desk, visit)
    assert "/confirm/" not in page
    assert f"/visits/{visit.pk}/move/" not in page
    assert 'value="seated"' not in page, "the desk says who has arrived; the rest is for nurses"
    assert f'action="/visits/{visit.pk}/step/"' in beside(signed_in(clinic, NURSE), visit)


def test_who_did_not_come_is_said_only_once_they_are_due(clinic: Clinic, desk: Client, visit: Appointment) -> None:
    assert "no_show" not in beside(desk, visit)
    Appointment.objects.filter(pk=visit.pk).update(row_version=2)
    assert 'data-version="2"' in beside(desk, visit)


def test_visits_of_other_clinics_are_not_found(clinic: Clinic, visit: Appointment) -> None:
    elsewhere = factories.create_clinic(clinic.organisation)
    assert signed_in(elsewhere, DESK).get(f"/visits/{visit.pk}/").status_code == 404


def test_each_block_of_the_board_says_which_visit_it_is_and_where_it_stands(desk: Client, visit: Appointment) -> None:
    page = page_of(desk.get("/"))
    assert f'data-visit="{visit.pk}" data-version="{visit.row_version}"' in page
    assert f'id="visit-{visit.pk}" href="/visits/{visit.pk}/"' in page, "a plain link where there are no scripts"
    assert 'data-day="2027-01-04" data-grid-minutes="15" data-from="2027-01-04T08:00:00-05:00"' in page
