"""Finding, creating, and closing a patient's record."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

import pytest

from scheduling.booking import book_visit
from scheduling.events import Actor
from scheduling.models import Appointment, EventToPlan, Role, Status
from scheduling.patients import (
    PossibleDuplicate,
    choose_language,
    create_patient,
    find_patients,
    record_death,
    set_languages,
)
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
BORN = date(1971, 5, 9)


@pytest.mark.parametrize("text", ["jose", "GARCIA", "jos gar", "1971-05-09", "05/09/1971", "A-77", "pepe"])
def test_find_patients_by_any_part_without_accents_or_case(text: str) -> None:
    clinic = factories.create_clinic()
    found = factories.create_patient(
        clinic, given_name="José", family_name="García", birth_date=BORN, mrn="A-77", preferred_name="Pepe"
    )
    factories.create_patient(clinic, given_name="Ana", family_name="Silva")
    assert find_patients(organisation=clinic.organisation, text=text) == [found]


def test_find_patients_leaves_out_other_organisations_and_the_gone() -> None:
    clinic, elsewhere = factories.create_clinic(), factories.create_clinic()
    factories.create_patient(elsewhere, family_name="Reyes")
    gone = factories.create_patient(clinic, family_name="Reyes")
    record_death(patient=gone, died_at=NOW, by=factories.system(), now=NOW)
    assert find_patients(organisation=clinic.organisation, text="reyes") == []
    assert find_patients(organisation=clinic.organisation, text="reyes", include_gone=True) == [gone]
    assert find_patients(organisation=clinic.organisation, text="   ") == []


def test_create_patient_asks_when_someone_like_that_is_on_file() -> None:
    clinic = factories.create_clinic()
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    first = factories.create_patient(clinic, given_name="Maria", family_name="Gomez", birth_date=BORN)
    create = partial(
        create_patient, clinic=clinic, given_name="Mary", family_name="Gómez", birth_date=BORN, by=by, now=NOW
    )
    with pytest.raises(PossibleDuplicate) as refusal:
        create()
    assert refusal.value.patients == [first]
    assert create(allow_duplicate=True).pk != first.pk


def test_death_frees_the_visits_to_come_and_wakes_the_planner() -> None:
    clinic = factories.create_clinic()
    by = factories.create_actor(clinic, Role.MANAGER)
    visit_type = factories.create_visit_type(clinic)
    start = datetime.fromisoformat("2027-01-05T09:00-05:00")
    died = factories.create_patient(clinic)
    book_visit(patient=died, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW)
    EventToPlan.objects.all().delete()
    record_death(patient=died, died_at=NOW, by=by, now=NOW)
    record_death(patient=died, died_at=NOW, by=by, now=NOW)
    assert Appointment.objects.get().status == Status.RELEASED
    assert EventToPlan.objects.count() == 1


def test_languages_and_clock_are_kept_and_the_planner_hears_of_it() -> None:
    clinic = factories.create_clinic()
    patient, by = factories.create_patient(clinic), factories.create_actor(clinic, Role.FRONT_DESK)
    say = partial(set_languages, patient=patient, language="vi", second_language="en", interpreter_needed=True)
    assert say(time_zone="America/Denver", by=by, now=NOW)
    assert not say(time_zone="America/Denver", by=by, now=NOW)
    assert (patient.language, patient.second_language, patient.time_zone) == ("vi", "en", "America/Denver")
    assert (patient.interpreter_needed, patient.row_version) == (True, 2)
    told = EventToPlan.objects.filter(event__verb="patient.languages_set", event__patient=patient)
    assert told.count() == 1
    assert choose_language(patient=patient, language="es", by=Actor.patient(), now=NOW)
    assert not choose_language(patient=patient, language="es", by=Actor.patient(), now=NOW)
    assert (patient.language, patient.second_language, patient.interpreter_needed) == ("es", "en", True)
    assert told.count() == 2
