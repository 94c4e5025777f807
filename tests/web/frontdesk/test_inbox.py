"""The inbox: what is shown, to whom, and what its buttons do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from notifications.duty import put_on_duty
from notifications.models import Address, CallTask, ContactWishes, InboundMessage, Notice, QuickReply, StaffAlert
from scheduling.models import Clinic, Patient, Role, User
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway, running_gateway
from tests.notifications.replies import THEN, became, tell, text_back
from tests.notifications.world import MAILBOX, NOON, booker, clinic_that_writes, new_york, reachable_patient
from tests.web.pages import DESK, NURSE, PRESCRIBER, page_of, shows, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(settings: Settings) -> Iterator[TwilioGateway]:
    with running_gateway() as running:
        settings.SMS_URL = running.url
        yield running


@pytest.fixture(autouse=True)
def an_hour_later() -> Iterator[None]:
    with time_machine.travel(THEN, tick=False):
        yield


@pytest.fixture
def clinic(gateway: TwilioGateway) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def words(clinic: Clinic) -> QuickReply:
    manager = factories.create_user(clinic, Role.MANAGER)
    return QuickReply.objects.create(
        clinic=clinic, language="en", body="Yes, that is fine.", approved_by=manager, approved_at=THEN
    )


def on_duty(clinic: Clinic) -> User:
    cole = factories.create_user(clinic, Role.PRESCRIBER)
    put_on_duty(
        clinic=clinic, user=cole, starts_at=THEN, ends_at=THEN + timedelta(hours=8), is_backup=False,
        by=factories.create_actor(clinic, Role.MANAGER), now=THEN,
    )  # fmt: skip
    return cole


def test_reply_is_shown_with_who_what_and_what_it_answers(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    booker(clinic)(rosa, new_york(14, 10))
    tell()
    text_back("can I eat <b>before</b>?")
    page = page_of(desk.get("/inbox/"))
    for words_ in (rosa.shown_name, "can I eat <b>before</b>?", "not understood: please read", "Please read."):
        assert shows(page, words_)
    assert shows(page, "New times: ") or "New times" in page
    assert "Thu, Jan 14" in page


def test_oldest_is_first_and_what_closed_itself_is_below(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    for minutes, text in ((2, "second"), (1, "first"), (3, "thanks")):
        text_back(text, now=THEN + timedelta(minutes=minutes))
    page = page_of(desk.get("/inbox/"))
    assert page.index("first") < page.index("second") < page.index("Dealt with lately") < page.rindex("thanks")


def test_nobody_we_know_is_said_so(clinic: Clinic, desk: Client) -> None:
    text_back("hello", sender="+12125550777")
    page = page_of(desk.get("/inbox/"))
    assert "Nobody we know" in page
    assert "+12125550777" in page


def test_another_clinics_replies_are_not_there(clinic: Clinic, rosa: Patient) -> None:
    reply = text_back("can I eat?")
    elsewhere = signed_in(clinic_that_writes(), DESK)
    assert "can I eat?" not in page_of(elsewhere.get("/inbox/"))
    for path in ("", "who/", "answer/", "done/", "hand-over/"):
        assert elsewhere.post(f"/inbox/{reply.pk}/{path}", {"patient": rosa.pk}).status_code == 404
    assert became(reply) == ("to_read", True)


def test_auditor_may_not_open_it(clinic: Clinic) -> None:
    assert signed_in(clinic, Role.AUDITOR).get("/inbox/").status_code == 403


@pytest.mark.parametrize("role", [DESK, NURSE, PRESCRIBER, Role.MANAGER])
def test_it_is_in_the_menu_of_whoever_works_here(clinic: Clinic, role: Role) -> None:
    assert 'href="/inbox/"' in page_of(signed_in(clinic, role).get("/inbox/"))


def test_one_press_says_which_of_two_patients_it_is(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    mother = reachable_patient(clinic)
    hers = booker(clinic)(mother, new_york(15, 10))
    booker(clinic)(rosa, new_york(14, 10))
    tell()
    reply = text_back("yes")
    page = page_of(desk.get("/inbox/"))
    assert shows(page, f"It is {mother.shown_name}")
    assert shows(page, f"It is {rosa.shown_name}")
    desk.post(f"/inbox/{reply.pk}/who/", {"patient": mother.pk})
    hers.refresh_from_db()
    assert (became(reply), hers.confirmed_by) == (("confirmed", False), "reply")


def test_a_second_desk_that_names_another_is_told_and_presses_once_more(
    clinic: Clinic, rosa: Patient, desk: Client
) -> None:
    mother, other = reachable_patient(clinic), signed_in(clinic, DESK)
    reply = text_back("can I eat?")
    other.post(f"/inbox/{reply.pk}/who/", {"patient": rosa.pk})
    page = page_of(desk.post(f"/inbox/{reply.pk}/who/", {"patient": mother.pk}, follow=True))
    who = User.objects.get(pk=other.session["_auth_user_id"]).shown_name
    assert shows(page, f"{who} said meanwhile that {rosa.shown_name} wrote this. Nothing was changed.")
    assert shows(page, f"It is {mother.shown_name}")
    reply.refresh_from_db()
    assert reply.patient == rosa
    assert page.count('name="instead_of"') == 1
    [showed] = re.findall(r'name="instead_of" value="(\d+)"', page)
    page = page_of(desk.post(f"/inbox/{reply.pk}/who/", {"patient": mother.pk, "instead_of": showed}, follow=True))
    assert "Written down." in page
    reply.refresh_from_db()
    assert reply.patient == mother


def test_stranger_is_found_by_name_and_named(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    reply = text_back("my new number", sender="+12125550777")
    page = page_of(desk.post(f"/inbox/{reply.pk}/", {"text": rosa.family_name}))
    assert shows(page, rosa.legal_name)
    desk.post(f"/inbox/{reply.pk}/who/", {"patient": rosa.pk})
    reply.refresh_from_db()
    assert reply.patient == rosa


@pytest.mark.parametrize("wanted", ["", "x", "0", "999999999"])
def test_nobody_is_named_by_a_wrong_id(clinic: Clinic, desk: Client, wanted: str) -> None:
    reply = text_back("hello", sender="+12125550777")
    assert desk.post(f"/inbox/{reply.pk}/who/", {"patient": wanted}).status_code == 404


def test_approved_answer_goes_out_and_the_reply_is_done(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    quick, reply = words(clinic), text_back("can I eat?")
    assert shows(page_of(desk.get("/inbox/")), quick.body)
    page = page_of(desk.post(f"/inbox/{reply.pk}/answer/", {"quick": quick.pk, "key": "k1"}, follow=True))
    assert "The answer goes out now." in page
    assert Notice.objects.get(step="quick").words == quick.body
    assert became(reply) == ("done", False)


def test_only_approved_words_can_be_sent(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    reply, theirs = text_back("can I eat?"), words(clinic_that_writes())
    for wanted in (theirs.pk, "", "free words"):
        assert desk.post(f"/inbox/{reply.pk}/answer/", {"quick": wanted}).status_code == 404
    assert not Notice.objects.filter(step="quick").exists()


def test_one_press_hands_it_to_the_clinician_on_duty(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    on_duty(clinic)
    reply = text_back("I want to die")
    page = page_of(desk.post(f"/inbox/{reply.pk}/hand-over/", follow=True))
    assert "Alerted 0 times; nobody has it yet." in page
    assert StaffAlert.objects.get().reply == reply


def test_without_anybody_on_duty_the_desk_is_told_to_call(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    reply = text_back("I want to die")
    page = page_of(desk.post(f"/inbox/{reply.pk}/hand-over/", follow=True))
    assert "Please call a clinician yourself." in page


def test_clinician_opens_the_alert_and_has_it(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    cole, reply = on_duty(clinic), text_back("I want to die")
    desk.post(f"/inbox/{reply.pk}/hand-over/")
    alert = StaffAlert.objects.get()
    client = Client()
    client.force_login(cole)
    assert shows(page_of(client.get(f"/alerts/{alert.pk}/")), "I want to die")
    assert StaffAlert.objects.get().acknowledged_at is None
    page = page_of(client.post(f"/alerts/{alert.pk}/have/", follow=True))
    assert "You have it. Nobody is alerted any more." in page
    assert "has it since" in page_of(desk.get("/inbox/"))


def test_clinician_opens_it_from_another_of_their_clinics(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    cole, reply = on_duty(clinic), text_back("I want to die")
    north = factories.create_clinic(clinic.organisation)
    Clinic.objects.filter(pk=north.pk).update(name="A first one by name")
    factories.join(cole, north, Role.PRESCRIBER)
    desk.post(f"/inbox/{reply.pk}/hand-over/")
    client, path = Client(), f"/alerts/{StaffAlert.objects.get().pk}/"
    client.force_login(cole)
    assert client.get(path).wsgi_request.clinic != clinic  # type: ignore[attr-defined]
    assert client.post(f"{path}have/").status_code == 302
    assert StaffAlert.objects.get().acknowledged_by == cole


def test_alert_is_for_clinicians_of_the_clinic(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    on_duty(clinic)
    desk.post(f"/inbox/{text_back('I want to die').pk}/hand-over/")
    path = f"/alerts/{StaffAlert.objects.get().pk}/"
    for stranger in (desk, signed_in(clinic_that_writes(), PRESCRIBER), signed_in(clinic, Role.AUDITOR)):
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}have/").status_code == 404


def test_done_closes_it_once(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    reply = text_back("can I eat?")
    assert "Done." in page_of(desk.post(f"/inbox/{reply.pk}/done/", follow=True))
    assert "Somebody else was done with it before." in page_of(desk.post(f"/inbox/{reply.pk}/done/", follow=True))


def test_wrong_number_lists_what_was_sent_there(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    booker(clinic)(rosa, new_york(14, 10))
    tell()
    reply = text_back("wrong number")
    page = page_of(desk.get(f"/inbox/{reply.pk}/"))
    assert "What was sent there" in page
    assert shows(page, "Harbor Center: ")
    assert CallTask.objects.filter(kind="wrong_number", patient=rosa).exists()


def test_late_one_is_on_the_visits_page_with_whom_it_keeps_waiting(gateway: TwilioGateway) -> None:
    clinic = factories.create_clinic(chairs=1)
    rosa, book = reachable_patient(clinic), booker(clinic)
    late = book(rosa, NOON + timedelta(hours=2))
    behind = book(factories.create_patient(clinic), NOON + timedelta(hours=2, minutes=15))
    book(factories.create_patient(clinic), NOON + timedelta(hours=3))
    text_back("10 min late")
    page = page_of(signed_in(clinic, DESK).get(f"/visits/{late.pk}/"))
    assert "Comes 10 minutes late" in page
    assert f'<a href="/visits/{behind.pk}/">' in page.partition("Then in the way:")[2].partition("</p>")[0]
    assert InboundMessage.objects.get().visit == late


def test_approved_words_go_out_from_a_visit(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    quick, visit = words(clinic), booker(clinic)(rosa, new_york(14, 10))
    assert shows(page_of(desk.get(f"/visits/{visit.pk}/")), quick.body)
    page = page_of(desk.post(f"/visits/{visit.pk}/write/", {"quick": quick.pk, "key": "k1"}, follow=True))
    assert "The message goes out now." in page
    assert Notice.objects.get(step="written").patient == rosa


def test_at_night_the_page_says_when_words_of_the_desks_own_go_out(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    quick, visit = words(clinic), booker(clinic)(rosa, new_york(14, 10))
    with time_machine.travel(new_york(4, 21), tick=False):
        page = page_of(desk.post(f"/visits/{visit.pk}/write/", {"quick": quick.pk, "key": "k1"}, follow=True))
    assert "It is too late or too early to write there now: it goes out on Tue, Jan 5 at 9:00 AM." in page


def test_second_answer_to_one_reply_is_refused_in_words(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    quick, reply = words(clinic), text_back("can I eat?")
    for key, said in (
        ("k1", "The answer goes out now."),
        ("k2", "Somebody else has dealt with it already: nothing was"),
    ):
        page = page_of(desk.post(f"/inbox/{reply.pk}/answer/", {"quick": quick.pk, "key": key}, follow=True))
        assert said in page
    assert Notice.objects.filter(step="quick").count() == 1


def test_answer_that_a_request_for_confidentiality_bars_is_refused_in_words(clinic: Clinic, desk: Client) -> None:
    rosa = reachable_patient(clinic, mailbox=MAILBOX)
    ContactWishes.objects.create(patient=rosa, only_address=Address.objects.get(kind="email"), changed_at=THEN)
    quick, reply = words(clinic), text_back("can I eat?")
    page = page_of(desk.post(f"/inbox/{reply.pk}/answer/", {"quick": quick.pk, "key": "k1"}, follow=True))
    assert "This patient asked to be written to at another address only, so nothing was sent. Please call." in page
    assert (Notice.objects.count(), became(reply)) == (0, ("to_read", True))


def test_subject_and_what_was_pressed_in_a_calendar_are_shown(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    pressed = [{"uid": "x", "sequence": 0, "said": "tentative", "comment": "if my sister drives"}]
    reply = text_back("")
    InboundMessage.objects.filter(pk=reply.pk).update(subject="Tentative: <b>Appointment</b>", calendar=pressed)
    page = page_of(desk.get("/inbox/"))
    for said in ("may come: pressed Maybe in their calendar", "if my sister drives", "Tentative: <b>Appointment</b>"):
        assert shows(page, said)


def test_stranger_of_no_clinic_goes_to_the_clinician_on_duty_here(clinic: Clinic, desk: Client) -> None:
    on_duty(clinic)
    factories.create_clinic(clinic.organisation)
    reply = text_back("I want to die", sender="+12125550777")
    assert reply.clinic is None
    page = page_of(desk.post(f"/inbox/{reply.pk}/hand-over/", follow=True))
    assert "Alerted 0 times; nobody has it yet." in page


@pytest.mark.parametrize("count", [1, 4])
def test_queries_do_not_grow_with_the_replies(
    clinic: Clinic, rosa: Patient, desk: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    booker(clinic)(rosa, new_york(14, 10))
    tell()
    words(clinic)
    for number in range(count):
        text_back(f"question {number}")
    desk.get("/inbox/")
    with django_assert_num_queries(8):
        desk.get("/inbox/")


def test_looking_at_the_inbox_changes_nothing(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    reply = text_back("can I eat?")
    before = list(InboundMessage.objects.values())
    for path in ("/inbox/", f"/inbox/{reply.pk}/"):
        assert desk.get(path).status_code == 200
    assert list(InboundMessage.objects.values()) == before
