"""Where each thing a visit needs beforehand stands: by its days, its visits, and who said what when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.clinic_time import ClinicTime
from scheduling.protocol_parts import Prerequisite
from scheduling.readiness import READY, Needing, Said, Stands, stand, word_that_counts
from scheduling.readiness_texts import BOOKING_TEXTS, STANDING_TEXTS

NEW_YORK, AUCKLAND = ClinicTime("America/New_York"), ClinicTime("Pacific/Auckland")
LONG_BEFORE = datetime(2027, 1, 1, 12, tzinfo=UTC)
PAYER = Prerequisite("payer", "Authorisation", counts_visits=True)


def needing(text: str, visit_id: int | None = None, clock: ClinicTime = NEW_YORK) -> Needing:
    """A visit at a wall time of the clinic."""
    return Needing(visit_id, datetime.fromisoformat(text).replace(tzinfo=clock.zone).astimezone(UTC), clock)


def said(number: int, first: str, last: str = "", *, answer: Any = "met", **more: Any) -> Said:
    one = Said(
        number, "payer", "met", date.fromisoformat(first), date.fromisoformat(last) if last else None, None, None,
        LONG_BEFORE + timedelta(minutes=number),
    )  # fmt: skip
    return replace(one, answer=answer, **more)


def where(
    visit: Needing,
    *words: Said,
    needs: Prerequisite = PAYER,
    counted: Sequence[Needing] = (),
    now: datetime = LONG_BEFORE,
) -> Stands:
    [one] = stand([needs], visit, words, counted, now=now)
    return one


VISIT = needing("2027-03-04 10:00", 1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "missing"),
        ([said(1, "2027-01-01")], "there"),
        ([said(1, "2027-01-01", "2027-03-04")], "there"),
        ([said(1, "2027-01-01", "2027-03-03")], "runs_out"),
        ([said(1, "2027-03-04")], "there"),
        ([said(1, "2027-03-05")], "not_yet"),
        ([said(1, "2027-01-01"), said(2, "2027-02-01", answer="withdrawn")], "withdrawn"),
        ([said(1, "2027-01-01"), said(2, "2027-03-05", answer="withdrawn")], "there"),
        ([said(1, "2027-01-01", answer="withdrawn"), said(2, "2027-01-02")], "there"),
        ([said(1, "2027-01-01", answer="waived")], "waived"),
        ([said(1, "2027-01-01", "2027-02-01", answer="waived")], "runs_out"),
        ([said(1, "2027-01-01", answer="waived", visit_id=1)], "waived"),
        ([said(1, "2027-01-01", answer="waived", visit_id=2)], "missing"),
        ([said(1, "2027-01-01", visit_id=1), said(2, "2027-01-01", answer="withdrawn", visit_id=1)], "missing"),
        ([said(1, "2027-01-01", answer="waived", visit_id=1), said(2, "2027-01-01", answer="withdrawn")], "withdrawn"),
        ([said(1, "2027-01-01", answer="withdrawn"), said(2, "2027-01-01", answer="waived", visit_id=1)], "waived"),
        ([said(1, "2027-01-01", answer="waived", visit_id=1), said(2, "2027-01-01", "2027-02-01")], "waived"),
    ],
)
def test_the_word_of_the_day_counts(words: list[Said], expected: str) -> None:
    found = where(VISIT, *words)
    assert found.where == expected
    assert found.is_ready == (expected in READY)


def test_next_authorisation_leaves_the_present_one_as_it_is_until_it_begins() -> None:
    first, second = said(1, "2027-01-01", "2027-03-31"), said(2, "2027-04-01", "2027-06-30")
    visits = {day: needing(f"{day} 10:00") for day in ("2027-03-31", "2027-04-01", "2027-07-01")}
    found = {day: where(visit, first, second) for day, visit in visits.items()}
    assert {day: (one.where, one.said and one.said.number) for day, one in found.items()} == {
        "2027-03-31": ("there", 1), "2027-04-01": ("there", 2), "2027-07-01": ("runs_out", 2),
    }  # fmt: skip


def test_visits_are_counted_in_order_of_time_from_the_day_it_begins() -> None:
    starts = [needing(f"2027-03-{day:02} 10:00", day) for day in (1, 4, 8, 11, 15)]
    word = said(1, "2027-03-04", visits=2)
    found = [where(one, word, counted=starts).where for one in starts]
    assert found == ["not_yet", "there", "there", "used_up", "used_up"]
    # A visit that is cancelled is not counted, and the next moves up.
    left = [one for one in starts if one.visit_id != 8]
    assert [where(one, word, counted=left).where for one in left] == ["not_yet", "there", "there", "used_up"]


def test_visit_that_was_let_off_uses_nothing_up() -> None:
    starts = [needing(f"2027-03-{day:02} 10:00", day) for day in (4, 8, 11)]
    words = [said(1, "2027-03-01", visits=2), said(2, "2027-03-01", answer="waived", visit_id=4)]
    assert [where(one, *words, counted=starts).where for one in starts] == ["waived", "there", "there"]


def test_new_authorisation_counts_anew() -> None:
    starts = [needing(f"2027-03-{day:02} 10:00", day) for day in (1, 4, 8, 11)]
    words = [said(1, "2027-03-01", visits=2), said(2, "2027-03-08", visits=1)]
    assert [where(one, *words, counted=starts).where for one in starts] == ["there", "there", "there", "used_up"]


def test_days_are_those_of_the_clinic() -> None:
    """Eight in the evening in New York is the next day in Auckland, and of UTC."""
    evening = needing("2027-03-03 20:00")
    there = Needing(None, evening.start, AUCKLAND)
    assert evening.start.date() == date(2027, 3, 4)
    word = said(1, "2027-01-01", "2027-03-03")
    assert (where(evening, word).where, where(there, word).where) == ("there", "runs_out")


FORM = Prerequisite("payer", "Form", hours_before=24)


@pytest.mark.parametrize(
    ("said_at", "first", "expected"),
    [
        # The clocks go forward in the night before: 24 hours before 10:00 is 9:00, not 10:00.
        ("2027-03-13 09:00", "2027-03-13", "there"),
        ("2027-03-13 09:01", "2027-03-13", "late"),
        ("2027-03-13 10:00", "2027-03-13", "late"),
        ("2027-03-14 08:00", "2027-03-12", "there"),
        ("2027-03-14 08:00", "2027-03-14", "late"),
    ],
)
def test_hours_before_are_hours_that_pass(said_at: str, first: str, expected: str) -> None:
    visit = needing("2027-03-14 10:00", 1)
    at = datetime.fromisoformat(said_at).replace(tzinfo=ZoneInfo("America/New_York"))
    assert where(visit, said(1, first, said_at=at), needs=FORM).where == expected


def test_what_is_missing_past_its_time_says_until_when_it_had_to_be_there() -> None:
    visit = needing("2027-11-08 10:00", 1)
    before, after = needing("2027-11-07 10:00").start, needing("2027-11-07 10:01").start
    assert where(visit, needs=FORM, now=before).where == "missing"
    late = where(visit, needs=FORM, now=after)
    assert late.where == "overdue"
    assert str(late.words) == "Form: not there, and it had to be by Sun 7 Nov 2027, 10:00"


def test_it_is_run_after_from_the_plans_days_before() -> None:
    needs = Prerequisite("payer", "Labs", chase_days=2)
    one = where(needing("2027-03-16 00:30"), needs=needs)
    assert [one.is_chased_on(date(2027, 3, day)) for day in (13, 14, 16)] == [False, True, True]
    there = where(needing("2027-03-16 00:30"), said(1, "2027-01-01"), needs=needs)
    assert not there.is_chased_on(date(2027, 3, 16))


def test_only_what_the_plan_says_stands_in_the_way() -> None:
    assert where(VISIT).stands_in_the_way
    assert not where(VISIT, needs=replace(PAYER, stops_start=False)).stands_in_the_way
    assert not where(VISIT, said(1, "2027-01-01")).stands_in_the_way


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (where(VISIT, said(1, "2027-01-01")), "Authorisation: there"),
        (where(VISIT, said(1, "2027-01-01", "2027-04-01")), "Authorisation: there until Thu 1 Apr 2027"),
        (
            where(VISIT, said(1, "2027-01-01", visits=8), counted=[needing("2027-02-01 10:00")]),
            "Authorisation: there, used by 1 of 8 visits so far",
        ),
        (where(VISIT, said(1, "2027-01-01", answer="waived")), "Authorisation: not needed"),
        (where(VISIT, said(1, "2027-01-01", answer="waived", visit_id=1)), "Authorisation: not needed for this visit"),
        (where(VISIT, said(1, "2027-01-01", "2027-03-03")), "Authorisation: ended Wed 3 Mar 2027, before this visit"),
    ],
)
def test_it_is_said_in_words(found: Stands, words: str) -> None:
    assert str(found.words) == words


def test_warning_names_the_infusion_it_ends_before() -> None:
    warning = where(VISIT, said(1, "2027-01-01", "2027-03-03")).warning(5)
    assert warning.message == "Authorisation: ends Wed 3 Mar 2027, before infusion 5."
    assert (warning.rule, warning.number) == ("prerequisite", 5)


days = st.dates(date(2027, 1, 1), date(2027, 12, 31))


@st.composite
def words_said(draw: st.DrawFn) -> list[Said]:
    return [draw(word(number)) for number in range(draw(st.integers(0, 6)))]


@st.composite
def word(draw: st.DrawFn, number: int) -> Said:
    first = draw(days)
    length = draw(st.none() | st.integers(0, 90))
    last = (first + timedelta(days=length)).isoformat() if length is not None else ""
    answer = draw(st.sampled_from(["met", "met", "waived", "withdrawn"]))
    visits = draw(st.none() | st.integers(1, 4)) if answer == "met" else None
    visit_id = draw(st.none() | st.integers(0, 5))
    return said(number, first.isoformat(), last, answer=answer, visits=visits, visit_id=visit_id)


@st.composite
def visits_of(draw: st.DrawFn) -> list[Needing]:
    hours = draw(st.lists(st.integers(0, 364 * 24), min_size=1, max_size=6, unique=True))
    clock = draw(st.sampled_from([NEW_YORK, AUCKLAND]))
    return [Needing(index, LONG_BEFORE + timedelta(hours=hour), clock) for index, hour in enumerate(sorted(hours))]


@given(visits_of(), words_said())
def test_every_state_has_words_and_what_is_good_for_n_visits_is_used_by_n(
    visits: list[Needing], words: list[Said]
) -> None:
    found = [where(one, *words, counted=visits) for one in visits]
    for one in found:
        assert str(one.words)
        assert one.where in STANDING_TEXTS
        assert one.is_ready or one.warning(1).message
    for word in words:
        there = [one for one in found if one.said == word and one.where == "there"]
        assert word.visits is None or len(there) <= word.visits


@given(visits_of(), words_said())
def test_a_word_for_days_counts_on_its_days_alone(visits: list[Needing], words: list[Said]) -> None:
    for visit in visits:
        found = where(visit, *words, counted=visits)
        if found.is_ready:
            assert found.said is not None
            assert found.said.first <= visit.day
            assert found.said.last is None or visit.day <= found.said.last
            assert found.said == word_that_counts("payer", visit, words)


@given(visits_of(), words_said())
def test_order_in_which_words_are_read_does_not_matter(visits: list[Needing], words: list[Said]) -> None:
    for visit in visits:
        forwards, backwards = where(visit, *words, counted=visits), where(visit, *reversed(words), counted=visits[::-1])
        assert (forwards.where, forwards.used) == (backwards.where, backwards.used)


@given(visits_of(), words_said())
def test_withdrawn_today_nothing_later_is_there(visits: list[Needing], words: list[Said]) -> None:
    last = max((one.number for one in words), default=0) + 1
    gone = said(last, "2027-06-01", answer="withdrawn")
    before_it = [one for one in words if one.first <= gone.first]
    for visit in visits:
        if visit.day >= gone.first:
            assert where(visit, *before_it, gone, counted=visits).where == "withdrawn"


def test_every_state_that_is_not_ready_warns() -> None:
    assert set(BOOKING_TEXTS) == {key for key in STANDING_TEXTS if key.split("_")[0] not in ("there", "waived")}
