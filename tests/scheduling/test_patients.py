"""Creating, and closing a patient's record."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

import pytest

from scheduling.booking import book_visit
from scheduling.events import Actor
from scheduling.models import Appointment, Event, EventToPlan, Role, Status
from scheduling.patients import (
    NotThisPatient,
    PossibleDuplicate,
    choose_language,
    create_patient,
    merge_patients,
    record_death,
    set_languages,
)
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
BORN = date(1971, 5, 9)


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
    second = create(told_apart=[first.pk])
    assert Event.objects.get(verb="patient.created", patient=second).data == {"told_apart": [first.pk]}
    with pytest.raises(PossibleDuplicate) as refusal:
        create(told_apart=[first.pk])
    assert refusal.value.patients == [second], "somebody on file who was not asked about"
    assert create(told_apart=None).pk


def test_death_and_merging_free_the_visits_to_come_and_wake_the_planner() -> None:
    clinic = factories.create_clinic(prescribers=2)
    by = factories.create_actor(clinic, Role.MANAGER)
    visit_type = factories.create_visit_type(clinic)
    start = datetime.fromisoformat("2027-01-05T09:00-05:00")
    died, twin = factories.create_patient(clinic), factories.create_patient(clinic)
    for patient in (died, twin):
        book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW)
    EventToPlan.objects.all().delete()
    record_death(patient=died, died_at=NOW, by=by, now=NOW)
    record_death(patient=died, died_at=NOW, by=by, now=NOW)
    merge_patients(duplicate=twin, into=factories.create_patient(clinic), by=by, now=NOW)
    assert set(Appointment.objects.values_list("status", flat=True)) == {Status.RELEASED}
    assert EventToPlan.objects.count() == 2


def test_merge_patients_refuses_one_person_twice_another_organisation_and_a_merged_record() -> None:
    clinic, elsewhere = factories.create_clinic(), factories.create_clinic()
    a, b, c = (factories.create_patient(clinic) for _ in range(3))
    for into in (a, factories.create_patient(elsewhere)):
        with pytest.raises(NotThisPatient):
            merge_patients(duplicate=a, into=into, by=factories.system(), now=NOW)
    merge_patients(duplicate=a, into=b, by=factories.system(), now=NOW)
    with pytest.raises(NotThisPatient):
        merge_patients(duplicate=c, into=a, by=factories.system(), now=NOW)
    factories.create_order(clinic, c)
    with pytest.raises(NotThisPatient):
        merge_patients(duplicate=c, into=b, by=factories.system(), now=NOW)


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
