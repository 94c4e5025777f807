"""Who on file may be a newcomer."""

from __future__ import annotations

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.look_alikes import look_alikes
from scheduling.models import Clinic, Patient
from scheduling.patients import record_death
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
BORN = date(1984, 3, 12)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def maria(clinic: Clinic) -> Patient:
    return factories.create_patient(clinic, given_name="María", family_name="Gonzalez", birth_date=BORN)


def like(clinic: Clinic, given: str, family: str, born: date | None = None) -> list[Patient]:
    return look_alikes(organisation=clinic.organisation, given_name=given, family_name=family, birth_date=born)


@pytest.mark.parametrize(
    ("given", "family", "born"),
    [
        ("Maria", "Gonzalez", None), ("maria", "GONZALEZ", date(1999, 1, 1)), ("Gonzalez", "Maria", None),
        ("Maria", "Silva", BORN), ("Ana", "Gonzales", BORN), ("Maira", "Silva", BORN), ("Gonzalez", "Ana", BORN),
    ],
)  # fmt: skip
def test_may_be_the_same_person(clinic: Clinic, maria: Patient, given: str, family: str, born: date | None) -> None:
    assert like(clinic, given, family, born) == [maria]


@pytest.mark.parametrize(
    ("given", "family", "born"),
    [
        ("Ana", "Silva", BORN),
        ("Maria", "Gonzales", date(1999, 1, 1)),
        ("Maria", "", None),
        ("", "", None),
        ("%", "_", None),
    ],
)
def test_is_somebody_else(clinic: Clinic, maria: Patient, given: str, family: str, born: date | None) -> None:
    assert like(clinic, given, family, born) == []


def test_the_gone_and_those_of_other_organisations_are_left_out(clinic: Clinic, maria: Patient) -> None:
    assert like(factories.create_clinic(), "Maria", "Gonzalez", BORN) == []
    record_death(patient=maria, died_at=NOW, by=factories.system(), now=NOW)
    assert like(clinic, "Maria", "Gonzalez", BORN) == []


def test_looking_takes_one_query(clinic: Clinic, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        like(clinic, "Maria", "Gonzalez", BORN)
