"""Whatever a file holds, the answer is JSON with exit code 0, 2 or 3, and comes in time."""

from __future__ import annotations

import json
import time
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling.scenario.answer import Answer, answer
from tests.scheduling.scenario.small_scenario import SCENARIO, scenario

# The search's own 2 seconds, and reading; the machine may be busy.
LONGEST_SECONDS = 5
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None, True, False, 0, 1, -1, 5, 7, 30, 1440, 10**9, 10**30, -(10**9), 0.5, 30.0, float("nan"), float("inf"),
        1e300, "", " ", "x", "previous", "first", "each", "watch", "with-patient", "hours", "open_days",
        "09:00", "25:00", "08:00-12:00", "12:00-08:00", "24:00", "00:00-24:00", "2026-01-05", "9999-12-31",
        "0001-01-01", "2026-02-30",
        "2026-03-08T02:30", "2026-11-01T01:30", "2026-01-05T09:03-05:00", "2026-01-05T09:00:00.5Z",
        "9999-12-31T23:59+00:00", "0001-01-01T00:00-23:00", "2199-12-31T23:59-12:00", "\ud800", "c1", "me", "2" * 300,
        [], [[]], [None], ["x"], {}, {"back": 2}, {"back": 10**9}, {"mon": ["08:00-12:00"]},
        [["2026-01-05T09:00Z"] * 2], [["2026-01-05T09:00Z", "2026-01-05T10:00Z"]],
        [["1971-01-02T00:00Z", "2199-12-30T00:00Z"]],
    ]
).map(deepcopy)  # fmt: skip
ANYTHING = st.recursive(
    ODD | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def places(data: Any) -> list[tuple[Any, Any]]:
    """Each container with each of its keys."""
    keys = list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []
    found = [(data, key) for key in keys]
    return found + [place for key in keys for place in places(data[key])]


def checked(raw: bytes, count: str | None = None) -> Answer:
    began = time.monotonic()
    found = answer(raw, count=count)
    assert time.monotonic() - began < LONGEST_SECONDS
    said = json.loads(json.dumps(found.body, allow_nan=False))
    assert set(said) == {"proposals", "problems", "relaxations"}
    assert found.exit_code == (0 if said["proposals"] else 2 if said["problems"][0]["rule"] == "invalid" else 3)
    assert all(problem["message"] for problem in said["problems"])
    if found.exit_code == 2:
        assert all(problem["field"] for problem in said["problems"])
    return found


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_scenario_with_odd_values(data: st.DataObject) -> None:
    odd = scenario()
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places(odd)))
        action = data.draw(st.sampled_from(["set", "set", "set", "anything", "remove", "add"]))
        if action == "remove":
            del container[key]
        elif action == "add" and isinstance(container, dict):
            container[data.draw(st.text(max_size=6))] = data.draw(ODD)
        else:
            container[key] = data.draw(ANYTHING if action == "anything" else ODD)
        if not places(odd):
            break
    checked(json.dumps(odd).encode())


@settings(deadline=None)
@given(st.binary(max_size=30) | ANYTHING.map(lambda data: json.dumps(data).encode()), st.none() | st.text(max_size=4))
def test_a_file_of_anything(raw: bytes, count: str | None) -> None:
    assert checked(raw, count).exit_code == 2


@settings(deadline=None, max_examples=50)
@given(st.integers(0, len(json.dumps(SCENARIO)) - 1))
def test_a_file_cut_off(length: int) -> None:
    assert checked(json.dumps(SCENARIO)[:length].encode()).exit_code == 2
