"""What the desk sees of news and of those whom nothing reaches: true words on buttons, why not, and what to do."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from notifications.addresses import set_address, stop_address
from notifications.dispatch import dispatch_due
from notifications.models import AddressKind, CallTask, MessageRules, Notice, NoticeState
from scheduling.models import Appointment, Clinic, Patient
from tests import factories
from tests.factories import NOW
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import MAILBOX, agree, booker, new_york, plan, reachable_patient
from tests.web.pages import DESK, book, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
LATER = NOW + timedelta(minutes=10)
BUTTONS = "They know, don't send this news"
NO_MESSAGE = "No message goes to this patient"


@pytest.fixture
def clinic() -> Clinic:
    clinic = factories.create_clinic(chairs=6, nurses=3)
    MessageRules.objects.create(clinic=clinic, sender_name="Harbor Center", quiet_from=time(0), quiet_until=time(0))
    return clinic


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def booked(clinic: Clinic, patient: Patient | None = None) -> Appointment:
    visit = booker(clinic, now=NOW)(patient or reachable_patient(clinic, now=NOW), new_york(14, 10))
    plan(NOW)
    return visit


def send(at: datetime = LATER) -> None:
    dispatch_due(clock=lambda: at, until=at + timedelta(seconds=1))


def press(desk: Client, visit: Appointment, do: str, at: datetime = NOW) -> str:
    with time_machine.travel(at, tick=False):
        return page_of(desk.post(f"/visits/{visit.pk}/told/", {"do": do}, follow=True))


def test_buttons_are_there_for_news_and_not_for_a_mere_reminder(
    clinic: Clinic, desk: Client, gateway: TwilioGateway
) -> None:
    visit = booked(clinic)
    page = page_of(desk.get(f"/visits/{visit.pk}/"))
    assert BUTTONS in page
    assert "Reminders go as planned." in page
    send()
    assert Notice.objects.filter(state=NoticeState.PLANNED, purpose="reminder").exists()
    with time_machine.travel(LATER, tick=False):
        assert BUTTONS not in page_of(desk.get(f"/visits/{visit.pk}/"))


def test_in_the_night_the_desk_reads_when_the_news_really_goes(clinic: Clinic, desk: Client) -> None:
    MessageRules.objects.update(quiet_from=time(5), quiet_until=time(9))
    order = factories.create_order(clinic, reachable_patient(clinic, now=NOW))
    *_, visit = book(order, clinic, how_many=2)
    plan(NOW)
    series = page_of(desk.get(f"/series/{order.pk}/"))
    assert "The patient is told by text today at 9:00 AM." in series
    assert "in a few minutes" not in series
    page = page_of(desk.get(f"/visits/{visit.pk}/"))
    assert "The news goes today at 9:00 AM." in page
    assert 'value="now"' not in page, "pressed, it would change nothing"
    assert BUTTONS in page


def test_news_of_another_visit_is_no_news_of_the_series(clinic: Clinic, desk: Client, gateway: TwilioGateway) -> None:
    patient = reachable_patient(clinic, now=NOW)
    order = factories.create_order(clinic, patient)
    book(order, clinic, how_many=1)
    plan(NOW)
    send()
    booked(clinic, patient)
    page = page_of(desk.get(f"/series/{order.pk}/"))
    assert "Messages reach this patient by text; no news waits to go." in page


def test_by_day_the_news_goes_in_a_few_minutes_and_can_be_sent_now(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(clinic, reachable_patient(clinic, now=NOW))
    [visit] = book(order, clinic, how_many=1)
    plan(NOW)
    assert "The patient is told by text in a few minutes." in page_of(desk.get(f"/series/{order.pk}/"))
    page = page_of(desk.get(f"/visits/{visit.pk}/"))
    assert 'value="now"' in page
    assert "The news goes" not in page


def test_they_know_says_that_reminders_go_all_the_same(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    assert "This news is not sent; reminders go as planned." in press(desk, visit, "know")
    plan(NOW)
    rows = dict(Notice.objects.values_list("purpose", "state"))
    assert (rows["booking_confirmation"], rows["reminder"]) == ("suppressed", "planned")


@pytest.mark.parametrize("do", ["now", "know_and_send"])
def test_send_now_says_when_it_goes(clinic: Clinic, desk: Client, do: str) -> None:
    visit = booked(clinic)
    assert "The news that waited goes out now." in press(desk, visit, do)
    MessageRules.objects.update(quiet_from=time(20), quiet_until=time(9))
    with time_machine.travel(NOW, tick=False):
        assert "The news goes today at 9:00 AM." in page_of(desk.get(f"/visits/{visit.pk}/"))
    page = press(desk, visit, do)
    assert "the news goes out on Mon, Jan 4, 9:00 AM." in page
    assert "goes out now" not in page


def test_send_now_where_nothing_waits_says_so(clinic: Clinic, desk: Client, gateway: TwilioGateway) -> None:
    visit = booked(clinic)
    send()
    assert "No news waits for this patient" in press(desk, visit, "now", LATER)


def test_visit_and_patient_say_why_no_message_goes_and_what_to_do(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic, factories.create_patient(clinic))
    call = CallTask.objects.get()
    for page in (page_of(desk.get(f"/visits/{visit.pk}/")), page_of(desk.get(f"/patients/{visit.patient_id}/"))):
        assert NO_MESSAGE in page
        assert "No number or e-mail address is known. Ask for a number or an e-mail address" in page
        assert f"/calls/#call-{call.pk}" in page
        assert "Nothing has been sent or planned yet." not in page


def test_why_is_said_after_consent_went_and_the_planned_text_with_it(
    clinic: Clinic, desk: Client, gateway: TwilioGateway
) -> None:
    visit = booked(clinic)
    agree(visit.patient.addresses.get().address, granted=False, now=NOW)
    plan(NOW)
    assert Notice.objects.count() == 0
    page = page_of(desk.get(f"/visits/{visit.pk}/"))
    assert "The patient has not agreed to messages here. Ask whether messages may go there" in page


@pytest.mark.parametrize(
    ("raw", "words"),
    [("12", "Ask for the right number or address."), ("stopped", "Ask for another number or address.")],
)
def test_each_reason_has_something_to_do(clinic: Clinic, desk: Client, raw: str, words: str) -> None:
    if raw == "stopped":
        patient = reachable_patient(clinic, now=NOW)
        address = patient.addresses.get().address
        stop_address(address=address, reason="landline", by=factories.system(), now=NOW)
    else:
        patient = factories.create_patient(clinic)
        set_address(patient=patient, kind=AddressKind.PHONE, raw=raw, by=factories.system(), now=NOW)
    assert words in page_of(desk.get(f"/patients/{patient.pk}/"))


def test_nothing_is_said_of_who_is_reached_or_gone(clinic: Clinic, desk: Client) -> None:
    visit = booked(clinic)
    gone = factories.create_patient(clinic)
    Patient.objects.filter(pk=gone.pk).update(deceased_at=NOW)
    for path in (f"/visits/{visit.pk}/", f"/patients/{gone.pk}/"):
        assert NO_MESSAGE not in page_of(desk.get(path))


def test_the_very_words_of_an_email_begin_with_its_subject(clinic: Clinic, desk: Client, settings: Settings) -> None:
    settings.EMAIL_URL = "outbox:"
    visit = booked(clinic, reachable_patient(clinic, phone="", mailbox=MAILBOX, now=NOW))
    send()
    message = Notice.objects.get(state=NoticeState.SENT).message
    assert message is not None
    assert message.subject
    with time_machine.travel(LATER, tick=False):
        for path in (f"/visits/{visit.pk}/", "/messages/"):
            page = page_of(desk.get(path))
            assert page.index(f"<strong>{message.subject}</strong>") < page.index(message.body.splitlines()[0])


def test_when_it_was_delivered_is_shown(clinic: Clinic, desk: Client, gateway: TwilioGateway) -> None:
    visit = booked(clinic)
    send()
    arrived = LATER + timedelta(minutes=7)
    Notice.objects.filter(state=NoticeState.SENT).move(NoticeState.DELIVERED, now=arrived)
    with time_machine.travel(LATER, tick=False):
        assert "delivered Mon, Jan 4 7:17 AM" in page_of(desk.get(f"/visits/{visit.pk}/"))
        assert "Mon, Jan 4, 7:17 AM" in page_of(desk.get("/messages/"))


@pytest.mark.parametrize("has_mail", [True, False])
def test_where_the_clinic_sends_no_texts_none_is_promised_for_a_booking(
    clinic: Clinic, desk: Client, *, has_mail: bool
) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(sends_texts=False)
    order = factories.create_order(clinic, reachable_patient(clinic, mailbox=MAILBOX if has_mail else "", now=NOW))
    page = page_of(desk.get(f"/series/{order.pk}/book/"))
    book(order, clinic)
    for shown in (page, page_of(desk.get(f"/series/{order.pk}/"))):
        assert "What the text will say" not in shown
        assert "by text" not in shown
        assert ("This clinic sends no texts yet" in shown) is not has_mail
        assert ("by e-mail" in shown) is has_mail
