"""Rules that no calendar can keep together are said to be so, and only those."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.clinic_time import WEEKDAYS
from scheduling.scenario.scenario import read_scenario
from scheduling.series_search import propose
from tests.scheduling.scenario.small_scenario import answered

ALL_WEEK = {weekday: ["09:00-13:00"] for weekday in WEEKDAYS}


def of(**order: Any) -> dict[str, Any]:
    """Six short infusions at a clinic with nothing in their way."""
    return {
        "now": "2026-01-05T00:00Z",
        "clinic": {"time_zone": "UTC", "grid_minutes": 60, "hours": ALL_WEEK, "chairs": [{"id": "c1"}]},
        "order": {"patient": "me", "doses": 6, "phases": [{"minutes": 60}], **order},
        "wish": {"time": "09:00"},
        "count": 1,
    }


@pytest.mark.parametrize(
    ("order", "rule", "field", "message"),
    [
        (
            {"spacing": [{"min": 5, "max": 6}], "within_days": 3},
            "within_days",
            "order.spacing[0]",
            "order.spacing[0] and order.within_days can't be kept together, whatever the calendar.",
        ),
        (
            {
                "spacing": [
                    {"min": 1},
                    {"dose": 3, "after": "first", "min": 10},
                    {"dose": 3, "max": 4},
                    {"dose": 2, "max": 4},
                ]
            },
            "spacing",
            "order.spacing[1]",
            "order.spacing[1], order.spacing[2] and order.spacing[3] can't be kept together, whatever the calendar.",
        ),
        (
            {"spacing": [{"after": {"back": 2}, "max": 1}]},
            "spacing",
            "order.spacing[0]",
            "order.spacing[0] can't be kept: infusions come in order, each on a day of its own.",
        ),
        (
            {"per_week": 1, "within_days": 21},
            "within_days",
            "order.per_week",
            "order.per_week and order.within_days can't be kept together, whatever the calendar.",
        ),
        (
            {
                "spacing": [{"after": "first", "max": 10}, {"min": 2}],
                "given": [{"dose": 1, "at": "2026-01-01T09:00Z"}, {"dose": 3, "at": "2026-01-03T09:00Z"}],
            },
            "spacing",
            "order.spacing[1]",
            "order.spacing[1] and the infusions that stand can't be kept together, whatever the calendar.",
        ),
    ],
    ids=["within days", "three rules", "one rule", "a week", "given"],
)
def test_what_contradicts_is_named(order: dict[str, Any], rule: str, field: str, message: str) -> None:
    found = answered(of(**order))
    assert found.exit_code == 3
    assert found.body["problems"] == [
        {"rule": rule, "field": field, "dose": None, "resource": None, "message": message}
    ]


@pytest.mark.parametrize(
    "order",
    [
        {"spacing": [{"min": 1, "max": 1}], "within_days": 6},
        {"spacing": [{"after": "previous", "min": 1, "max": 3, "unit": "hours"}], "doses": 3, "within_days": 1},
        {"per_week": 1, "within_days": 30},
        {"spacing": [{"min": 5, "max": 6, "soft": ["min", "max"]}], "within_days": 6},
        {"spacing": [{"min": 23, "max": 25, "unit": "hours"}], "within_days": 6},
        {"spacing": [{"min": 1, "max": 1, "unit": "open_days"}], "within_days": 6},
    ],
)
def test_what_just_fits_is_no_contradiction(order: dict[str, Any]) -> None:
    assert answered(of(**order)).exit_code == 0


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    doses = draw(st.integers(2, 4))
    spacing = []
    for _ in range(draw(st.integers(1, 3))):
        least = draw(st.integers(0, 4))
        unit = draw(st.sampled_from(["days", "days", "hours", "open_days"]))
        scale = 24 if unit == "hours" else 1
        entry = {
            "dose": draw(st.sampled_from(["each", *range(2, doses + 1)])),
            "after": draw(st.sampled_from(["previous", "first", 1])),
            "unit": unit,
            "min": least * scale,
            "max": max(1, least + draw(st.integers(0, 2))) * scale,
        }
        spacing.append(entry)
    within, week = draw(st.none() | st.integers(1, 9)), draw(st.none() | st.integers(1, 2))
    return {"doses": doses, "spacing": spacing, "within_days": within, "per_week": week}


@settings(deadline=None, max_examples=50)
@given(orders())
def test_what_is_said_to_contradict_has_no_series_on_the_freest_calendar(order: dict[str, Any]) -> None:
    asked = read_scenario(of(**order))
    assert asked.terms is not None
    found = propose(
        asked.clinic, asked.terms, asked.patient, asked.wish, asked.now, 1, deadline_seconds=60, explain=False
    )
    assert not (asked.contradiction and found.proposals)
    if order["per_week"] is None and all(entry["unit"] == "days" for entry in order["spacing"]):
        # Of rules in plain days none is missed.
        assert bool(asked.contradiction) == (not found.proposals)
