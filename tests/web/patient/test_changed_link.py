"""An old link says that something changed, shows nothing of it, and has the news sent to the contact on file."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import time_machine
from django.test import Client

from notifications.addresses import set_address
from notifications.dispatch import dispatch_due
from notifications.models import AddressKind, ContactWishes, Message, MessageRules, Notice, NoticeState
from notifications.planning import plan_everyone
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Clinic, Event
from tests import factories
from tests.factories import NOW
from tests.notifications.world import agree, move, plan
from tests.web.pages import DESK, page_of
from tests.web.patient.world import body_of, clinic_with_links, link_of, press, send, sent, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
SOON = NOW + timedelta(hours=3)
HOUR = timedelta(hours=1)


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


def moved(clinic: Clinic, *, how_many: int = 2) -> tuple[str, Appointment]:
    """The old link, and the visit that was moved an hour since."""
    path, visits = told(clinic, how_many=how_many)
    move(visits[-1], HOUR, now=SOON)
    return path, visits[-1]


def test_old_link_says_that_it_changed_and_nothing_else(clinic: Clinic) -> None:
    path, visit = moved(clinic)
    answer = Client().get(path)
    body = body_of(page_of(answer))
    assert answer.status_code == 200
    assert "Something has changed" in body
    assert "pressed" not in body
    assert [word for word in ("January", "Monday", "AM", "PM", "Harbor Street") if word in body] == []
    assert visit.told_version == 2


def test_calendar_of_an_old_link_is_gone_and_says_so_in_plain_text(clinic: Clinic) -> None:
    path, _ = moved(clinic)
    gone, unknown = Client().get(f"{path}calendar.ics"), Client().get("/v/AAAAAAAAAAAAAAAAAAAAAA/calendar.ics")
    assert [answer.status_code for answer in (gone, unknown)] == [410, 404]
    assert {answer.headers["Content-Type"] for answer in (gone, unknown)} == {"text/plain; charset=utf-8"}
    assert gone.headers["Cache-Control"] == "no-store, private"
    assert page_of(gone) == "Something has changed. Open the newest message from us.\n"


def test_newest_message_shows_the_new_time_while_the_old_one_does_not(clinic: Clinic) -> None:
    path, visit = moved(clinic)
    send(SOON)
    new = link_of(visit.patient)
    assert new != path
    with time_machine.travel(SOON + HOUR, tick=False):
        assert "January 6" in page_of(Client().get(new))
        assert "January 6" not in page_of(Client().get(path))


def test_old_link_ends_with_its_number_and_sends_nothing(clinic: Clinic) -> None:
    path, visit = moved(clinic)
    set_address(patient=visit.patient, kind=AddressKind.PHONE, raw="+12125550188", by=factories.system(), now=SOON)
    before = sent()
    assert Client().post(f"{path}news/").status_code == 404
    assert sent() == before


def test_news_is_sent_once_however_often_it_is_asked_for(clinic: Clinic) -> None:
    path, visit = moved(clinic)
    send(SOON)
    before = sent()
    with time_machine.travel(SOON + HOUR, tick=False):
        pages = [page_of(Client().post(f"{path}news/")) for _ in range(50)]
    assert {"The newest message is on its way" in page for page in pages} == {True}
    assert [word for word in ("January", "Monday", "AM", "PM") if word in body_of(pages[0])] == []
    assert sent()[len(before) :] == [("changed", "planned")]
    notice = Notice.objects.latest("pk")
    assert [(one.appointment_id, one.told_version) for one in notice.told_visits.all()] == [(visit.pk, 2)]
    assert Event.objects.get(verb="link.news_sent").actor_kind == "patient"
    # The planner, which did not ask for it, leaves it alone; it goes out and leads to the new time.
    plan_everyone(now=SOON + HOUR)
    send(SOON + HOUR)
    assert Message.objects.filter(purpose="changed").count() == 2
    with time_machine.travel(SOON + 2 * HOUR, tick=False):
        assert "Your next visit" in page_of(Client().get(link_of(visit.patient)))


def test_news_that_is_on_its_way_already_is_not_doubled(clinic: Clinic) -> None:
    path, visit = moved(clinic)
    plan(SOON)
    before = sent()
    assert ("changed", "planned") in before
    with time_machine.travel(SOON, tick=False):
        assert "The newest message is on its way" in page_of(Client().post(f"{path}news/"))
    assert sent() == before
    assert visit.told_version == 2


def test_who_may_not_be_written_to_is_told_to_call(clinic: Clinic) -> None:
    path, visit = moved(clinic)
    [link] = visit.patient.addresses.all()
    agree(link.address, granted=False, now=SOON)
    assert "We can't send you a message. Please call us." in page_of(Client().post(f"{path}news/"))
    assert not Notice.objects.filter(notice_key__endswith="/again").exists()


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "We send no messages at this hour. The newest one comes on Tuesday, January 5 at 9:00 AM."),
        ("es", "El más reciente le llegará el martes 5 de enero a las 09:00."),
    ],
)
def test_news_asked_for_at_night_is_promised_for_the_morning(clinic: Clinic, language: str, says: str) -> None:
    path, visits = told(clinic, how_many=2, language=language)
    MessageRules.objects.update(quiet_from=time(20), quiet_until=time(9))
    move(visits[-1], HOUR, now=SOON)
    night = NOW + timedelta(hours=15)
    with time_machine.travel(night, tick=False):
        for _ in range(2):
            page = page_of(Client().post(f"{path}news/"))
            assert says in page
            assert "few minutes" not in page
    before = Message.objects.count()
    morning = NOW + timedelta(days=1, hours=2)
    dispatch_due(clock=lambda: night + HOUR, until=night + HOUR + timedelta(seconds=1))
    assert Message.objects.count() == before
    dispatch_due(clock=lambda: morning, until=morning + timedelta(seconds=1))
    assert Message.objects.count() == before + 1


def test_news_that_went_today_is_said_to_have_gone(clinic: Clinic) -> None:
    path, _ = moved(clinic)
    send(SOON)
    for _ in range(2):
        with time_machine.travel(SOON + HOUR, tick=False):
            Client().post(f"{path}news/")
        send(SOON + HOUR)
    with time_machine.travel(SOON + 2 * HOUR, tick=False):
        assert "We have sent you the newest message today already." in page_of(Client().post(f"{path}news/"))


def test_news_that_came_to_nothing_is_not_promised(clinic: Clinic) -> None:
    path, _ = moved(clinic)
    Client().post(f"{path}news/")
    again = Notice.objects.filter(notice_key__endswith="/again")
    assert again.move(NoticeState.LAPSED, now=SOON, reason="too_late") == 1
    assert "We can't send you a message. Please call us." in page_of(Client().post(f"{path}news/"))


def test_who_wants_calls_is_called_about_the_news(clinic: Clinic) -> None:
    path, visit = moved(clinic)
    ContactWishes.objects.create(patient=visit.patient, way="call", changed_at=SOON)
    assert "We will call you and tell you what has changed." in page_of(Client().post(f"{path}news/"))


def test_link_that_still_holds_sends_nothing(clinic: Clinic) -> None:
    path, _ = told(clinic)
    before = sent()
    Client().post(f"{path}news/")
    assert sent() == before


def test_visit_moved_and_moved_back_leaves_the_link_as_it_was(clinic: Clinic) -> None:
    path, visit = moved(clinic)
    move(visit, -HOUR, now=SOON)
    assert "Your next visit" in page_of(Client().get(path))


def test_cancelled_visit_leaves_the_link_to_the_others(clinic: Clinic) -> None:
    path, visits = told(clinic)
    by = factories.create_actor(clinic, DESK)
    cancel(appointment=visits[1], side=CancelledBy.CLINIC, reason="staff_away", by=by, now=SOON)
    assert "Your next visit" in page_of(Client().get(path))


def test_press_on_an_old_page_is_told_that_nothing_was_done(clinic: Clinic) -> None:
    path, visit = moved(clinic)
    answer = Client().post(f"{path}confirm/", press(visit))
    assert answer.status_code == 409
    assert "What you pressed was not done." in body_of(page_of(answer))
    visit.refresh_from_db()
    assert visit.confirmed_at is None
