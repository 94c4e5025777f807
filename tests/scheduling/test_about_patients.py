"""Whom we may talk to, what a patient needs, and when they can come."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from scheduling.events import Actor
from scheduling.models import Clinic, Event, NeedKind, Patient, Role, TalkScope, TimeToCome
from scheduling.models import Weekday as Day
from scheduling.needs import end_need, needs_of, note_need
from scheduling.patient_availability import availability_of, set_availability, wish_in, wish_of
from scheduling.people_to_talk_to import end_talk_to, let_talk_to, no_longer, people_to_talk_to
from scheduling.series_terms import Wish
from scheduling.visit_steps import ChangedMeanwhile
from tests import factories
from tests.factories import NOW
from tests.web.pages import naughty_strings

MONDAY = date(2027, 1, 4)


@pytest.fixture
def clinic(db: None) -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    return factories.create_patient(clinic)


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


def test_we_may_talk_to_somebody_until_the_last_day_of_it(patient: Patient, desk: Actor) -> None:
    person = let_talk_to(
        patient=patient, name="José", relation="husband", scope=TalkScope.TIMES, until=MONDAY, by=desk, now=NOW
    )
    assert people_to_talk_to(patient, MONDAY) == [person]
    assert people_to_talk_to(patient, date(2027, 1, 5)) == []
    assert no_longer(patient, date(2027, 1, 5)) == [person]


def test_the_patient_takes_it_back_once(patient: Patient, desk: Actor) -> None:
    person = let_talk_to(patient=patient, name="Al", relation="son", scope=TalkScope.EVERYTHING, by=desk, now=NOW)
    assert end_talk_to(person=person, by=desk, now=NOW)
    assert not end_talk_to(person=person, by=desk, now=NOW)
    assert people_to_talk_to(patient, MONDAY) == []
    assert list(Event.objects.filter(patient=patient, verb__startswith="patient.talk").values_list("verb", flat=True)) \
        == ["patient.talk_allowed", "patient.talk_ended"]  # fmt: skip


def test_no_name_and_no_pass_phrase_is_in_the_trail_and_each_change_keeps_the_row_before(
    patient: Patient, desk: Actor
) -> None:
    person = let_talk_to(
        patient=patient,
        name="Zelda",
        relation="friend",
        scope=TalkScope.TIMES,
        pass_phrase="blue moon",
        by=desk,
        now=NOW,
    )
    end_talk_to(person=person, by=desk, now=NOW)
    trail = str(list(Event.objects.filter(patient=patient).values()))
    assert "Zelda" not in trail
    assert "blue moon" not in trail
    history = apps.get_model("scheduling", "PersonToTalkToHistory").objects.order_by("pgh_id")
    assert list(history.values_list("pgh_label", "ended_at")) == [("insert", None), ("update", NOW)]


def test_needs_come_before_notes_and_end(patient: Patient, desk: Actor) -> None:
    note = note_need(patient=patient, kind=NeedKind.NOTE, words="parks behind the house", by=desk, now=NOW)
    need = note_need(patient=patient, kind=NeedKind.HEARING, words="left ear", by=desk, now=NOW)
    assert needs_of([patient.pk]) == {patient.pk: [need, note]}
    assert end_need(need=need, by=desk, now=NOW)
    assert not end_need(need=need, by=desk, now=NOW)
    assert needs_of([patient.pk]) == {patient.pk: [note]}
    assert needs_of([]) == {}


def test_words_are_kept_as_they_were_typed(patient: Patient, desk: Actor) -> None:
    for words in naughty_strings()[::40]:
        assert note_need(patient=patient, kind=NeedKind.NOTE, words=words, by=desk, now=NOW).words == words
    kept = {need.words for need in needs_of([patient.pk])[patient.pk]}
    assert kept == {*naughty_strings()[::40]}


def test_availability_is_set_anew_and_wished_by_default(patient: Patient, desk: Actor) -> None:
    assert wish_of(patient) == Wish()
    times = {Day.MONDAY: None, Day.WEDNESDAY: (time(9), time(12))}
    assert set_availability(patient=patient, times=times, by=desk, now=NOW)
    assert not set_availability(patient=patient, times=times, by=desk, now=NOW)
    assert [one.weekday for one in availability_of(patient)] == ["mon", "wed"]
    assert wish_of(patient) == Wish(time(9), frozenset({"mon", "wed"}))
    assert set_availability(patient=patient, times={}, by=desk, now=NOW)
    assert wish_of(patient) == Wish()


def test_a_page_older_than_the_record_changes_no_times(patient: Patient, desk: Actor) -> None:
    seen = patient.row_version
    set_availability(patient=patient, times={Day.MONDAY: None}, row_version=seen, by=desk, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        set_availability(patient=patient, times={Day.FRIDAY: None}, row_version=seen, by=desk, now=NOW)
    assert [one.weekday for one in availability_of(patient)] == ["mon"]


HOURS = st.none() | st.tuples(st.times(), st.times()).filter(lambda pair: pair[0] < pair[1])


@given(st.dictionaries(st.sampled_from(list(Day)), HOURS))
def test_the_time_wished_suits_on_every_day_that_has_hours(times: dict[Day, tuple[time, time] | None]) -> None:
    rows = [
        TimeToCome(weekday=day, starts=at[0] if at else None, ends=at[1] if at else None) for day, at in times.items()
    ]
    wish = wish_in(rows)
    assert (wish.weekdays or frozenset()) == frozenset(times)
    assert wish.time is None or all(at is None or at[0] <= wish.time < at[1] for at in times.values())
