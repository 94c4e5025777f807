"""Visits that are not at the clinic say how they take place; two of one day are told apart by ear."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from scheduling.models import Appointment, Clinic, VisitMode, VisitType
from tests.factories import NOW
from tests.notifications.world import booker, reachable_patient
from tests.web.pages import page_of
from tests.web.patient.world import body_of, clinic_with_links, link_of, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


def two_visits(clinic: Clinic) -> str:
    """The link of a patient with a consultation at 9:00 and one at 11:00 on the same Monday."""
    patient = reachable_patient(clinic, now=NOW)
    book = booker(clinic, now=NOW)
    day = NOW.replace(hour=14, minute=0)
    for hour in (14, 16):
        book(patient, day.replace(hour=hour))
    send(NOW)
    return link_of(patient)


@pytest.mark.parametrize(
    ("mode", "link", "says"),
    [
        (VisitMode.PHONE, "", "By phone: we call you at this time, on the number we have for you."),
        (VisitMode.VIDEO, "https://video.example/room", "By video: open the link at this time"),
        (VisitMode.VIDEO, "", "By video. If you don't have the link yet, call us."),
    ],
)
def test_visit_that_is_not_at_the_clinic_says_how_it_takes_place(
    clinic: Clinic, mode: VisitMode, link: str, says: str
) -> None:
    path = two_visits(clinic)
    Appointment.objects.update(mode=mode)
    VisitType.objects.update(mode=mode, join_link=link)
    page = page_of(Client().get(path))
    assert body_of(page).count(says) == 2
    assert page.count(f'href="{link}"') == (2 if link else 0)
    assert [word for word in ("I'm coming", "1 Harbor Street", "pick me up", "you are ready") if word in page] == []
    assert body_of(page).count("I'll be there") == 2


def test_two_visits_of_one_day_have_names_of_their_own_for_every_button(clinic: Clinic) -> None:
    page = page_of(Client().get(two_visits(clinic)))
    assert 'aria-label="I\'m coming, Monday, January 4, 11:00 AM"' in page
    for words in ("I can't come then", "Ask for another time", "Cancel this visit"):
        said = re.findall(rf'{words}<span class="for-screen-readers">, ([^<]*)<', page.replace("&#x27;", "'"))
        assert said == ["Monday, January 4, 9:00 AM", "Monday, January 4, 11:00 AM"]


@pytest.mark.parametrize(("action", "status"), [("confirm/", 403), ("no-such-page/", 404)])
def test_refusal_on_a_patients_page_is_in_their_layout_and_offers_no_sign_in(
    clinic: Clinic, action: str, status: int
) -> None:
    path = two_visits(clinic)
    client = Client(enforce_csrf_checks=True)
    client.cookies["django_language"] = "es"
    answer = client.post(f"{path}{action}") if status == 403 else client.get(f"{path}{action}")
    page = page_of(answer)
    assert answer.status_code == status
    assert '<html lang="es"' in page
    assert [words in page for words in ('name="size"', 'name="language"', "sign-in", "Infusion Desk")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_robots_are_asked_to_read_nothing() -> None:
    answer = Client().get("/robots.txt")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert page_of(answer) == "User-agent: *\nDisallow: /\n"
