"""The list of calls to make: what it says, what each button does, and for whom it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.calls import CallEnd, ask_to_call, settle_call
from notifications.contact_wishes import ask_for_confidentiality
from notifications.models import CallKind, CallTask, PatientAddress
from notifications.wrong_number import record_wrong_number
from scheduling.models import Clinic, Patient, Role
from tests import factories
from tests.factories import NOW
from tests.notifications.world import MAILBOX, reachable_patient
from tests.web.pages import DESK, NURSE, naughty_strings, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
HOUR = timedelta(hours=1)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic, mailbox=MAILBOX, language="es", now=NOW)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def ask(
    clinic: Clinic, patient: Patient | None, key: str = "one", *, ago: timedelta = HOUR, words: str = ""
) -> CallTask:
    return ask_to_call(
        key=key, kind=CallKind.CANNOT_REACH, clinic=clinic, patient=patient, reason="no_consent", words=words,
        by=factories.system(), now=NOW - ago,
    )  # fmt: skip


def press(client: Client, call: CallTask, do: str, **more: str | int) -> str:
    page = page_of(client.post(f"/calls/{call.pk}/", {"do": do, **more}, follow=True))
    call.refresh_from_db()
    return page


def test_list_says_whom_why_where_and_what_to_say(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    ask(clinic, rosa, words="Buenos dias")
    page = page_of(desk.get("/calls/"))
    for words in (
        rosa.shown_name, "Can&#x27;t be reached by message", "The patient has not agreed to messages here.",
        "(212) 555-0123", "Spanish", "Buenos dias",
    ):  # fmt: skip
        assert words in page
    assert 'href="tel:+12125550123"' in page


def test_oldest_need_stands_first_and_what_was_put_off_below(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    second, first = ask(clinic, rosa, "second"), ask(clinic, rosa, "first", ago=2 * HOUR)
    press(desk, ask(clinic, rosa, "third"), "tomorrow")
    page = page_of(desk.get("/calls/"))
    third = CallTask.objects.get(task_key="third")
    assert third.due_at == NOW + timedelta(hours=26), "nine in the morning on the clinic's clock"
    places = [page.index(f'id="call-{call.pk}"') for call in (first, second, third)]
    assert places == sorted(places)
    assert places[1] < page.index(">Later") < places[2]


def test_call_goes_through_its_life(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    call = ask(clinic, rosa)
    assert "Give it back" in press(desk, call, "take")
    assert "It comes back in an hour." in press(desk, call, "no_answer")
    assert (call.tries, call.due_at, call.taken_by_id) == (1, NOW + HOUR, None)
    assert "tried once" in page_of(desk.get("/calls/"))
    press(desk, call, "voicemail")
    assert call.tries == 2
    press(desk, call, "later")
    assert call.due_at == NOW + 4 * HOUR
    assert "you spoke with them" in press(desk, call, "spoke")
    assert (call.outcome, call.closed_at) == ("spoke", NOW)
    assert rosa.shown_name not in page_of(desk.get("/calls/"))


def test_two_who_press_at_once_are_told(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    call = ask(clinic, rosa)
    settle_call(task=call, ended=CallEnd.NOT_NEEDED, by=factories.create_actor(clinic, DESK), now=NOW)
    assert "Somebody settled this call before" in press(desk, call, "spoke")
    assert call.outcome == "not_needed"


@pytest.mark.parametrize("do", ["back", "no_answer", "hour", "not_reached"])
def test_a_page_drawn_before_a_colleague_took_the_call_takes_it_off_nobody(
    clinic: Clinic, rosa: Patient, desk: Client, do: str
) -> None:
    call = ask(clinic, rosa)
    press(signed_in(clinic, DESK), call, "take")
    holder = call.taken_by
    assert holder is not None
    assert f"{holder.shown_name} has it by now" in press(desk, call, do)
    assert (call.taken_by, call.due_at, call.tries, call.closed_at) == (holder, NOW - HOUR, 0, None)
    if do != "back":
        assert "has it by now" not in press(desk, call, do, had_by=holder.pk)


@pytest.mark.parametrize("do", ["", "no such thing"])
def test_button_that_is_none_changes_nothing(clinic: Clinic, rosa: Patient, desk: Client, do: str) -> None:
    call = ask(clinic, rosa)
    assert "Nothing was changed." in press(desk, call, do)
    assert (call.closed_at, call.taken_by_id, call.tries) == (None, None, 0)


def test_wrong_number_stops_it_and_asks_for_the_right_one(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    call = ask(clinic, rosa)
    phone = PatientAddress.objects.get(patient=rosa, address__kind="phone")
    page = press(desk, call, "wrong_number", address=phone.address_id)
    assert call.outcome == "wrong_number"
    phone.refresh_from_db()
    assert phone.ended_at == NOW
    assert "Wrong number: find the right one" in page
    assert "No number on file." in page


def test_wrong_number_of_somebody_else_is_not_found(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    call = ask(clinic, rosa)
    other = PatientAddress.objects.get(patient=reachable_patient(clinic, phone="+12125550188", now=NOW))
    for wanted in (str(other.address_id), "", "x"):
        answer = desk.post(f"/calls/{call.pk}/", {"do": "wrong_number", "address": wanted})
        assert answer.status_code == 404
    other.refresh_from_db()
    assert other.ended_at is None


def test_whoever_asked_for_it_is_called_nowhere_else(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    mailbox = PatientAddress.objects.get(patient=rosa, address__kind="email").address
    ask_for_confidentiality(patient=rosa, address=mailbox, note="Not at home", by=factories.system(), now=NOW)
    ask(clinic, rosa)
    page = page_of(desk.get("/calls/"))
    assert "Asked to be reached only at" in page
    assert MAILBOX in page
    assert "(212) 555-0123" not in page


def test_confidential_place_that_is_wrong_leads_to_no_other_number(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    mailbox = PatientAddress.objects.get(patient=rosa, address__kind="email").address
    ask_for_confidentiality(patient=rosa, address=mailbox, note="Not at home", by=factories.system(), now=NOW)
    record_wrong_number(address=mailbox, clinic=clinic, by=factories.system(), now=NOW)
    page = page_of(desk.get("/calls/"))
    assert "Call nowhere else before they have said where." in page
    assert "(212) 555-0123" not in page


def test_call_to_nobody_we_know_can_be_read(clinic: Clinic, desk: Client) -> None:
    ask(clinic, None)
    assert "Nobody we know" in page_of(desk.get("/calls/"))


@pytest.mark.parametrize("role", [NURSE, Role.PRESCRIBER, Role.AUDITOR])
def test_list_is_the_desks(clinic: Clinic, rosa: Patient, role: Role) -> None:
    call, client = ask(clinic, rosa), signed_in(clinic, role)
    assert client.get("/calls/").status_code == 403
    assert client.post(f"/calls/{call.pk}/", {"do": "take"}).status_code == 403


def test_call_of_another_clinic_is_not_found(clinic: Clinic, rosa: Patient) -> None:
    call = ask(clinic, rosa)
    sibling = signed_in(factories.create_clinic(clinic.organisation), DESK)
    assert sibling.post(f"/calls/{call.pk}/", {"do": "spoke"}).status_code == 404
    assert rosa.shown_name not in page_of(sibling.get("/calls/"))


@pytest.mark.parametrize("calls", [1, 4])
def test_list_takes_six_queries(
    clinic: Clinic, rosa: Patient, desk: Client, calls: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(calls):
        ask(clinic, reachable_patient(clinic, phone=f"+1212555011{number}", now=NOW), str(number))
    with django_assert_num_queries(6):
        page = page_of(desk.get("/calls/"))
    assert page.count('class="card call"') == calls


def test_words_are_shown_as_typed(clinic: Clinic, desk: Client) -> None:
    for number, text in enumerate(naughty_strings()[200:212]):
        ask(clinic, factories.create_patient(clinic, given_name=text), str(number), words=text)
        assert shows(page_of(desk.get("/calls/")), text)
