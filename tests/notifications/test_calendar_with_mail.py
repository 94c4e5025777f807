"""The mail that says when visits are carries them as one calendar file, kept as it was sent; texts carry none."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from notifications.calendar_feeds import put_calendars_in, uid_of
from notifications.dispatch import dispatch_due
from notifications.models import Message, MessageRules, Notice
from notifications.wording_lint import REVEALING
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Clinic, Role
from tests import factories
from tests.fakes.postmark_api import running_postmark
from tests.fakes.smtp_server import SmtpServer
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.ical_checks import byte_faults, libical_answers
from tests.notifications.world import (
    MAILBOX,
    NOON,
    booker,
    clinic_that_writes,
    move,
    new_york,
    plan,
    reachable_patient,
)

pytestmark = pytest.mark.django_db
WAIT = timedelta(minutes=10)


@pytest.fixture
def clinic() -> Clinic:
    clinic = clinic_that_writes(quiet=False)
    Clinic.objects.update(name="Harbor Ketamine Infusions", address="Calle Nueva 1; piso 2, á")
    return clinic


def send(at: datetime = NOON) -> None:
    plan(at)
    dispatch_due(clock=lambda: at + WAIT, until=at + WAIT + timedelta(seconds=1))


def booked(clinic: Clinic, *, phone: str = "", how_many: int = 3, language: str = "en") -> list[Appointment]:
    patient = reachable_patient(clinic, phone=phone, mailbox=MAILBOX, language=language)
    book = booker(clinic)
    return [book(patient, new_york(12 + 3 * number, 10)) for number in range(how_many)]


def files_of(server: SmtpServer) -> list[bytes]:
    """The attached files, as the mail server got them."""
    parts: list[Any] = [part for mail in server.to(MAILBOX) for part in mail.message.iter_attachments()]
    return [part.get_payload(decode=True) for part in parts]


def events_of(file: bytes) -> list[tuple[str, int, datetime, str]]:
    calendar: Any = icalendar.Calendar.from_ical(file)
    assert calendar["METHOD"] == "PUBLISH"
    return [
        (str(event["UID"]), int(event["SEQUENCE"]), event.start, str(event["STATUS"]))
        for event in calendar.walk("VEVENT")
    ]


def test_series_is_one_mail_with_one_file_of_all_its_visits(clinic: Clinic, mail_server: SmtpServer) -> None:
    visits = booked(clinic)
    send()
    [file] = files_of(mail_server)
    assert len(mail_server.to(MAILBOX)) == 1
    assert events_of(file) == [
        (uid_of(visit), visit.told_version, visit.period.lower, "CONFIRMED") for visit in visits
    ]  # fmt: skip


def test_move_and_cancellation_follow_under_the_same_name_and_a_higher_sequence(
    clinic: Clinic, mail_server: SmtpServer
) -> None:
    [moved, cancelled, _] = booked(clinic)
    send()
    move(moved, timedelta(hours=1), now=NOON + timedelta(hours=1))
    send(NOON + timedelta(hours=1))
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    cancel(
        appointment=cancelled, side=CancelledBy.CLINIC, reason="staff_away", by=by, now=NOON + timedelta(hours=2)
    )  # fmt: skip
    send(NOON + timedelta(hours=2))
    first, second, third = (events_of(file) for file in files_of(mail_server))
    assert second == [(uid_of(moved), moved.told_version, moved.period.lower, "CONFIRMED")]
    assert [(uid, status) for uid, _, _, status in third] == [(uid_of(cancelled), "CANCELLED")]
    sequences = {uid: sequence for uid, sequence, *_ in first}
    assert second[0][1] > sequences[uid_of(moved)]
    assert third[0][1] > sequences[uid_of(cancelled)]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.calendar_readers
def test_attached_bytes_keep_everybodys_rules(
    clinic: Clinic, mail_server: SmtpServer, tmp_path: Path, language: str
) -> None:
    booked(clinic, language=language)
    send()
    [file] = files_of(mail_server)
    assert byte_faults(file) == []
    path = tmp_path / "visits.ics"
    path.write_bytes(file)
    assert libical_answers([path]) == [(0, f"ok   {path}")]


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_in_the_mail_or_its_file_tells_of_care(clinic: Clinic, mail_server: SmtpServer, language: str) -> None:
    MessageRules.objects.update(sender_name="")
    [visit, *_] = booked(clinic, language=language)
    send()
    [mail] = mail_server.to(MAILBOX)
    [file] = files_of(mail_server)
    for said in (mail.text, file.decode(), str(mail.message["From"]), str(mail.message["Subject"])):
        assert REVEALING.findall(said) == []
        assert visit.patient.family_name not in said


def test_reminder_is_no_news_to_a_calendar(clinic: Clinic, mail_server: SmtpServer) -> None:
    booked(clinic, how_many=1)
    send()
    day_before = new_york(11, 12)
    plan(day_before)
    dispatch_due(clock=lambda: day_before, until=day_before + timedelta(seconds=1))
    assert set(Message.objects.exclude(calendar="").values_list("purpose", flat=True)) == {"booking_confirmation"}
    assert Message.objects.filter(purpose="reminder").exists()
    assert len(files_of(mail_server)) == 1


def test_file_is_kept_as_it_was_sent(clinic: Clinic, mail_server: SmtpServer) -> None:
    booked(clinic)
    send()
    assert Message.objects.get().calendar.encode() == files_of(mail_server)[0]


def test_provider_gets_the_same_file(clinic: Clinic, settings: Settings) -> None:
    with running_postmark() as server:
        settings.EMAIL_URL = server.url
        booked(clinic)
        send()
        [mail] = server.ledger
    assert [one["ContentType"] for one in mail["Attachments"]] == ["text/calendar; method=PUBLISH; charset=utf-8"]


def test_text_of_the_same_news_carries_no_file(clinic: Clinic, gateway: TwilioGateway, mail_server: SmtpServer) -> None:
    booked(clinic, phone="+12125550123")
    send()
    assert len(gateway.ledger) == 1
    assert Message.objects.get(channel="sms").calendar == ""
    assert Message.objects.get(channel="email").calendar != ""


@pytest.mark.parametrize(("channel", "queries"), [("sms", 0), ("email", 1)])
def test_files_of_many_letters_cost_one_statement_and_texts_none(
    clinic: Clinic,
    mail_server: SmtpServer,
    gateway: TwilioGateway,
    django_assert_num_queries: DjangoAssertNumQueries,
    channel: str,
    queries: int,
) -> None:
    booked(clinic, phone="+12125550123")
    send()
    message = Message.objects.select_related("clinic").get(channel=channel)
    notices = list(Notice.objects.filter(message=message).values_list("pk", flat=True))
    with django_assert_num_queries(queries):
        put_calendars_in([(message, notices), (message, notices)], now=NOON)
