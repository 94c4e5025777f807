"""Instructions are for who knows the birth date; guessing is slow, whichever link it comes by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from scheduling.models import Event, Patient
from tests import factories
from tests.factories import NOW
from tests.web.pages import page_of
from tests.web.patient.world import PREPARED, body_of, clinic_with_links, knowing, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
RIGHT, WRONG = {"birth_date": "1980-02-03"}, {"birth_date": "1980-02-04"}


@pytest.fixture
def path() -> str:
    return told(clinic_with_links(), template=PREPARED)[0]


def test_instructions_are_clock_times_behind_the_birth_date(path: str) -> None:
    client = Client()
    before = body_of(page_of(client.get(path)))
    assert "To see what to do before this visit, tell us your birth date." in before
    assert "No food" not in before
    answer = client.post(f"{path}birth-date/", RIGHT)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{path}#before")
    page = body_of(page_of(client.get(path)))
    assert "No food after 2:00 AM on Monday." in page
    assert "Water and other clear drinks until 6:00 AM on Monday, then nothing more." in page
    assert "1980" not in page
    assert "No food" not in page_of(Client().get(path)), "another browser has to know it too"


def test_it_is_forgotten_after_half_an_hour(path: str) -> None:
    client = Client()
    client.post(f"{path}birth-date/", RIGHT)
    with time_machine.travel(NOW + timedelta(minutes=29), tick=False):
        assert "No food" in page_of(client.get(path))
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        assert "No food" not in page_of(client.get(path))


def test_cookie_of_one_link_opens_no_other(path: str) -> None:
    client = Client()
    client.post(f"{path}birth-date/", RIGHT)
    cookie = client.cookies["knows"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (path, True, "Lax")
    assert "1980" not in cookie.value
    other, _ = told(clinic_with_links(), template=PREPARED)
    stranger = Client()
    stranger.cookies["knows"] = cookie.value
    assert "No food" not in page_of(stranger.get(other))
    assert "No food" in page_of(stranger.get(path)), "the control: the cookie itself is good"


def test_five_wrong_dates_close_it_for_an_hour_even_to_who_knows(path: str) -> None:
    for _ in range(5):
        answer = Client().post(f"{path}birth-date/", WRONG)
        assert (answer.status_code, "That is not the birth date we have." in page_of(answer)) == (422, True)
    refused = Client().post(f"{path}birth-date/", RIGHT)
    assert "That was tried too often. Try again after 8:00 AM, or call us." in page_of(refused)
    assert "knows" not in refused.cookies
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert Client().post(f"{path}birth-date/", RIGHT).status_code == 302
    verbs = Event.objects.filter(verb__startswith="birth_date.").values_list("verb", flat=True)
    assert sorted(verbs) == ["birth_date.matched", *["birth_date.refused"] * 5]
    assert {str(event.data) for event in Event.objects.filter(verb__startswith="birth_date.")} == {"{}"}


@pytest.mark.parametrize("sent", ["", "yesterday", "1980-13-40", "03/02/1980"])
def test_what_is_no_date_is_asked_for_again_and_does_not_count(path: str, sent: str) -> None:
    for _ in range(6):
        assert Client().post(f"{path}birth-date/", {"birth_date": sent}).status_code == 422
    assert Client().post(f"{path}birth-date/", RIGHT).status_code == 302


def test_patient_whose_birth_date_nobody_knows_can_not_be_guessed(path: str) -> None:
    Patient.objects.update(birth_date=None)
    assert Client().post(f"{path}birth-date/", RIGHT).status_code == 422


def test_nothing_is_asked_where_eating_is_as_usual() -> None:
    path, _ = told(clinic_with_links())
    assert "birth date" not in page_of(Client().get(path))


def test_spanish_page_says_the_times_in_spanish() -> None:
    path, _ = told(clinic_with_links(), template=PREPARED, language="es")
    client = Client()
    client.post(f"{path}birth-date/", RIGHT)
    assert "Nada de comer después de las 02:00 del lunes." in page_of(client.get(path))


OWN = {"instructions": {"en": "Bring a list of what you take.", "es": "Traiga una lista de lo que toma."}}


@pytest.mark.parametrize("template", [PREPARED | OWN, factories.SIX | OWN])
def test_what_the_order_says_to_its_patient_is_behind_the_birth_date_too(template: dict[str, Any]) -> None:
    path, _ = told(clinic_with_links(), template=template)
    client = Client()
    assert "Bring a list" not in page_of(client.get(path))
    client.post(f"{path}birth-date/", RIGHT)
    assert "Bring a list of what you take." in body_of(page_of(client.get(path)))


def test_it_is_said_in_the_patients_language_or_a_call_is_offered() -> None:
    clinic = clinic_with_links()
    path, _ = told(clinic, template=PREPARED | OWN, language="es")
    assert "Traiga una lista de lo que toma." in page_of(knowing(path).get(path))
    english = {"instructions": {"en": "Bring a list of what you take."}}
    path, _ = told(clinic, template=PREPARED | english, language="es")
    page = page_of(knowing(path).get(path))
    assert '<div class="stack stack--tight" lang="en"><p>Bring a list of what you take.</p></div>' in page
    assert "Llámenos y se lo diremos." in page


def test_order_that_says_nothing_of_its_own_shows_nothing_more() -> None:
    path, _ = told(clinic_with_links(), template=factories.SIX)
    assert "Before you come" not in page_of(Client().get(path))
