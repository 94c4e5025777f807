"""The Spanish of the patient's page: whom a sentence means is plain, and it says it as people do."""

from __future__ import annotations

import pytest
from django.test import Client

from scheduling.models import Appointment, Clinic, VisitMode
from tests.web.pages import page_of
from tests.web.patient.world import PREPARED, body_of, clinic_with_links, knowing, press, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


def test_buttons_and_hints_are_said_as_people_say_them(clinic: Clinic) -> None:
    path, [_, second, _] = told(clinic, template=PREPARED, language="es")
    Appointment.objects.filter(pk=second.pk).update(is_tentative=True)
    page = body_of(page_of(knowing(path).get(path)))
    for words in (
        "No puedo venir a esa hora",
        "Mantener mi calendario al día automáticamente",
        "Se la guardamos; le avisaremos cuando esté confirmada.",
        "Todas las horas son hora local de la clínica.",
        "No me envíen nada más aquí",
    ):
        assert words in page
    for words in ("por sí solo", "venir entonces", "sea firme", "reloj", "No enviarme"):
        assert words not in page


def test_calendar_page_says_that_it_is_kept_up_by_itself(clinic: Clinic) -> None:
    path, _ = told(clinic, language="es")
    page = body_of(page_of(Client().post(f"{path}calendar/")))
    assert "Su calendario se actualiza automáticamente cada pocas horas" in page


def test_who_can_not_come_reads_so(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic, language="es")
    page = page_of(Client().post(f"{path}cancel/", press(visit, sure="yes"), follow=True))
    assert "Usted no puede venir a esa hora: le llamaremos." in body_of(page)


def test_video_is_spelt_as_in_the_united_states(clinic: Clinic) -> None:
    path, _ = told(clinic, language="es")
    Appointment.objects.update(mode=VisitMode.VIDEO)
    page = body_of(page_of(Client().get(path)))
    assert "Por video. Si todavía no tiene el enlace, llámenos." in page
