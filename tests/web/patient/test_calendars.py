"""A patient's visits in their own calendar: one file, and an address that stays fresh; discreet, the same for life."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from notifications.addresses import stop_address
from notifications.calendar_feeds import uid_of
from notifications.links import hash_of
from notifications.models import CalendarFeed, MessageRules
from notifications.wording_lint import REVEALING
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Clinic, Event, Order
from scheduling.restoring import un_cancel
from tests import factories
from tests.factories import NOW
from tests.notifications.world import move
from tests.web.pages import DESK, book, page_of
from tests.web.patient.world import clinic_with_links, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


def events_of(file: str) -> list[Mapping[str, str]]:
    """The events of a file, by property."""
    lines = file.replace("\r\n ", "").split("BEGIN:VEVENT\r\n")[1:]
    return [dict(re.findall(r"^([A-Z]+)[^:\r\n]*:([^\r\n]*)", event, re.MULTILINE)) for event in lines]


def feed_path(path: str) -> str:
    page = page_of(Client().post(f"{path}calendar/"))
    found = re.search(r"<code>http://testserver(/c/[A-Za-z0-9_-]{22}\.ics)</code>", page)
    assert found, page
    return found[1]


def test_file_has_every_visit_of_the_series_once(clinic: Clinic) -> None:
    path, visits = told(clinic, how_many=3)
    answer = Client().get(f"{path}calendar.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="visits.ics"'
    assert answer.headers["Cache-Control"] == "no-store, private"
    events = events_of(page_of(answer))
    assert [event["UID"] for event in events] == [uid_of(visit) for visit in visits]
    assert [event["DTSTART"] for event in events] == [f"{visit.period.lower:%Y%m%dT%H%M%SZ}" for visit in visits]
    assert {(event["SUMMARY"], event["LOCATION"], event["STATUS"]) for event in events} == {
        ("Appointment", "1 Harbor Street", "CONFIRMED")
    }


def test_no_word_in_it_tells_of_care(clinic: Clinic) -> None:
    Clinic.objects.update(name="Harbor Ketamine Infusions")
    MessageRules.objects.update(sender_name="")
    path, [visit, *_] = told(clinic)
    for file in (page_of(Client().get(f"{path}calendar.ics")), page_of(Client().get(feed_path(path)))):
        assert REVEALING.findall(file) == []
        assert visit.patient.family_name not in file
        assert "Harbor Ketamine" not in file


def test_visit_keeps_its_uid_and_its_sequence_rises_with_what_the_patient_notices(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic, how_many=2)
    feed = feed_path(path)
    desk = factories.create_actor(clinic, DESK)
    seen = [events_of(page_of(Client().get(feed)))[0]]
    move(visit, timedelta(hours=1), now=NOW)
    seen.append(events_of(page_of(Client().get(feed)))[0])
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="staff_away", by=desk, now=NOW)
    seen.append(events_of(page_of(Client().get(feed)))[0])
    un_cancel(appointment=visit, by=desk, now=NOW)
    seen.append(events_of(page_of(Client().get(feed)))[0])
    assert {event["UID"] for event in seen} == {uid_of(visit)}
    assert [(event["SEQUENCE"], event["STATUS"]) for event in seen] == [
        ("1", "CONFIRMED"), ("2", "CONFIRMED"), ("3", "CANCELLED"), ("4", "CONFIRMED"),
    ]  # fmt: skip
    assert seen[0]["DTSTART"] != seen[1]["DTSTART"] == seen[3]["DTSTART"]


def test_time_that_waits_is_tentative(clinic: Clinic) -> None:
    path, _ = told(clinic, how_many=4)
    events = events_of(page_of(Client().get(f"{path}calendar.ics")))
    assert [event["STATUS"] for event in events] == ["CONFIRMED"] * 3 + ["TENTATIVE"]


def test_feed_address_is_made_by_a_press_once_and_kept_as_a_hash(clinic: Clinic) -> None:
    path, _ = told(clinic)
    assert not CalendarFeed.objects.exists()
    first, second = feed_path(path), feed_path(path)
    assert first == second
    token = first.removeprefix("/c/").removesuffix(".ics")
    assert token not in path
    assert CalendarFeed.objects.get().token_hash == hash_of(token)
    assert Event.objects.filter(verb="calendar_feed.made").count() == 1


def test_feed_shows_what_is_booked_later_and_outlives_the_link(clinic: Clinic) -> None:
    path, visits = told(clinic, how_many=1)
    feed = feed_path(path)
    book(Order.objects.get(), clinic, how_many=1)
    with time_machine.travel(visits[0].period.upper, tick=False):
        assert Client().get(path).status_code == 404
        file = page_of(Client().get(feed))
        assert [event["UID"] for event in events_of(file)] == [
            uid_of(visit) for visit in Appointment.objects.order_by("period")
        ]
    assert "X-WR-CALNAME:Appointments\r\n" in file
    with time_machine.travel(NOW + timedelta(days=120), tick=False):
        assert events_of(page_of(Client().get(feed))) == []


def test_feed_ends_with_the_address_it_was_asked_for_at(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    feed = feed_path(path)
    [link] = visit.patient.addresses.all()
    stop_address(address=link.address, reason="wrong_number", by=factories.system(), now=NOW)
    assert Client().get(feed).status_code == 404


def test_no_token_opens_what_it_was_not_made_for(clinic: Clinic) -> None:
    path, _ = told(clinic)
    feed = feed_path(path).removeprefix("/c/").removesuffix(".ics")
    link = path.removeprefix("/v/").strip("/")
    answers = [Client().get(address) for address in (f"/v/{feed}/", f"/c/{link}.ics", "/c/unknown.ics")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.content.split(b"<main")[1] for answer in answers}) == 1


def test_spanish_calendar_says_cita(clinic: Clinic) -> None:
    path, _ = told(clinic, language="es")
    events = events_of(page_of(Client().get(f"{path}calendar.ics")))
    assert {event["SUMMARY"] for event in events} == {"Cita"}
    assert {event["DESCRIPTION"] for event in events} == {"¿No puede venir? Llame al +1 212 555 0100."}
