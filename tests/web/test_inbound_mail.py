"""The address the mail server hands letters to: replies, pictures, bounces, complaints; nothing without the secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from notifications.consent import consenting
from notifications.models import Address, CallTask, InboundMessage, Message, Notice, Receipt
from scheduling.models import Appointment
from tests.fakes.smtp_server import SmtpServer, running_smtp_server
from tests.notifications.letters import PNG, bounce, complaint, letter
from tests.notifications.replies import THEN, tell
from tests.notifications.world import MAILBOX, booker, clinic_that_writes, new_york, reachable_patient

pytestmark = pytest.mark.django_db
PATH = "/webhooks/email/mime/"
SECRET = "a secret of the mail server"


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[SmtpServer]:
    with running_smtp_server() as running:
        settings.EMAIL_URL = running.url
        settings.INBOUND_MAIL_SECRET = SECRET
        yield running


@pytest.fixture
def visit(mail_server: SmtpServer) -> Iterator[Appointment]:
    """Booked, and the patient was told by e-mail an hour ago."""
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic, phone="", mailbox=MAILBOX), new_york(14, 10))
    tell()
    with time_machine.travel(THEN, tick=False):
        yield visit


def post(raw: bytes, *, secret: str = SECRET) -> int:
    client = Client(enforce_csrf_checks=True)
    headers: Any = {"Authorization": f"Bearer {secret}"} if secret else {}
    return client.post(PATH, raw, content_type="message/rfc822", headers=headers).status_code


def message_id() -> str:
    return str(Message.objects.get(purpose="booking_confirmation").pk)


def confirmation() -> Notice:
    return Notice.objects.get(purpose="booking_confirmation")


def test_reply_is_in_the_inbox_without_what_it_quotes(visit: Appointment) -> None:
    raw = letter(
        "Can I eat before?\n\nOn Mon, Jan 4, 2027 Harbor <desk@harbor.test> wrote:\n> Hello\n", answers=message_id()
    )
    assert post(raw) == 200
    reply = InboundMessage.objects.get()
    assert (reply.text, reply.patient, reply.outcome) == ("Can I eat before?", visit.patient, "to_read")
    assert str(reply.answers_id) == message_id()


def test_yes_by_letter_confirms_what_it_answers(visit: Appointment) -> None:
    assert post(letter("1\n\nSent from my iPhone\n", answers=message_id())) == 200
    visit.refresh_from_db()
    assert visit.confirmed_by == "reply"


def test_letter_from_another_mailbox_is_known_by_the_letter_it_answers(visit: Appointment) -> None:
    assert post(letter("Please call me", sender="rosa.work@office.test", answers=message_id())) == 200
    reply = InboundMessage.objects.get()
    assert (reply.sender, reply.patient, reply.outcome) == ("rosa.work@office.test", visit.patient, "call_opened")


def test_letter_that_comes_again_is_kept_once(visit: Appointment) -> None:
    assert [post(letter("hello", heads={"X-Hop": str(hop)})) for hop in range(3)] == [200, 200, 200]
    assert InboundMessage.objects.count() == 1


def test_picture_is_refused_not_kept_and_said_so(visit: Appointment) -> None:
    assert post(letter("Look at my arm", picture=True)) == 200
    reply = InboundMessage.objects.get()
    assert (reply.text, reply.pictures) == ("Look at my arm", 1)
    steps = Notice.objects.filter(purpose="reply").order_by("step").values_list("step", flat=True)
    assert list(steps) == ["fixed", "picture"]
    assert PNG.hex()[:40] not in str([list(row) for row in InboundMessage.objects.values_list()]).encode().hex()


def test_letter_with_a_large_picture_is_taken(visit: Appointment) -> None:
    assert post(letter("Look", picture=True) + b"\r\n" + b"x" * 4 * 1024 * 1024) == 200
    assert InboundMessage.objects.get().text == "Look"


def test_machines_answer_is_closed_and_never_answered(visit: Appointment) -> None:
    assert post(letter("I am away. STOP", heads={"Auto-Submitted": "auto-replied"})) == 200
    reply = InboundMessage.objects.get()
    assert (reply.outcome, reply.handled_at) == ("automatic", THEN)
    assert not Notice.objects.filter(purpose="reply").exists()
    assert consenting([Address.objects.get().pk])


def test_bounce_fails_the_notice_stops_the_mailbox_and_has_it_said_by_telephone(visit: Appointment) -> None:
    assert [post(bounce(message_id())) for _ in range(2)] == [200, 200]
    notice = confirmation()
    assert (notice.state, notice.reason) == ("failed", "undelivered")
    assert Address.objects.get().stop_reason == "bounced"
    [call] = CallTask.objects.filter(kind="say_instead")
    assert (call.patient, call.reason, call.notice) == (visit.patient, "bounced", notice)
    assert call.words.startswith("Hello, this is ")
    assert "http" not in call.words
    assert Receipt.objects.count() == 1


def test_delay_changes_nothing(visit: Appointment) -> None:
    assert post(bounce(message_id(), status="4.4.1", action="delayed")) == 200
    assert (confirmation().state, Address.objects.get().stopped_at) == ("sent", None)


def test_bounce_of_a_letter_that_is_none_of_ours_changes_nothing(visit: Appointment) -> None:
    assert post(bounce("0f8fad5b-d9cb-469f-a165-70867728950e")) == 200
    assert (confirmation().state, Address.objects.get().stopped_at) == ("sent", None)
    assert Receipt.objects.get().message is None


def test_complaint_withdraws_consent_stops_the_mailbox_and_has_the_patient_called(visit: Appointment) -> None:
    assert post(complaint(message_id())) == 200
    address = Address.objects.get()
    assert (address.stop_reason, consenting([address.pk])) == ("complained", set())
    assert CallTask.objects.filter(kind="unsubscribed", patient=visit.patient).count() == 1


def test_letter_of_a_stranger_is_kept(visit: Appointment) -> None:
    assert post(letter("Do you have a free place?", sender="who@else.test")) == 200
    reply = InboundMessage.objects.get()
    assert (reply.patient, reply.clinic, reply.outcome) == (None, visit.clinic, "to_read")


@pytest.mark.parametrize("secret", ["", "wrong", "a secret of the mail serve"])
def test_nothing_is_taken_without_the_secret(visit: Appointment, secret: str) -> None:
    assert post(letter("STOP"), secret=secret) == 403
    assert InboundMessage.objects.count() == 0


def test_there_is_no_such_address_where_no_secret_is_set(visit: Appointment, settings: Settings) -> None:
    settings.INBOUND_MAIL_SECRET = ""
    assert post(letter("STOP"), secret="") == 404


def test_what_is_no_letter_is_refused(visit: Appointment) -> None:
    assert post(b"no letter") == 400
