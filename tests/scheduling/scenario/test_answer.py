"""What `propose` prints: its shape, its exit codes, its words, its time."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from scheduling.clinic_time import WEEKDAYS
from scheduling.scenario.answer import answer
from tests.scheduling.scenario.small_scenario import PHASES, answered, scenario, starts

HOUR = [{"minutes": 60}]


def test_a_proposal_has_the_promised_shape() -> None:
    found = answered(scenario(order__doses=1, order__gates=[], count=1))
    assert found.exit_code == 0
    assert found.body == {
        "proposals": [
            {
                "finish": "2026-01-05",
                "minutes_off_wish": 0,
                "visits": [
                    {
                        "dose": 1,
                        "start": "2026-01-05T09:00:00-05:00",
                        # Without the turnover, which holds the chair only.
                        "end": "2026-01-05T10:15:00-05:00",
                        "chair": "c2",
                        "nurse": "ben",
                        "prescribers": ["dr"],
                        "by_repack": False,
                    }
                ],
            }
        ],
        "problems": [],
        "relaxations": [],
    }


def test_names_come_back_as_they_were_written() -> None:
    clinic = {
        "time_zone": "America/New_York", "hours": {"mon": ["09:00-12:00"]}, "chairs": [{"id": 7}],
        "nurses": [{"id": "7", "watch": 1}], "prescribers": [{"id": 0}],
    }  # fmt: skip
    phases = [{"minutes": 60, "nurse": "watch", "prescriber": "with-patient"}]
    found = answered({"now": "2026-01-05T00:00Z", "clinic": clinic, "order": {"doses": 1, "phases": phases}})
    visit = found.body["proposals"][0]["visits"][0]
    assert (visit["chair"], visit["nurse"], visit["prescribers"]) == (7, "7", [0])


def test_times_carry_the_clinics_offset_of_their_day() -> None:
    order = {"doses": 2, "phases": HOUR, "spacing": [{"min": 7, "max": 7}], "not_before": "2026-03-05"}
    clinic = {"time_zone": "America/New_York", "hours": {"thu": ["09:00-10:00"]}, "chairs": [{"id": "c"}]}
    found = answered({"now": "2026-03-01T00:00Z", "clinic": clinic, "order": order})
    assert starts(found) == ["2026-03-05T09:00:00-05:00", "2026-03-12T09:00:00-04:00"]


def test_a_start_by_repack_says_who_changes_chairs() -> None:
    """Two chairs, each half taken: room for two hours there is only when one visit changes over."""

    def row(name: str, chair: str, hour: int) -> dict[str, Any]:
        times = {"start": f"2026-01-05T{hour:02}:00-05:00", "end": f"2026-01-05T{hour + 1:02}:00-05:00"}
        return {"id": name, "patient": name, "chair": chair, **times}

    clinic = {"time_zone": "America/New_York", "hours": {"mon": ["09:00-11:00"]}, "chairs": [{"id": "a"}, {"id": "b"}]}
    order = {"doses": 1, "phases": [{"minutes": 120}], "not_after": "2026-01-05"}
    data = {
        "now": "2026-01-01T00:00Z",
        "clinic": clinic,
        "order": order,
        "booked": [row("x", "a", 9), row("y", "b", 10)],
    }
    [visit] = answered(data).body["proposals"][0]["visits"]
    assert visit["by_repack"]
    [move] = visit["moves"]
    assert (move["visit"], {move["from_chair"], move["to_chair"]}) == (move["visit"], {"a", "b"})
    pinned = [one | {"pinned": True} for one in (row("x", "a", 9), row("y", "b", 10))]
    assert answered(data | {"booked": pinned}).exit_code == 3


def test_soft_sides_that_could_not_be_kept_are_named() -> None:
    hours = {weekday: ["09:00-10:00"] for weekday in ("mon", "fri")}
    clinic = {"time_zone": "UTC", "hours": hours, "chairs": [{"id": "c"}]}
    order = {"doses": 2, "phases": HOUR, "spacing": [{"min": 2, "max": 2, "soft": ["max"]}]}
    found = answered({"now": "2026-01-05T00:00Z", "clinic": clinic, "order": order, "count": 1})
    assert found.body["proposals"][0]["outside_soft"] == [2]


def test_without_proposals_the_exit_code_is_3_and_a_problem_says_what_binds() -> None:
    found = answered(scenario(clinic__prescribers=[], order__gates=[]))
    assert found.exit_code == 3
    assert found.body["proposals"] == []
    problems = found.body["problems"]
    # Each infusion has its reason.
    assert {(one["rule"], one["resource"]) for one in problems} == {("no_free_start", "prescriber")}
    assert [one["dose"] for one in problems] == list(range(1, 7))
    assert problems[0]["message"].startswith("Infusion 1: no prescriber is there when the visit needs one")


def test_a_search_that_is_cut_short_says_so() -> None:
    ticks = count()
    found = answer(json.dumps(scenario(count=1000, order__spacing=[])).encode(), clock=lambda: next(ticks) / 100)
    assert found.body["problems"][-1]["rule"].startswith("time_limit")
    assert found.exit_code == (0 if found.body["proposals"] else 3)


def test_ten_thousand_booked_visits_are_read_and_searched_in_time() -> None:
    """Measured as processor time: a busy machine must not fail it."""
    first = datetime.fromisoformat("2026-01-05T08:00-05:00")
    chairs = [{"id": f"c{index}"} for index in range(20)]
    nurses = [{"id": f"n{index}", "watch": 4} for index in range(5)]
    rows = [
        {
            "id": f"b{number}", "patient": f"p{number}", "chair": f"c{number % 20}", "nurse": f"n{number % 20 // 4}",
            "start": f"{first + timedelta(days=number // 100, hours=2 * (number // 20 % 5))}", "phases": PHASES,
        }
        for number in range(10_000)
    ]  # fmt: skip
    hours = {weekday: ["08:00-18:00"] for weekday in WEEKDAYS}
    clinic = scenario()["clinic"] | {"chairs": chairs, "nurses": nurses, "hours": hours, "closed": []}
    raw = json.dumps(scenario(clinic=clinic, booked=rows)).encode()
    began = time.process_time()
    found = answer(raw)
    took = time.process_time() - began
    assert found.exit_code == 0
    assert found.body["problems"] == []
    assert took < 2
