"""The address Postmark reports to: bounces, complaints, deliveries and letters; nothing without the secret."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from notifications.calendar_feeds import uid_of
from notifications.consent import consenting
from notifications.models import Address, AttemptOutcome, CallTask, InboundMessage, Message, Notice, Receipt
from notifications.unsent import ask_to_call_about_unsent
from scheduling.models import Appointment
from tests import factories
from tests.fakes.postmark_api import running_postmark
from tests.fakes.smtp_server import running_smtp_server
from tests.notifications.letters import calendar_file, letter
from tests.notifications.replies import THEN, tell
from tests.notifications.world import MAILBOX, booker, clinic_that_writes, new_york, reachable_patient

pytestmark = pytest.mark.django_db
PATH, SECRET = "/webhooks/email/postmark/", "a secret of ours"


@pytest.fixture
def visit(settings: Settings) -> Iterator[Appointment]:
    """Booked, and the patient was told by e-mail an hour ago."""
    with running_smtp_server() as server:
        settings.EMAIL_URL = server.url
        settings.INBOUND_MAIL_SECRET = SECRET
        clinic = clinic_that_writes()
        visit = booker(clinic)(reachable_patient(clinic, phone="", mailbox=MAILBOX), new_york(14, 10))
        tell()
        with time_machine.travel(THEN, tick=False):
            yield visit


def post(payload: object, *, secret: str = SECRET) -> int:
    said = b64encode(f"postmark:{secret}".encode()).decode()
    raw = payload if isinstance(payload, str) else json.dumps(payload)
    client = Client(enforce_csrf_checks=True)
    headers: Any = {"Authorization": f"Basic {said}"}
    return client.post(PATH, raw, content_type="application/json", headers=headers).status_code


def event(record: str, **more: object) -> dict[str, object]:
    message = str(Message.objects.get(purpose="booking_confirmation").pk)
    return {"RecordType": record, "MessageID": "883953f4-6105", "Metadata": {"message": message}, **more}


def confirmation() -> tuple[str, str]:
    notice = Notice.objects.get(purpose="booking_confirmation")
    return notice.state, notice.reason


def test_delivery_moves_the_notice_on(visit: Appointment) -> None:
    assert [post(event("Delivery")) for _ in range(2)] == [200, 200]
    assert (confirmation(), Receipt.objects.count()) == (("delivered", ""), 1)


@pytest.mark.parametrize(
    "raw", ["[" * 50_000, '{"a":' * 50_000, '{"a": ' + "9" * 5000 + "}", "\x00", '{"RecordType": NaN'],
    ids=["lists", "maps", "number", "nul", "cut"],
)  # fmt: skip
def test_json_that_nobody_can_read_is_refused(visit: Appointment, raw: str) -> None:
    assert post(raw) == 400


@pytest.mark.parametrize("reference", ["a\x00", "a\ud800"])
def test_a_report_that_no_column_holds_is_refused(visit: Appointment, reference: str) -> None:
    assert post(event("Delivery", MessageID=reference)) == 400
    assert (confirmation(), Receipt.objects.count()) == (("sent", ""), 0)


@pytest.mark.parametrize("more", [{"Type": "HardBounce"}, {"Type": "SoftBounce", "Inactive": True}])
def test_bounce_for_good_stops_the_mailbox_and_has_it_said(visit: Appointment, more: dict[str, object]) -> None:
    assert post(event("Bounce", **more)) == 200
    assert confirmation() == ("failed", "undelivered")
    assert Address.objects.get().stop_reason == "bounced"
    assert CallTask.objects.filter(kind="say_instead", patient=visit.patient).count() == 1


@pytest.mark.parametrize("kind", ["Transient", "DnsError", "AutoResponder"])
def test_bounce_that_passes_changes_nothing(visit: Appointment, kind: str) -> None:
    assert post(event("Bounce", Type=kind, Inactive=False)) == 200
    assert (confirmation(), Address.objects.get().stopped_at) == (("sent", ""), None)


@pytest.mark.parametrize("kind", ["SoftBounce", "Blocked"])
def test_letter_that_came_back_becomes_a_call_and_the_mailbox_stays(visit: Appointment, kind: str) -> None:
    assert post(event("Bounce", Type=kind, Inactive=False)) == 200
    assert (confirmation(), Address.objects.get().stopped_at) == (("failed", "undelivered"), None)
    assert ask_to_call_about_unsent(by=factories.system(), now=THEN) == 1
    assert post(event("Bounce", Type="HardBounce", Inactive=True)) == 200
    assert Address.objects.get().stop_reason == "bounced"


def change(reason: str | None, origin: str = "Recipient", *, suppress: bool = True) -> dict[str, object]:
    return {"SuppressSending": suppress, "Origin": origin, "SuppressionReason": reason}


def test_mailbox_that_postmark_stopped_for_a_hard_bounce_is_no_complaint(visit: Appointment) -> None:
    assert post(event("SubscriptionChange", **change("HardBounce"))) == 200
    address = Address.objects.get()
    assert (address.stop_reason, consenting([address.pk])) == ("bounced", {address.pk})


@pytest.mark.parametrize(
    "more",
    [change("ManualSuppression", "Customer"), change("ManualSuppression", "Admin"), change(None, suppress=False)],
)
def test_change_by_hand_at_postmark_is_not_the_readers_word(visit: Appointment, more: dict[str, object]) -> None:
    assert post(event("SubscriptionChange", **more) | {"MessageID": None}) == 200
    assert (Receipt.objects.count(), Address.objects.get().stopped_at) == (0, None)


@pytest.mark.parametrize(
    ("record", "more"),
    [
        ("SpamComplaint", {"Type": "SpamComplaint", "Inactive": True}),
        ("SubscriptionChange", change("SpamComplaint")),
        ("SubscriptionChange", change("ManualSuppression")),
    ],
)
def test_who_wants_no_more_mail_gets_none_and_is_called(
    visit: Appointment, record: str, more: dict[str, object]
) -> None:
    assert post(event(record, **more)) == 200
    assert consenting([Address.objects.get().pk]) == set()
    assert CallTask.objects.filter(kind="unsubscribed", patient=visit.patient).count() == 1


@pytest.mark.parametrize("payload", [{"RecordType": "Open"}, {"RecordType": "Newer"}, {}, {"RecordType": ["x"]}])
def test_event_that_changes_nothing_is_taken(visit: Appointment, payload: dict[str, object]) -> None:
    assert post(payload) == 200
    assert Receipt.objects.count() == 0


@pytest.mark.parametrize("metadata", [None, {}, {"message": "x"}, {"message": "0f8fad5b-d9cb-469f-a165-70867728950e"}])
def test_bounce_of_a_letter_that_is_none_of_ours_is_kept_and_changes_nothing(
    visit: Appointment, metadata: object
) -> None:
    assert post(event("Bounce", Type="HardBounce") | {"Metadata": metadata}) == 200
    assert (Receipt.objects.get().message, Address.objects.get().stopped_at) == (None, None)


def test_event_about_a_letter_sent_by_postmark_finds_it(settings: Settings) -> None:
    """What went with the letter is what comes back, in the shape of Postmark's own example."""
    with running_postmark() as server:
        settings.EMAIL_URL, settings.INBOUND_MAIL_SECRET = server.url, SECRET
        clinic = clinic_that_writes()
        booker(clinic)(reachable_patient(clinic, phone="", mailbox=MAILBOX), new_york(14, 10))
        tell()
        [sent] = server.ledger
    with time_machine.travel(THEN, tick=False):
        said = {
            "MessageID": AttemptOutcome.objects.get().gateway_reference, "Recipient": MAILBOX, "ServerID": 23,
            "DeliveredAt": "2027-01-04T18:00:00Z", "Details": "Test delivery webhook details", "RecordType": "Delivery",
            "MessageStream": "outbound", "Metadata": sent["Metadata"],
        }  # fmt: skip
        assert post(said) == 200
    assert confirmation() == ("delivered", "")


def test_letter_comes_in_raw(visit: Appointment) -> None:
    assert post({"RawEmail": letter("Please call me").decode()}) == 200
    assert InboundMessage.objects.get().outcome == "call_opened"


def letter_in_parts(**more: object) -> dict[str, object]:
    """As postmarkapp.com/developer/webhooks/inbound-webhook has it, without the raw letter."""
    return {
        "FromName": "Rosa Reyes", "MessageStream": "inbound", "From": MAILBOX,
        "FromFull": {"Email": MAILBOX, "Name": "Rosa Reyes", "MailboxHash": ""},
        "To": "desk@harbor.test", "ToFull": [{"Email": "desk@harbor.test", "Name": "", "MailboxHash": ""}],
        "Cc": "", "CcFull": [], "Bcc": "", "BccFull": [], "OriginalRecipient": "451d@inbound.postmarkapp.com",
        "Subject": "Re: Your visit", "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b", "ReplyTo": "",
        "MailboxHash": "", "Date": "Mon, 4 Jan 2027 12:00:00 -0500", "TextBody": "Please call me\n", "HtmlBody": "",
        "StrippedTextReply": "", "Tag": "",
        "Headers": [
            {"Name": "Return-Path", "Value": f"<{MAILBOX}>"}, {"Name": "X-Spam-Status", "Value": "No"},
            {"Name": "MIME-Version", "Value": "1.0"}, {"Name": "Message-ID", "Value": "<CAGXpo2@mail.patients.test>"},
        ],
        "Attachments": [], **more,
    }  # fmt: skip


def file(kind: str, content: bytes, **more: str) -> dict[str, object]:
    coded = b64encode(content).decode()
    return {"Name": "a file", "Content": coded, "ContentType": kind, "ContentLength": len(content), **more}


def test_letter_comes_in_parts(visit: Appointment) -> None:
    assert [post(letter_in_parts()) for _ in range(2)] == [200, 200]
    reply = InboundMessage.objects.get()
    assert (reply.outcome, reply.patient, reply.sender) == ("call_opened", visit.patient, MAILBOX)
    assert (reply.text, reply.subject, reply.pictures) == ("Please call me", "Re: Your visit", 0)


def test_letter_in_parts_answers_what_its_heads_name(visit: Appointment) -> None:
    ours = {"Name": "In-Reply-To", "Value": f"<{Message.objects.get().pk}@harbor.test>"}
    office = {"FromFull": {"Email": "rosa@office.test", "Name": "Rosa"}, "TextBody": "1"}
    assert post(letter_in_parts(Headers=[ours], **office)) == 200
    visit.refresh_from_db()
    assert visit.confirmed_by == "reply"


def test_machines_answer_in_parts_is_known_for_one(visit: Appointment) -> None:
    assert post(letter_in_parts(Headers=[{"Name": "Auto-Submitted", "Value": "auto-replied"}])) == 200
    assert InboundMessage.objects.get().outcome == "automatic"


def test_files_of_a_letter_in_parts_are_counted_but_for_logos_and_calendars(visit: Appointment) -> None:
    yes = calendar_file(uid_of(visit), "ACCEPTED", visit.told_version).encode()
    files = [
        file("image/jpeg", b"an arm"),
        file("image/png", b"a logo", ContentID="logo@x"),
        file("text/calendar; method=REPLY; charset=UTF-8", yes),
        file("nonsense", b"?"),
    ]
    page = {"TextBody": "", "HtmlBody": "<p>Yes</p><img src='cid:logo@x'>"}
    assert post(letter_in_parts(Attachments=files, **page)) == 200
    reply = InboundMessage.objects.get()
    assert (reply.pictures, len(reply.calendar)) == (2, 1)
    visit.refresh_from_db()
    assert visit.confirmed_by == "reply"


@pytest.mark.parametrize(
    "more",
    [
        {"Headers": "none"}, {"Headers": [None, {"Name": "A\nB", "Value": "x"}, {"Name": "Subject"}, {}]},
        {"Attachments": [None, {}, {"Content": "%%%", "ContentType": "a/b/c"}]}, {"TextBody": None, "HtmlBody": None},
        {"Subject": "a\r\nBcc: x@y.test"}, {"TextBody": "half \ud83d of a sign"}, {"ToFull": None, "To": None},
        {"FromFull": None}, {"Attachments": [{"ContentType": "message/rfc822", "Content": "aGVsbG8="}]},
    ],
)  # fmt: skip
def test_no_odd_part_loses_a_letter(visit: Appointment, more: dict[str, object]) -> None:
    assert post(letter_in_parts(**more)) == 200
    assert InboundMessage.objects.get().patient == visit.patient


def test_letter_that_nobody_has_sent_is_refused_so_that_it_is_seen(visit: Appointment) -> None:
    assert post(letter_in_parts(FromFull={"Email": ""}, From="")) == 400


@pytest.mark.parametrize(("payload", "status"), [("no json", 400), ("[1]", 400), ({"RawEmail": "no letter"}, 400)])
def test_what_is_no_event_is_refused(visit: Appointment, payload: object, status: int) -> None:
    assert post(payload) == status


def test_nothing_is_taken_without_the_secret(visit: Appointment, settings: Settings) -> None:
    assert post(event("SpamComplaint"), secret="wrong") == 403
    settings.INBOUND_MAIL_SECRET = ""
    assert post(event("SpamComplaint"), secret="") == 404
    assert Receipt.objects.count() == 0
