"""One press on a mail program's unsubscribe button (RFC 8058), and the link behind it, which alone changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from notifications.consent import consenting
from notifications.models import Address, CallTask, ConsentRecord, Message
from notifications.unsubscribing import find_unsubscribed, token_of
from scheduling.models import Appointment
from tests.fakes.smtp_server import SmtpServer, running_smtp_server
from tests.notifications.replies import THEN, tell
from tests.notifications.world import MAILBOX, booker, clinic_that_writes, new_york, reachable_patient
from tests.web.pages import page_of

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[SmtpServer]:
    with running_smtp_server() as running:
        settings.EMAIL_URL = running.url
        yield running


@pytest.fixture
def visit(mail_server: SmtpServer) -> Iterator[Appointment]:
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic, phone="", mailbox=MAILBOX), new_york(14, 10))
    tell()
    with time_machine.travel(THEN, tick=False):
        yield visit


@pytest.fixture
def path(mail_server: SmtpServer, visit: Appointment) -> str:
    """Where the link in the head of the mail as it was sent leads."""
    [mail] = mail_server.ledger
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(mail.message["List-Unsubscribe"])
    assert (link[0], link[-1]) == ("<", ">")
    return urlsplit(link[1:-1]).path


def agrees() -> bool:
    return bool(consenting([Address.objects.get().pk]))


def test_one_press_withdraws_consent_and_has_the_patient_called(path: str, visit: Appointment) -> None:
    client = Client(enforce_csrf_checks=True)
    assert [client.post(path, ONE_CLICK).status_code for _ in range(3)] == [200, 200, 200]
    assert not agrees()
    record = ConsentRecord.objects.latest("pk")
    assert (record.granted, record.method, record.raw_text) == (False, "web", "List-Unsubscribe=One-Click")
    [call] = CallTask.objects.filter(kind="unsubscribed")
    assert (call.patient, call.closed_at) == (visit.patient, None)


def test_opening_the_link_changes_nothing_however_often(path: str) -> None:
    for _ in range(50):
        assert Client().get(path).status_code == Client().head(path).status_code == 200
    assert agrees()
    assert CallTask.objects.count() == 0
    assert "Stop the e-mails" in page_of(Client().get(path))


def test_button_of_the_page_does_the_same_and_says_so(path: str) -> None:
    page = page_of(Client().post(path))
    assert "You get no more e-mails from us" in page
    assert "You get no more e-mails from us" in page_of(Client().get(path))
    assert not agrees()


def test_page_tells_nobody_whose_it_is(path: str, visit: Appointment) -> None:
    answer = Client().get(path)
    for secret in (visit.patient.given_name, visit.patient.family_name, MAILBOX):
        assert secret not in page_of(answer)
    assert answer.headers["Cache-Control"] == "no-store, private"


def test_page_speaks_the_language_of_the_mail(mail_server: SmtpServer) -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic, phone="", mailbox=MAILBOX, language="es"), new_york(14, 10))
    tell()
    page = page_of(Client().get(f"/u/{token_of(Message.objects.get().pk)}/"))
    assert '<html lang="es"' in page


@pytest.mark.parametrize("change", ["other message", "one letter", "cut", "empty proof", "no token"])
def test_token_that_is_none_of_ours_is_not_found(path: str, change: str) -> None:
    token = path.split("/")[2]
    wrong = {
        "other message": token_of(uuid4()),
        "one letter": token[:-3] + ("A" if token[-3] != "A" else "B") + token[-2:],
        "cut": token[:-4],
        "empty proof": token[:22],
        "no token": "%00ñ",
    }[change]
    for answer in (Client().get(f"/u/{wrong}/"), Client().post(f"/u/{wrong}/", ONE_CLICK)):
        assert answer.status_code == 404
    assert agrees()


def test_link_works_after_the_visit_is_long_over(path: str) -> None:
    with time_machine.travel(THEN.replace(year=2029), tick=False):
        assert Client().post(path, ONE_CLICK).status_code == 200
    assert not agrees()


def test_texts_carry_no_unsubscribe_link(path: str) -> None:
    message = Message.objects.get()
    assert find_unsubscribed(token_of(message.pk)) == message
    assert "/u/" not in message.body
