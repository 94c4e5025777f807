"""The patient is there: their page says so without a word of care, and asks and takes nothing of a visit to come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.test import Client

from notifications.models import CallTask, MessageRules
from notifications.wording_lint import find_faults
from scheduling.models import Appointment, Clinic, Event, Status, VisitMode
from tests.web.pages import bring_to, page_of
from tests.web.patient.world import PREPARED, body_of, clinic_with_links, knowing, press, told
from tests.web.questionnaires.world import asking_link, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
THROUGH = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING)
QUESTIONS = "A few questions for you"


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links(self_service_hours=0)


@contextmanager
def brought(visit: Appointment, to: Status, clinic: Clinic) -> Iterator[None]:
    """The visit has begun and has come to this step."""
    now = visit.period.lower
    with at(now):
        bring_to(visit, *THROUGH[: THROUGH.index(to) + 1], clinic=clinic, now=now)
        yield


@pytest.mark.parametrize("step", THROUGH)
@pytest.mark.parametrize(
    ("language", "says", "not_any_more"),
    [
        ("en", "You are with us now", ("Your next visit", "Thank you.", "Before you come")),
        ("es", "Ahora está con nosotros", ("Su próxima visita", "Gracias.", "Antes de venir")),
    ],
)
def test_page_says_that_the_patient_is_there_and_asks_nothing_of_that_visit(
    clinic: Clinic, step: Status, language: str, says: str, not_any_more: tuple[str, ...]
) -> None:
    path, [visit, *_] = told(clinic, how_many=1, template=PREPARED, language=language)
    Client().post(f"{path}confirm/", press(visit))
    visit.refresh_from_db()
    with brought(visit, step, clinic):
        page = page_of(knowing(path).get(path))
    assert f"<h1>{says}</h1>" in page
    assert [words for words in not_any_more if words in body_of(page)] == []
    assert f'name="visit" value="{visit.pk}"' not in page, "no button of this visit"
    assert find_faults(body_of(page), channel="page", purpose="", language=language) == []


def test_next_visit_is_the_one_to_prepare_for(clinic: Clinic) -> None:
    path, [visit, second, *_] = told(clinic, template=PREPARED)
    with brought(visit, Status.RECOVERING, clinic):
        page = page_of(knowing(path).get(path))
    assert "Somebody has to drive you home on Monday, January 4." not in body_of(page)
    assert body_of(page).count("Before you come") == 1
    assert f'name="visit" value="{second.pk}"' in page


def test_when_to_be_picked_up_still_stands_there(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic, template=PREPARED)
    with brought(visit, Status.SEATED, clinic):
        page = body_of(page_of(Client().get(path)))
    assert "you are ready at about 10:00 AM" in page
    assert "Please pick me up on Monday, January 4 at about 10:00 AM" in page


def test_visit_by_video_is_not_said_to_be_at_the_clinic(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    with brought(visit, Status.ARRIVED, clinic):
        Appointment.objects.filter(pk=visit.pk).update(mode=VisitMode.VIDEO)
        page = page_of(Client().get(path))
    assert "<h1>Your visit is going on now</h1>" in page
    assert "You are with us now" not in page


@pytest.mark.parametrize("action", ["move", "cancel"])
def test_press_of_before_changes_nothing_and_says_whom_to_speak_with(clinic: Clinic, action: str) -> None:
    path, [visit, *_] = told(clinic)
    sent = press(visit, sure="yes")
    with brought(visit, Status.SEATED, clinic):
        answer = Client().post(f"{path}{action}/", sent)
        confirmed = Client().post(f"{path}confirm/", sent, follow=True)
    assert answer.status_code == 409
    page = body_of(page_of(answer))
    assert "Nothing was changed: your visit is going on now. Please speak with us." in page
    assert "The time has changed" not in page
    assert "You are with us now" in page_of(confirmed)
    visit.refresh_from_db()
    assert (visit.status, visit.confirmed_at, CallTask.objects.count()) == (Status.SEATED, None, 0)
    assert not Event.objects.filter(verb="appointment.confirmed").exists()


def test_who_came_all_the_same_is_not_told_that_they_can_not_come(clinic: Clinic) -> None:
    MessageRules.objects.update(self_service_hours=None)
    path, [visit, *_] = told(clinic)
    Client().post(f"{path}cancel/", press(visit, sure="yes"))
    with brought(visit, Status.ARRIVED, clinic):
        page = body_of(page_of(Client().get(path)))
    assert "You can't come then" not in page


def test_questions_for_before_are_offered_until_it_has_begun(clinic: Clinic) -> None:
    path, [visit, *_] = asking_link(clinic)
    now = visit.period.lower
    with at(now):
        bring_to(visit, Status.ARRIVED, Status.SEATED, clinic=clinic, now=now)
        assert QUESTIONS in page_of(Client().get(path))
        bring_to(visit, Status.INFUSING, clinic=clinic, now=now)
        assert QUESTIONS not in page_of(Client().get(path))
