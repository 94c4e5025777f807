"""The clinic is closed over a visit: its page says so, offers no yes and no, and takes none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from notifications.models import CallTask
from scheduling.intervals import Interval
from scheduling.models import Appointment, Clinic, Event, Role
from scheduling.opening_hours import end_closure, record_closure
from tests import factories
from tests.factories import NOW
from tests.web.pages import page_of
from tests.web.patient.world import PREPARED, body_of, clinic_with_links, knowing, press, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


def close_over(visit: Appointment) -> None:
    manager = factories.create_actor(visit.clinic, Role.MANAGER)
    period = Interval(visit.period.lower - timedelta(hours=1), visit.period.upper)
    record_closure(clinic=visit.clinic, period=period, reason="snow", by=manager, now=NOW)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "We are closed on Monday, January 4 at 8:00 AM. Please do not come then. We will call you"),
        ("es", "Estaremos cerrados el lunes 4 de enero a las 08:00. Por favor, no venga entonces. Le llamaremos"),
    ],
)
def test_closed_visit_is_no_next_visit_and_is_not_to_be_confirmed(clinic: Clinic, language: str, says: str) -> None:
    path, visits = told(clinic, language=language)
    close_over(visits[0])
    page = page_of(Client().get(path))
    assert says in body_of(page)
    assert [f'name="visit" value="{visit.pk}"' in page for visit in visits] == [False, True, True]
    assert "when__day" in page, "the next open one is large"


def test_nothing_is_confirmed_cancelled_or_moved_of_a_closed_visit_by_a_press(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    sent = press(visit, sure="yes")
    close_over(visit)
    for action in ("confirm", "move", "cancel"):
        answer = Client().post(f"{path}{action}/", sent)
        assert answer.status_code == 409
        assert "Nothing was changed: we are closed then. We will call you with another time." in page_of(answer)
    visit.refresh_from_db()
    assert (visit.status, visit.confirmed_at, CallTask.objects.count()) == ("booked", None, 0)


def test_no_driver_is_asked_for_and_nothing_is_said_of_fasting_for_a_closed_visit(clinic: Clinic) -> None:
    path, [visit] = told(clinic, how_many=1, template=PREPARED)
    close_over(visit)
    page = page_of(knowing(path).get(path))
    assert [word for word in ("Before you come", "drive", "I'm coming", "No food") if word in page] == []
    assert "You have no other visit to come." in page


def test_who_said_yes_before_reads_no_thanks(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    Client().post(f"{path}confirm/", press(visit))
    close_over(visit)
    assert "We look forward to seeing you." not in page_of(Client().get(path))


def test_visit_can_be_confirmed_once_the_closure_has_ended(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    close_over(visit)
    manager = factories.create_actor(clinic, Role.MANAGER)
    end_closure(closure=clinic.closures.get(), by=manager, now=NOW)
    Client().post(f"{path}confirm/", press(visit))
    assert Event.objects.filter(verb="appointment.confirmed").count() == 1
