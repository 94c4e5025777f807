"""Answers from calendars as files: what each program writes, and that no file breaks the reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.calendar_replies import CalendarAnswer, Said, read_answers
from tests.notifications.letters import calendar_file

YES = calendar_file("a-uid", "ACCEPTED", 2)


def test_a_yes_names_its_event_and_the_version_that_was_shown() -> None:
    assert read_answers(YES) == [CalendarAnswer("a-uid", 2, Said.ACCEPTED)]


def test_a_note_comes_with_it() -> None:
    [answer] = read_answers(calendar_file("a-uid", "DECLINED", comment="not on\\, Mondays"))
    assert (answer.said, answer.comment) == (Said.DECLINED, "not on, Mondays")


def test_another_time_that_was_proposed_is_no_maybe() -> None:
    assert [one.said for one in read_answers(calendar_file("a", "TENTATIVE", method="COUNTER"))] == [Said.OTHER_TIME]


def test_without_a_sequence_it_is_the_first_version() -> None:
    assert read_answers(YES.replace("SEQUENCE:2\r\n", ""))[0].sequence == 0


@pytest.mark.parametrize("method", ["PUBLISH", "REQUEST", "CANCEL", ""])
def test_any_other_calendar_file_answers_nothing(method: str) -> None:
    assert read_answers(calendar_file("a-uid", "ACCEPTED", method=method)) == []


@pytest.mark.parametrize("said", ["NEEDS-ACTION", "DELEGATED", "", "other_time"])
def test_what_is_no_answer_is_none(said: str) -> None:
    assert read_answers(calendar_file("a-uid", said)) == []


def test_two_people_who_say_different_things_are_nobodys_answer() -> None:
    both = YES.replace("SEQUENCE", "ATTENDEE;PARTSTAT=DECLINED:mailto:x@y.test\r\nSEQUENCE")
    assert read_answers(both) == []


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    read_answers(text)


@given(st.integers(0, len(YES)), st.text(max_size=20))
def test_no_broken_answer_breaks_the_reading(at: int, text: str) -> None:
    read_answers(YES[:at] + text + YES[at + len(text) :])


@given(st.sampled_from(["x", "-1", "9" * 400, "2.5", ""]))
def test_no_sequence_breaks_the_reading(sequence: str) -> None:
    read_answers(YES.replace("SEQUENCE:2", f"SEQUENCE:{sequence}"))
