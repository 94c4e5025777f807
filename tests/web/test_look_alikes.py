"""Marks for people who are easily taken for another, and who on file is like a newcomer."""

from __future__ import annotations

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from notifications.addresses import set_address
from notifications.models import AddressKind
from scheduling.models import Clinic, Patient
from tests import factories
from tests.factories import NOW
from web.look_alikes import BORN_ALIKE, NAMED_ALIKE, SAME_NUMBER, OnFile, marks, on_file
from web.patient_search import with_numbers

pytestmark = pytest.mark.django_db
BORN = date(1984, 3, 12)
NUMBER = "(212) 555-0123"


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def person(clinic: Clinic, given: str, family: str, born: date, number: str = "") -> Patient:
    patient = factories.create_patient(clinic, given_name=given, family_name=family, birth_date=born)
    if number:
        set_address(patient=patient, kind=AddressKind.PHONE, raw=number, by=factories.system(), now=NOW)
    return patient


def seen(clinic: Clinic, given: str, family: str, born: date | None = None, phone: str = "") -> list[OnFile]:
    return on_file(organisation=clinic.organisation, given_name=given, family_name=family, birth_date=born, phone=phone)


def test_same_name_number_or_birthday_is_marked_among_those_shown(clinic: Clinic) -> None:
    person(clinic, "Maria", "Gonzalez", date(1970, 1, 1))
    person(clinic, "Maria", "Gonzales", date(1971, 1, 1))
    person(clinic, "Ana", "Silva", date(1972, 1, 1), NUMBER)
    person(clinic, "Peter", "Silva", date(1973, 1, 1), NUMBER)
    person(clinic, "Lee", "Abel", BORN)
    person(clinic, "Grace", "Cole", BORN)
    person(clinic, "Noah", "Diaz", date(1974, 1, 1))
    shown = list(with_numbers(Patient.objects.order_by("pk")))
    said = marks(shown)
    words = [NAMED_ALIKE, NAMED_ALIKE, SAME_NUMBER, SAME_NUMBER, BORN_ALIKE, BORN_ALIKE, None]
    assert [said.get(one.pk) for one in shown] == words


def test_newcomer_of_the_same_name_birthday_or_number_may_be_on_file(clinic: Clinic) -> None:
    maria = person(clinic, "Maria", "Gonzalez", BORN, NUMBER)
    for found in (
        seen(clinic, "Maria", "Gonzalez"),
        seen(clinic, "Mary", "Gonzalez", BORN),
        seen(clinic, "Ana", "Silva", phone="212.555.0123"),
    ):
        assert [(one.patient, one.may_be) for one in found] == [(maria, True)]


def test_newcomer_named_alike_is_only_to_be_told_apart(clinic: Clinic) -> None:
    maria = person(clinic, "Maria", "Gonzalez", BORN)
    [one] = seen(clinic, "Maria", "Gonzales", date(1999, 1, 1))
    assert (one.patient, one.may_be, str(one.why)) == (maria, False, "named alike")


def test_nothing_is_asked_of_nothing(clinic: Clinic, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    person(clinic, "Maria", "Gonzalez", BORN, NUMBER)
    with django_assert_num_queries(0):
        assert seen(clinic, "", "", phone="555") == []
    with django_assert_num_queries(4):
        seen(clinic, "Maria", "Gonzalez", BORN, NUMBER)
