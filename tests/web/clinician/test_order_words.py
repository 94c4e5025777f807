"""What an order says in words: every rule of the signed content, none left out."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.utils import translation

from tests.factories import PHASES, SIX
from web.clinician.order_words import changed_words, order_words


def lines(**content: Any) -> list[str]:
    """All sentences of an order with this content."""
    with translation.override("en"):
        return [line for _, said in order_words({"doses": 3, "phases": PHASES, **content}) for line in said]


def test_all_of_a_whole_order_is_said() -> None:
    more = {
        "per_week": 3, "ride_home": True, "observe_minutes": 45, "cleared_by": "nurse",
        "fasting": {"solids_hours": 6, "clear_liquids_hours": 0.5},
    }  # fmt: skip
    assert lines(**{**SIX, **more}) == [
        "6 infusions",
        "Each: 2–4 days after the one before, best 3",
        "All within 21 days, first and last counted",
        "At most 3 in a calendar week",
        "120 minutes: arrive 10, set up 15, infuse 40, recover 45, discharge 10",
        "Watched by a nurse: arrive, infuse, recover",
        "A nurse one-to-one: set up, discharge",
        "A prescriber on site: set up",
        "The chair is made ready afterwards: 15 minutes",
        "After infusion 3, at the chair",
        "No solid food for 6 hours, no clear liquids for 0.5 hours before",
        "A ride home is settled before the start",
        "Observed for at least 45 minutes, cleared by the nurse",
        "Call on day 1 after each infusion",
        "The next infusion waits for the prescriber after: stopped early, transferred, left without clearance",
    ]


def test_every_kind_of_distance_is_said() -> None:
    spacing: list[dict[str, Any]] = [
        {"dose": 2, "after": "first", "min": 14, "max": 14},
        {"dose": 3, "after": 1, "max": 40},
        {"dose": 3, "after": {"back": 2}, "min": 48, "unit": "hours"},
        {"dose": "each", "after": "previous", "target": 3, "unit": "open_days"},
    ]
    assert lines(spacing=spacing)[1:5] == [
        "Infusion 2: 14 days after the first",
        "Infusion 3: at most 40 days after infusion 1",
        "Infusion 3: at least 48 hours after the one 2 before",
        "All others: 3 open days after the one before, best 3",
    ]


def test_reviews_with_a_visit_and_a_limit_are_said() -> None:
    reviews = [{"after": 2, "method": "video", "minutes": 15, "decide_within_days": 5}]
    words = "After infusion 2, by video, 15 minutes, decided within 5 days; after that the times stay kept"
    assert words in lines(reviews=reviews)
    freed = [{**reviews[0], "after": 0, "at_limit": "free"}]
    words = "Before the first, by video, 15 minutes, decided within 5 days; after that the times are freed"
    assert words in lines(reviews=freed)


def test_content_that_contradicts_itself_says_nothing() -> None:
    assert lines(doses=0) == []


WHOLE: dict[str, Any] = {
    "doses": 4, "within_days": 40, "per_week": 3, "not_before": "2027-01-04", "not_after": "2027-06-30",
    "spacing": [
        {"dose": "each", "after": "previous", "min": 2, "target": 3, "max": 5, "unit": "days", "soft": ["max"]},
        {"dose": 3, "after": "first", "min": 5},
    ],
    "phases": [
        {"name": "arrive", "minutes": 10, "nurse": "watch", "chair": True},
        {"name": "infuse", "minutes": 40, "nurse": "attention", "prescriber": "present", "features": ["recliner"],
         "equipment": ["pump"], "place": "chair"},
        {"name": "turnover", "minutes": 15},
    ],
    "phases_of": [{"doses": [4], "phases": [{"name": "infuse", "minutes": 90, "nurse": "watch"}]}],
    "reviews": [{"after": 2, "method": "video", "minutes": 15, "decide_within_days": 3, "at_limit": "keep"}],
    "ride_home": True, "fasting": {"solids_hours": 6, "clear_liquids_hours": 2}, "observe_minutes": 30,
    "cleared_by": "nurse", "exits_close": ["stopped_early"], "word": "Treatment", "note": "As agreed",
    "instructions": {"en": "Wear loose sleeves", "es": "Lleve manga ancha"},
    "as_needed": {"word": "Booster", "at_most": 4, "min_days": 21},
    "prerequisites": [{
        "code": "labs", "name": "Blood count", "valid_days": 90, "counts_visits": True, "warn_at_booking": True,
        "chase_days": 3, "hours_before": 24, "stops_start": True, "met_by": ["nurse"], "waived_by": ["prescriber"],
    }],
    "questionnaires": [{"instrument": "phq-9", "before": "each", "days": 2}],
    "visit_tasks": [{"code": "rems", "name": "Monitoring form", "within_days": 7}],
    "follow_ups": [{"kind": "check_in", "after": "last", "day": 7, "questionnaires": ["gad-7"]}],
    "given_before": [{"on": "2026-12-30", "where": "Elm Street", "number": 1}],
    "sites": ["harbor"],
}  # fmt: skip
# Another lawful value where adding to it is none. Codes name rows and are never read.
OTHERWISE: dict[object, object] = {
    "each": 3, "previous": "first", "first": "previous", "days": "open_days", "max": "min", "watch": "none",
    "attention": "watch", "present": "none", "chair": "bay", "video": "in_person", "keep": "free",
    "nurse": "prescriber",
    "prescriber": "manager", "stopped_early": "transferred", "phq-9": "gad-7", "gad-7": "phq-9", "check_in": "call",
    "last": "each", "2027-01-04": "2027-01-05", "2027-06-30": "2027-06-29", "2026-12-30": "2026-12-29",
}  # fmt: skip
NEVER_READ = {"code"}


def leaves(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = content.items() if isinstance(content, dict) else enumerate(content)
    for step, value in steps:
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, step))
        elif step not in NEVER_READ and value != "turnover":
            yield (*path, step)


def with_another(path: tuple[Any, ...]) -> dict[str, Any]:
    """The whole content with one thing said otherwise."""
    content = deepcopy(WHOLE)
    there = content
    for step in path[:-1]:
        there = there[step]
    value = there[path[-1]]
    if isinstance(value, bool):
        there[path[-1]] = not value
    elif isinstance(value, int):
        there[path[-1]] = value + 5 if "minutes" in str(path[-1]) else value + 1
    else:
        there[path[-1]] = OTHERWISE.get(value, f"{value}x")
    if path[-1] == "kind":
        content["follow_ups"][0].pop("questionnaires")
    return content


@pytest.mark.parametrize("path", list(leaves(WHOLE)), ids=lambda path: ".".join(map(str, path)))
def test_nothing_that_is_signed_goes_without_saying(path: tuple[Any, ...]) -> None:
    with translation.override("en"):
        before, after = order_words(WHOLE), order_words(with_another(path))
    assert before
    assert after != before


def test_change_is_said_beside_what_it_replaces() -> None:
    with translation.override("en"):
        changed = dict(changed_words(WHOLE, {**WHOLE, "doses": 5, "note": "Anew"}, {"harbor": "Harbor Center"}))
    assert changed["Infusions"][0] == ("5 infusions", "new")
    assert ("4 infusions", "gone") in changed["Infusions"]
    assert changed["Clinics"] == [("Harbor Center", "")]
    assert changed["Note"] == [("Anew", "new"), ("As agreed", "gone")]
