"""What an order says in words: every rule of the signed content, none left out."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from tests.factories import PHASES, SIX
from web.clinician.order_words import order_words


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
        "After infusion 3, at the chair",
        "No solid food for 6 hours, no clear liquids for 0.5 hours before",
        "A ride home is settled before the start",
        "Observed for at least 45 minutes, cleared by the nurse",
        "Call on day 1 after each infusion",
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
    assert "After infusion 2, by video, 15 minutes, decided within 5 days" in lines(reviews=reviews)


def test_content_that_contradicts_itself_says_nothing() -> None:
    assert lines(doses=0) == []
