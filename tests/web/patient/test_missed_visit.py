"""The link in "we missed you": a way to another time by one press, for a week."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from notifications.models import CallKind, CallTask, Message
from scheduling.models import Appointment, Clinic, Event, Role, Status
from scheduling.visits import record_step
from tests import factories
from tests.factories import NOW
from tests.web.pages import book, page_of
from tests.web.patient.world import clinic_with_links, link_of, press, send, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
SAID = NOW + timedelta(hours=1, minutes=30)
LATER = SAID + timedelta(hours=2)


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


def missed(clinic: Clinic, language: str = "en") -> tuple[str, Appointment]:
    """The link in the text about the one visit that the patient did not come to."""
    _, [visit] = told(clinic, how_many=1, language=language)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    record_step(appointment=visit, to=Status.NO_SHOW, happened_at=SAID, by=desk, now=SAID)
    send(SAID)
    send(SAID + timedelta(hours=1))
    assert Message.objects.latest("written_at").purpose == "missed"
    visit.refresh_from_db()
    return link_of(visit.patient), visit


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ("We missed you", "Call me about another time")),
        ("es", ("No nos vimos", "Llámenme para buscar otra hora")),
    ],
)
def test_page_says_it_calmly_and_offers_a_call(clinic: Clinic, language: str, says: tuple[str, str]) -> None:
    path, visit = missed(clinic, language)
    with time_machine.travel(LATER, tick=False):
        page = page_of(Client().get(path))
        assert [words in page for words in says] == [True, True]
        assert f'name="visit" value="{visit.pk}"' in page
        assert [word for word in ("I'm coming", "calendar.ics", "infusion") if word in page.split("<body")[1]] == []


def test_one_press_is_one_call_for_the_desk_that_does_not_lapse(clinic: Clinic) -> None:
    path, visit = missed(clinic)
    with time_machine.travel(LATER, tick=False):
        for _ in range(2):
            page = page_of(Client().post(f"{path}move/", press(visit), follow=True))
            assert "You asked for another time: we will call you." in page
        assert Client().post(f"{path}cancel/", press(visit, sure="yes")).status_code == 409
    [task] = CallTask.objects.all()
    assert (task.kind, task.visit_id, task.useful_until) == (CallKind.WANTS_TO_MOVE, visit.pk, None)
    assert Event.objects.filter(verb="appointment.move_wanted").count() == 1


def test_a_visit_booked_since_takes_its_place(clinic: Clinic) -> None:
    path, visit = missed(clinic)
    assert visit.order is not None
    with time_machine.travel(LATER, tick=False):
        book(visit.order, clinic, how_many=1, now=LATER)
        page = page_of(Client().get(path))
    assert "Your next visit" in page
    assert "We missed you" not in page


def test_link_is_read_for_a_week(clinic: Clinic) -> None:
    path, _ = missed(clinic)
    for days, status in ((6, 200), (8, 404)):
        with time_machine.travel(LATER + timedelta(days=days), tick=False):
            assert Client().get(path).status_code == status
