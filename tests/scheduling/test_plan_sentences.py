"""The days of a plan, said in a sentence: what is read keeps what was said, and nonsense is told by what is wrong."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.plan_sentences import MOST, NotUnderstood, read_days
from scheduling.protocol_template import ProtocolTemplate
from scheduling.spacing import Spacing, minimum_gap_after

VISIT: dict[str, Any] = {"phases": [{"name": "infuse", "minutes": 40, "nurse": "watch"}]}


def test_the_three_sentences() -> None:
    assert read_days("6 times, 2 to 4 days apart, within 3 weeks").template() == {
        "doses": 6, "within_days": 21, "spacing": [{"dose": "each", "after": "previous", "min": 2, "max": 4}],
    }  # fmt: skip
    assert read_days("On days 0, 14, 42, then every 56").template() == {
        "doses": 8,
        "spacing": [
            {"dose": 2, "after": "first", "min": 14, "target": 14},
            {"dose": 3, "after": "first", "min": 42, "target": 42},
            {"dose": 3, "after": "previous", "min": 28},
            {"dose": "each", "after": "previous", "min": 56, "target": 56},
        ],
    }
    assert read_days("as ordered, at least 3 days apart").template() == {
        "doses": 1, "doses_at_most": 60, "spacing": [{"dose": "each", "after": "previous", "min": 3}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("  6 TIMES ,2 to 4 days apart ", "6 times, 2 to 4 days apart"),
        ("4 times, 1 week apart", "4 times, 7 to 7 days apart"),
        ("on weeks 0, 2 and 6, then every 8", "on days 0, 14, 42, then every 56"),
        ("on days 0, 14, 42 then every 56 days, 8 in all.", "on days 0, 14, 42, then every 56"),
        ("as ordered, at least 1 week apart", "as ordered, at least 7 days apart"),
    ],
)
def test_said_otherwise_it_means_the_same(said: str, same: str) -> None:
    assert read_days(said) == read_days(same)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "sentence"),
        ("six times", "sentence"),
        ("6 times, 2 to 4 days apart and a walk", "sentence"),
        ("0 times, 2 days apart", "count"),
        ("61 times, 2 days apart", "count"),
        ("6 times, 4 to 2 days apart", "apart"),
        ("6 times, 0 to 2 days apart", "apart"),
        ("6 times, 2 to 999999999 days apart", "count"),
        (f"6 times, 2 to {'9' * 5000} days apart", "count"),
        (f"on days 0, {'9' * 5000}", "count"),
        ("6 times, 2 to 4 days apart, within 1 week", "order"),
        ("on days 1, 14", "order"),
        ("on days 0, 14, 14", "order"),
        ("on days 0, 14, 42, then every 0", "apart"),
        ("on days 0, 14, 42, then every 56, 2 in all", "count"),
        ("on days 0, 14, 42, 5 in all", "count"),
        ("on days 0, 3, give or take 3 days", "apart"),
        ("as ordered, at least 0 days apart", "apart"),
    ],
)
def test_nonsense_is_named(said: str, why: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        read_days(said)
    assert refusal.value.why == why


@given(doses=st.integers(1, MOST), least=st.integers(1, 60), more=st.integers(0, 30), room=st.integers(0, 100))
def test_what_is_said_of_times_is_a_plan_that_keeps_it(doses: int, least: int, more: int, room: int) -> None:
    within = (doses - 1) * least + 1 + room
    said = read_days(f"{doses} times, {least} to {least + more} days apart, within {within} days")
    plan = ProtocolTemplate.from_dict(said.template() | VISIT)
    assert (plan.doses, plan.within_days) == (doses, within)
    assert all(minimum_gap_after(number, plan.spacing).days == least for number in range(1, doses))


@given(
    steps=st.lists(st.integers(8, 90), min_size=1, max_size=6),
    every=st.none() | st.integers(8, 200),
    slack=st.integers(0, 7),
)
def test_what_is_said_of_days_is_a_plan_with_room(steps: list[int], every: int | None, slack: int) -> None:
    days = [sum(steps[:at]) for at in range(len(steps) + 1)]
    tail = f", then every {every}" if every else ""
    more = f", give or take {slack} days" if slack else ""
    said = read_days(f"on days {', '.join(map(str, days))}{tail}{more}")
    plan = ProtocolTemplate.from_dict(said.template() | VISIT)
    assert plan.doses >= len(days)
    for number, (earlier, later) in enumerate(pairwise(days), start=1):
        assert minimum_gap_after(number, plan.spacing).days == later - earlier - slack


@given(st.text(max_size=80))
def test_any_text_is_a_plan_or_refused(text: str) -> None:
    try:
        said = read_days(text)
    except NotUnderstood:
        return
    assert Spacing.list_from(said.spacing)
