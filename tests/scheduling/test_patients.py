"""Creating, and closing a patient's record."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

import pytest

from scheduling.booking import book_visit
from scheduling.events import Actor
from scheduling.models import Appointment, Event, EventToPlan, Role, Status
from scheduling.patients import (
    PossibleDuplicate,
    choose_language,
    create_patient,
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
