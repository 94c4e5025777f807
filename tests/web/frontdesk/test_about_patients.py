"""The patient's page: whom we may talk to, needs and notes, when they can come, and what happened."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
from django.test import Client

from scheduling.models import Clinic, NeedKind, Patient, PatientNeed, PersonToTalkTo, TalkScope, TimeToCome, Weekday
from scheduling.needs import note_need
from scheduling.patient_availability import set_availability
from scheduling.people_to_talk_to import let_talk_to
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, NURSE, book, naughty_strings, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
NOBODY = "neither confirm nor deny"
AL = {"person-name": "Al", "person-relation": "son", "person-scope": "times", "person-until": "2027-06-01"}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return factories.create_patient(clinic, given_name="Rosa", family_name="Reyes")


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def test_nobody_named_says_neither_confirm_nor_deny_before_anything_else(rosa: Patient, desk: Client) -> None:
    page = page_of(desk.get(f"/patients/{rosa.pk}/"))
    assert f"Nobody is named: {NOBODY}" in page
    assert page.index(NOBODY) < page.index('id="orders-title"')


def test_whom_we_may_talk_to_stands_with_what_until_when_and_a_pass_phrase(rosa: Patient, desk: Client) -> None:
    sent = AL | {"person-pass_phrase": "blue moon"}
    page = page_of(desk.post(f"/patients/{rosa.pk}/people/", sent, follow=True))
    for words in (
        "Al",
        "son",
        "times of visits only",
        "until June 1, 2027",
        "“blue moon”",
        f"To anybody else: {NOBODY}",
    ):
        assert words in page
    person = PersonToTalkTo.objects.get()
    page = page_of(desk.post(f"/patients/{rosa.pk}/people/{person.pk}/end/", follow=True))
    assert f"Nobody is named: {NOBODY}" in page
    assert "Named before" in page


def test_a_day_that_is_over_is_refused_and_nothing_typed_is_lost(rosa: Patient, desk: Client) -> None:
    answer = desk.post(f"/patients/{rosa.pk}/people/", AL | {"person-until": "2026-01-01"})
    assert answer.status_code == 422
    assert "This day is over." in page_of(answer)
    assert 'value="Al"' in page_of(answer)
    assert not PersonToTalkTo.objects.exists()


def test_needs_and_notes_are_shown_where_the_patient_is_booked(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    order = factories.create_order(clinic, rosa)
    visit = book(order, clinic, how_many=1)[0]
    sent = {"need-kind": "hearing", "need-words": "left ear only"}
    page = page_of(desk.post(f"/patients/{rosa.pk}/needs/", sent, follow=True))
    assert "No clinical facts here" in page
    for address in (f"/patients/{rosa.pk}/", f"/visits/{visit.pk}/", f"/series/{order.pk}/"):
        assert "left ear only" in page_of(desk.get(address)), address
    need = PatientNeed.objects.get()
    page = page_of(desk.post(f"/patients/{rosa.pk}/needs/{need.pk}/end/", follow=True))
    assert "left ear only" not in page


def test_when_they_can_come_is_asked_once_and_said_back(rosa: Patient, desk: Client) -> None:
    sent = {
        "times-mon_on": "on",
        "times-wed_from": "09:00",
        "times-wed_until": "12:00",
        "row_version": rosa.row_version,
    }
    page = page_of(desk.post(f"/patients/{rosa.pk}/times/", sent, follow=True))
    assert "<strong>Monday</strong> any time" in page
    assert "<strong>Wednesday</strong> 9:00 AM – 12:00 PM" in page
    assert "these days, at about 9:00 AM" in page


def test_booking_begins_with_when_they_can_come(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    order, by = factories.create_order(clinic, rosa), factories.create_actor(clinic, DESK)
    factories.create_visit_type(clinic)
    times = {Weekday.TUESDAY: (time(9, 30), time(12)), Weekday.SATURDAY: None}
    pages = (f"/series/{order.pk}/book/", f"/patients/{rosa.pk}/visit/")
    ticked = r'value="tue"[^>]*checked'
    assert not any(re.search(ticked, page_of(desk.get(address))) for address in pages)
    set_availability(patient=rosa, times=times, by=by, now=NOW)
    for address in pages:
        page = page_of(desk.get(address))
        assert re.search(ticked, page), address
        assert '<option value="09:00" selected>' in page, address
        assert not re.search(ticked, page_of(desk.get(f"{address}?weekdays=wed"))), "what is said now counts"


def test_half_an_hour_range_is_asked_for_again(rosa: Patient, desk: Client) -> None:
    for sent, words in (
        ({"times-mon_from": "09:00"}, "or neither for the whole day"),
        ({"times-mon_from": "12:00", "times-mon_until": "09:00"}, "The end is before the beginning."),
    ):
        answer = desk.post(f"/patients/{rosa.pk}/times/", sent)
        assert answer.status_code == 422
        assert words in page_of(answer)
    assert not TimeToCome.objects.exists()


def test_the_second_desk_is_told_by_whom_and_keeps_what_it_typed(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    seen = rosa.row_version
    ana = factories.create_actor(clinic, DESK)
    set_availability(patient=rosa, times={Weekday.FRIDAY: (time(8), time(9))}, by=ana, now=NOW)
    answer = desk.post(f"/patients/{rosa.pk}/times/", {"times-mon_on": "on", "row_version": seen})
    assert answer.status_code == 409
    assert "when they can come changed" in page_of(answer)
    assert 'name="times-mon_on" id="id_times-mon_on" checked' in page_of(answer)
    rosa.refresh_from_db()
    assert f'name="row_version" value="{rosa.row_version}"' in page_of(answer), "a second press is meant"
    assert [one.weekday for one in TimeToCome.objects.all()] == ["fri"]


def test_people_and_needs_of_another_patient_are_not_found(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    other, by = factories.create_patient(clinic), factories.create_actor(clinic, DESK)
    person = let_talk_to(patient=other, name="Al", relation="son", scope=TalkScope.TIMES, by=by, now=NOW)
    need = note_need(patient=other, kind=NeedKind.NOTE, words="x", by=by, now=NOW)
    assert desk.post(f"/patients/{rosa.pk}/people/{person.pk}/end/").status_code == 404
    assert desk.post(f"/patients/{rosa.pk}/needs/{need.pk}/end/").status_code == 404


def test_the_history_says_who_did_what_and_no_reason(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    order = factories.create_order(clinic, rosa)
    book(order, clinic, how_many=1)
    desk.post(f"/patients/{rosa.pk}/people/", AL)
    page = page_of(desk.get(f"/patients/{rosa.pk}/"))
    history = page[page.index('id="history-title"') :]
    for words in ("somebody was named whom we may talk to", "an order was signed", "Infusion 1 of 6: <strong>booked"):
        assert words in history
    assert "Al" not in history.replace("Also", "")


def test_strings_that_break_programs_are_shown_as_typed(clinic: Clinic, rosa: Patient, desk: Client) -> None:
    by = factories.create_actor(clinic, DESK)
    for text in naughty_strings()[::60]:
        let_talk_to(patient=rosa, name=text, relation=text, scope=TalkScope.TIMES, pass_phrase=text, by=by, now=NOW)
        note_need(patient=rosa, kind=NeedKind.NOTE, words=text, by=by, now=NOW + timedelta(minutes=1))
    page = page_of(desk.get(f"/patients/{rosa.pk}/"))
    assert [text for text in naughty_strings()[::60] if not shows(page, text)] == []


def test_a_nurse_writes_down_needs_too(clinic: Clinic, rosa: Patient) -> None:
    nurse = signed_in(clinic, NURSE)
    nurse.post(f"/patients/{rosa.pk}/needs/", {"need-kind": "needles", "need-words": "“small scratch” is fine"})
    assert PatientNeed.objects.get().words == "“small scratch” is fine"
