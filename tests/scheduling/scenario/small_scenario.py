"""A small scenario for tests to change: one week pattern, two chairs, two nurses, a prescriber, six infusions."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from scheduling.scenario.answer import Answer, answer

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
PHASES = [
    {"name": "arrive", "minutes": 10, "chair": True, "nurse": "watch"},
    {"name": "set up", "minutes": 15, "chair": True, "nurse": "attention", "prescriber": True},
    {"name": "infuse", "minutes": 40, "chair": True, "nurse": "watch", "prescriber": False, "features": []},
    {"name": "discharge", "minutes": 10, "chair": False, "nurse": "attention"},
    {"name": "turnover", "minutes": 15, "chair": True, "nurse": "none"},
]
SCENARIO: dict[str, Any] = {
    "now": "2026-01-05T07:00-05:00",
    "clinic": {
        "time_zone": "America/New_York",
        "grid_minutes": 15,
        "hours": {weekday: ["08:00-12:00", "13:00-18:00"] for weekday in WEEKDAYS},
        "closed": ["2026-01-19"],
        "last_end": None,
        "min_staff": 0,
        "chairs": [
            {"id": "c1", "features": ["bed"], "out": [["2026-01-07T08:00-05:00", "2026-01-07T12:00-05:00"]]},
            {"id": "c2", "features": [], "out": []},
        ],
        "nurses": [
            {"id": "ana", "watch": 3, "watch_while_attending": 2, "shifts": {day: ["08:00-18:00"] for day in WEEKDAYS}},
            {"id": "ben", "watch": 2, "absent": [["2026-01-05T12:00-05:00", "2026-01-05T18:00-05:00"]]},
        ],
        "prescribers": [{"id": "dr", "on_site": {day: ["08:00-14:00"] for day in WEEKDAYS}}],
    },
    "booked": [
        {
            "id": "b1", "patient": "other", "dose": None, "chair": "c1", "nurse": "ana", "pinned": True,
            "movable": False, "start": "2026-01-05T09:00-05:00", "phases": PHASES,
        },
        {"id": "b2", "patient": "another", "chair": "c2", "start": "2026-01-05T08:00-05:00",
         "end": "2026-01-05T09:00-05:00"},
    ],
    "order": {
        "patient": "me",
        "doses": 6,
        "phases": PHASES,
        "phases_by_dose": {},
        "spacing": [
            {"dose": "each", "after": "previous", "min": 2, "target": 3, "max": 4, "unit": "days", "soft": ["max"]}
        ],
        "per_week": None,
        "within_days": 21,
        "gates": [{"after": 3, "minutes": 15}],
        "given": [],
    },
    "patient": {"available": {day: ["08:00-14:00"] for day in WEEKDAYS}, "busy": []},
    "wish": {"time": "09:00"},
    "count": 3,
}  # fmt: skip


def scenario(**parts: Any) -> dict[str, Any]:
    """A copy; `order__doses=3` sets one field, `now=None` a part."""
    found = deepcopy(SCENARIO)
    for name, value in parts.items():
        *path, last = name.split("__")
        inner = found
        for step in path:
            inner = inner[step]
        inner[last] = value
    return found


def answered(data: Any, count: str | None = None) -> Answer:
    return answer(json.dumps(data).encode(), count=count)


def faults(data: Any, count: str | None = None) -> dict[str, str]:
    """The fields that are wrong and their messages; fails when the scenario was read."""
    found = answered(data, count)
    assert found.exit_code == 2
    assert found.body["proposals"] == []
    return {problem["field"]: problem["message"] for problem in found.body["problems"]}


def starts(found: Answer, index: int = 0) -> list[str]:
    return [visit["start"] for visit in found.body["proposals"][index]["visits"]]
