"""A yes to "we are closed then, please do not come" confirms nothing: somebody reads it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from notifications.models import Message
from scheduling.intervals import Interval
from scheduling.models import Appointment, Clinic, Role
from scheduling.opening_hours import record_closure
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.replies import became, tell, text_back
from tests.notifications.world import booker, clinic_that_writes, new_york, reachable_patient

pytestmark = pytest.mark.django_db
CLOSED_AT = new_york(5, 9, 30)
ANSWERED = CLOSED_AT + timedelta(hours=1)


@pytest.fixture
def clinic(gateway: TwilioGateway) -> Clinic:
    return clinic_that_writes()


def close(clinic: Clinic, now: datetime = CLOSED_AT) -> None:
    manager = factories.create_actor(clinic, Role.MANAGER)
    record_closure(clinic=clinic, period=Interval(new_york(6, 7), new_york(6, 19)), reason="snow", by=manager, now=now)


def confirmed(visit: Appointment) -> bool:
    visit.refresh_from_db()
    return visit.confirmed_at is not None


@pytest.mark.parametrize("text", ["C", "1", "yes", "ok", "Sí"])
def test_yes_to_a_closure_is_to_read_and_confirms_nothing(clinic: Clinic, text: str) -> None:
    visit = booker(clinic)(reachable_patient(clinic), new_york(6, 10))
    tell()
    close(clinic)
    tell(CLOSED_AT + timedelta(minutes=3))
    assert Message.objects.latest("written_at").purpose == "closure"
    assert became(text_back(text, now=ANSWERED)) == ("to_read", True)
    assert not confirmed(visit)


def test_yes_to_a_reminder_of_a_visit_that_is_closed_by_now_is_to_read(clinic: Clinic) -> None:
    patient = reachable_patient(clinic)
    closed, stays = (booker(clinic)(patient, new_york(day, 10)) for day in (6, 7))
    tell()
    close(clinic)
    assert became(text_back("1", now=ANSWERED)) == ("to_read", True)
    assert (confirmed(closed), confirmed(stays)) == (False, True)
