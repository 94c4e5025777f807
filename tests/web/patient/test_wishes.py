"""A patient wishes to come again, from their page, in both languages: once, and nothing is booked by it."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.clinician_tasks import close
from scheduling.models import Appointment, Clinic, ClinicianTask, Role
from tests import factories
from tests.factories import NOW
from tests.web.pages import naughty_strings, page_of
from tests.web.patient.world import body_of, clinic_with_links, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
WORDS = {
    "en": (
        "I would like to come again after these visits",
        "Nothing is booked by it.",
        "The clinic has your wish. Somebody will answer you.",
    ),
    "es": (
        "Me gustaría volver después de estas visitas",
        "Con esto no se reserva nada.",
        "La clínica tiene su solicitud. Alguien le responderá.",
    ),
}


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


@pytest.mark.parametrize("language", ["en", "es"])
def test_patient_wishes_and_is_told_that_somebody_answers(clinic: Clinic, language: str) -> None:
    path, visits = told(clinic, language=language)
    offer, books_nothing, has_it = WORDS[language]
    page = body_of(page_of(Client().get(path)))
    assert offer in page
    assert books_nothing in page
    assert has_it not in page
    page = body_of(page_of(Client().post(f"{path}wish/", {"words": "Could I come in March?"}, follow=True)))
    assert has_it in page
    assert offer not in page
    [task] = ClinicianTask.objects.all()
    assert (task.words, task.order, task.kind) == ("Could I come in March?", visits[0].order, "wish")
    assert Appointment.objects.count() == len(visits)
    assert "March" not in page, "whoever holds the telephone does not read what was written"


def test_pressed_twice_it_is_one_wish(clinic: Clinic) -> None:
    path, _ = told(clinic)
    for words in ("", "Once more"):
        assert Client().post(f"{path}wish/", {"words": words}).status_code == 302
    assert ClinicianTask.objects.count() == 1


def test_once_it_is_answered_another_may_be_made(clinic: Clinic) -> None:
    path, _ = told(clinic)
    Client().post(f"{path}wish/")
    by = factories.create_actor(clinic, Role.PRESCRIBER)
    close(task=ClinicianTask.objects.get(), outcome="Called her", by=by, now=NOW)
    assert WORDS["en"][0] in body_of(page_of(Client().get(path)))


def test_nothing_on_the_page_says_what_it_is_about(clinic: Clinic) -> None:
    path, _ = told(clinic)
    page = body_of(page_of(Client().get(path))).lower()
    for word in ("infusion", "infusión", "booster", "treatment", "ketamine"):
        assert word not in page


def test_looking_wishes_nothing(clinic: Clinic) -> None:
    path, _ = told(clinic)
    assert Client().get(f"{path}wish/").headers["Location"] == path
    assert not ClinicianTask.objects.exists()


def test_strange_words_are_kept_as_typed(clinic: Clinic) -> None:
    path, _ = told(clinic)
    text = "\x00".join(naughty_strings()[:40])
    assert Client().post(f"{path}wish/", {"words": text}).status_code == 302
    assert ClinicianTask.objects.get().words == text.replace("\x00", "").strip()[:1000]
