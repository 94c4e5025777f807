"""Two tabs, two phones, a script: what is pressed several times in the same moment happens once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from notifications.birth_date import MOST_TRIES, TooManyTries, check_birth_date
from notifications.calendar_feeds import make_feed
from notifications.cannot_come import Answer, ask_to_move, cancel_or_ask
from notifications.changed_link import send_news
from notifications.dispatch import dispatch_due
from notifications.models import CalendarFeed, CallTask, Message, MessageRules, Notice, RideHome
from notifications.rides import name_driver
from scheduling.events import Actor
from scheduling.models import Appointment, Event, Status
from scheduling.visit_steps import NotPossibleFromHere
from tests.databases import Committed
from tests.notifications.test_at_once import WORKERS, at_once
from tests.notifications.world import NOON, booker, clinic_that_writes, move, new_york, plan, reachable_patient

BY = Actor.patient()
TOLD = NOON + timedelta(minutes=3)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def message(committed_database: Committed) -> Message:
    """A text that told a visit."""
    clinic = clinic_that_writes(quiet=False)
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    dispatch_due(clock=lambda: TOLD, until=TOLD + timedelta(seconds=1))
    return Message.objects.select_related("patient", "clinic", "address").get()


@pytest.fixture
def visit(message: Message) -> Appointment:
    return Appointment.objects.select_related("clinic", "patient").get()


def test_wish_for_another_time_is_one_call(visit: Appointment) -> None:
    answers = at_once(lambda: ask_to_move(visit=visit, told_version=1, by=BY, now=LATER))
    assert sorted(answers) == [Answer.ASKED, *[Answer.ASKED_BEFORE] * (WORKERS - 1)]
    assert CallTask.objects.count() == Event.objects.filter(verb="appointment.move_wanted").count() == 1


def test_visit_is_cancelled_once(visit: Appointment) -> None:
    MessageRules.objects.update(self_service_hours=1)

    def cancelled() -> bool:
        try:
            cancel_or_ask(visit=visit, told_version=1, by=BY, now=LATER)
        except NotPossibleFromHere:
            return False
        return True

    assert sum(at_once(cancelled)) == 1
    visit.refresh_from_db()
    assert (visit.status, visit.told_version) == (Status.CANCELLED, 2)
    assert Event.objects.filter(verb="appointment.cancelled").count() == 1


def test_driver_is_written_down_once(visit: Appointment) -> None:
    at_once(lambda: name_driver(visit=visit, driver="Elena", by=BY, now=LATER))
    assert RideHome.objects.count() == Event.objects.filter(verb="appointment.ride_named").count() == 1


def test_calendar_address_is_one(message: Message) -> None:
    tokens = at_once(lambda: make_feed(message=message, by=BY, now=LATER))
    assert len(set(tokens)) == CalendarFeed.objects.count() == 1


def test_guesses_at_once_count_like_guesses_one_by_one(message: Message) -> None:
    def guessed(_: int = 0) -> str:
        try:
            return str(check_birth_date(message=message, birth_date=date(1970, 1, 1), by=BY, now=LATER))
        except TooManyTries:
            return "too many"

    answers = at_once(guessed)
    assert WORKERS > MOST_TRIES, "or nobody comes too late"
    assert sorted(answers) == ["False"] * MOST_TRIES + ["too many"] * (WORKERS - MOST_TRIES)
    assert Event.objects.filter(verb="birth_date.refused").count() == MOST_TRIES


def test_news_is_sent_once(message: Message, visit: Appointment) -> None:
    move(visit, timedelta(hours=1), now=LATER)
    Notice.objects.filter(state="planned").delete()
    said = at_once(lambda: send_news(message=message, by=BY, now=LATER))
    assert [one is not None and not one.has_gone for one in said] == [True] * WORKERS
    assert Notice.objects.filter(notice_key__endswith="/again").count() == 1
