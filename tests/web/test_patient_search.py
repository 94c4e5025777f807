"""Finding a patient by whatever is typed of them, best first, in one query or two."""

from __future__ import annotations

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from notifications.addresses import set_address
from notifications.models import AddressKind
from scheduling.merging import merge_patients
from scheduling.models import Clinic, Patient
from scheduling.patients import record_death
from tests import factories
from tests.factories import NOW
from web.patient_search import FEW, SHOWN_AT_MOST, Found, look_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def maria(clinic: Clinic) -> Patient:
    """Whom the tests look for, beside somebody else."""
    factories.create_patient(clinic, given_name="Grace", family_name="Silva", mrn="B-900", birth_date=date(1990, 1, 2))
    maria = factories.create_patient(
        clinic, given_name="María", family_name="Olsen-O'Brien", preferred_name="Mimi", mrn="H-01042",
        birth_date=date(1985, 3, 4),
    )  # fmt: skip
    reach(maria, "(212) 555-0123")
    return maria


def reach(patient: Patient, number: str) -> None:
    set_address(patient=patient, kind=AddressKind.PHONE, raw=number, by=factories.system(), now=NOW)


def find(clinic: Clinic, text: str, *, include_gone: bool = False) -> Found:
    return look_for(organisation=clinic.organisation, text=text, include_gone=include_gone)


@pytest.mark.parametrize(
    "typed",
    [
        "mar ol", "OL MAR", "maria", "olsen maria", "Olsen, Maria", "mimi", "obrien", "o'brien", "brien", "lsen",
        "3/4/1985", "4 mar 1985", "1985-03-04", "4.3.1985", "mar 1985", "mar ol 4 mar 1985", "4/3/1985",
        "2125550123", "212 555 0123", "+1 (212) 555-0123", "0123", "ol 0123", "555-01",
        "H-01042", "h01042", "01042", "mrn 1042",
    ],
)  # fmt: skip
def test_a_patient_is_found_by_what_people_type(clinic: Clinic, maria: Patient, typed: str) -> None:
    assert find(clinic, typed).patients == [maria]


@pytest.mark.parametrize("typed", ["olsne", "maira", "Mraia Olsn", "olssen", "oksen", "gracia ol", "mimmi"])
def test_a_patient_is_found_past_a_slip(clinic: Clinic, maria: Patient, typed: str) -> None:
    found = find(clinic, typed)
    assert found.patients == []
    assert found.nearly == ([] if "gracia" in typed else [maria])


@pytest.mark.parametrize("typed", ["amela hrt", "amelia hrt", "hrt amelai", "Amelia Hatr", "amelia hrt 2/3/1980"])
def test_a_patient_is_found_past_a_slip_in_each_name(clinic: Clinic, typed: str) -> None:
    amelia = factories.create_patient(clinic, given_name="Amelia", family_name="Hart", birth_date=date(1980, 2, 3))
    assert find(clinic, typed).everybody == [amelia]


@pytest.mark.parametrize(
    "typed", ["hrt", "amelia hr", "amelia hrn", "amela hr t", "mela hrat x", "anna hrt", "amelia hrt 1/1/1999"]
)
def test_who_is_no_more_than_a_little_alike_is_not_found(clinic: Clinic, typed: str) -> None:
    for given, family in (("Amelia", "Hart"), ("Amelia", "Harton"), ("Camille", "Hirsch"), ("Anna", "Hertz")):
        factories.create_patient(clinic, given_name=given, family_name=family, birth_date=date(1980, 2, 3))
    assert find(clinic, typed).everybody == []


@pytest.mark.parametrize("typed", ["", "  ", "?", "zzz", "12", "999-9999", "1/1/2001", "0000", "%", "_", "\\", "ol%"])
def test_what_matches_nobody_finds_nobody(clinic: Clinic, maria: Patient, typed: str) -> None:
    assert find(clinic, typed).everybody == []


def test_whole_words_come_before_beginnings_before_pieces_and_the_given_name_first(clinic: Clinic) -> None:
    names = [("Ana", "Olander"), ("Olaf", "Berg"), ("Ana", "Carol"), ("Eva", "Ol"), ("Ana", "Silva")]
    for given, family in names:
        factories.create_patient(clinic, given_name=given, family_name=family)
    assert [one.family_name for one in find(clinic, "ol").patients] == ["Ol", "Berg", "Olander"]
    assert [one.family_name for one in find(clinic, "ana").patients] == ["Carol", "Olander", "Silva"]
    assert [one.family_name for one in find(clinic, "ola ").patients] == ["Berg", "Olander"]
    assert [one.family_name for one in find(clinic, "rol").patients] == ["Carol"]


def test_the_countrys_own_reading_of_a_date_comes_first(clinic: Clinic) -> None:
    april = factories.create_patient(clinic, birth_date=date(1985, 4, 3))
    march = factories.create_patient(clinic, birth_date=date(1985, 3, 4))
    assert find(clinic, "3/4/1985").patients == [march, april]
    assert find(clinic, "3.4.1985").patients == [april, march]


def test_who_is_written_nearly_so_is_shown_beside_a_few(clinic: Clinic) -> None:
    first = factories.create_patient(clinic, given_name="Maria", family_name="Gonzalez")
    second = factories.create_patient(clinic, given_name="Maria", family_name="Gonzáles")
    found = find(clinic, "maria gonzalez")
    assert (found.patients, found.nearly) == ([first], [second])
    assert find(clinic, "gonsalez").nearly == [first, second], "a slip, and another ending"


@pytest.mark.parametrize("typed", ["00-12-34", "8f3a-4455", "9c12dec34-77-b2", "9C12DEC34 77 b2"])
def test_a_record_number_is_found_as_it_is_written(clinic: Clinic, typed: str) -> None:
    for mrn in ("00-12-34", "8f3a-4455", "9c12dec34-77-b2"):
        factories.create_patient(clinic, mrn=mrn)
    assert [one.mrn.casefold() for one in find(clinic, typed).patients] == [typed.casefold().replace(" ", "-")]


def test_a_number_given_up_finds_nobody(clinic: Clinic, maria: Patient) -> None:
    reach(maria, "(212) 555-0188")
    assert find(clinic, "0123").patients == []
    [found] = find(clinic, "0188").patients
    assert found.numbers == ["+12125550188"]  # type: ignore[attr-defined]  # annotated by the search


def test_the_gone_are_found_only_where_they_are_asked_for_and_then_last(clinic: Clinic, maria: Patient) -> None:
    died, merged = (factories.create_patient(clinic, given_name="Maria", family_name="Abel") for _ in range(2))
    record_death(patient=died, died_at=NOW, by=factories.system(), now=NOW)
    merge_patients(duplicate=merged, into=maria, by=factories.system(), now=NOW)
    assert find(clinic, "maria").everybody == [maria]
    assert find(clinic, "maria", include_gone=True).patients == [maria, died, merged]


def test_nothing_shows_across_organisations(clinic: Clinic, maria: Patient) -> None:
    elsewhere = factories.create_clinic()
    for typed in ("maria", "0123", "3/4/1985", "olsne"):
        assert find(elsewhere, typed).everybody == []


def test_more_than_a_page_says_so(clinic: Clinic) -> None:
    for _ in range(SHOWN_AT_MOST + 1):
        factories.create_patient(clinic, given_name="Rosa")
    found = find(clinic, "rosa")
    assert (len(found.patients), found.is_more) == (SHOWN_AT_MOST, True)


def test_looking_takes_one_query_and_another_where_few_are_found(
    clinic: Clinic, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(FEW):
        factories.create_patient(clinic, given_name="Rosa")
    for typed, queries in (("rosa", 1), ("rosa 2/3/1980 0123", 2), ("rsoa", 2), ("0123", 1), ("ol", 1), ("", 0)):
        with django_assert_num_queries(queries):
            find(clinic, typed)
