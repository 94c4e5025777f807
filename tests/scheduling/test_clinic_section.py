"""What is wrong with a clinic file's scheduling part, by key and line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from scheduling import clinic_section
from scheduling.marked_yaml import FileProblem, Lines, read

HARBOR = Path(__file__).parents[2] / "examples" / "harbor.yaml"


def scheduling_part(text: bytes) -> tuple[dict[str, Any], Lines]:
    data, lines = read(text)
    del data["messages"]
    return data, lines


def problems_after(change: Callable[[dict[str, Any]], object]) -> list[FileProblem]:
    data, _ = scheduling_part(HARBOR.read_bytes())
    change(data)
    return clinic_section.check(*read(yaml.safe_dump(data, sort_keys=False).encode()))


def test_the_example_is_sound() -> None:
    assert clinic_section.check(*scheduling_part(HARBOR.read_bytes())) == []


def test_a_problem_names_key_and_line() -> None:
    text = HARBOR.read_text().replace("grid_minutes: 15 ", "grid_minutes: 17 ").encode()
    line = next(n for n, row in enumerate(text.decode().splitlines(), 1) if "grid_minutes: 17" in row)
    [problem] = clinic_section.check(*scheduling_part(text))
    assert str(problem) == f"line {line}: clinic.grid_minutes: is one of 5, 10, 15, 20, 30, 60"


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        (lambda d: d.pop("clinic"), "", "clinic is missing"),
        (lambda d: d.update(chair=[]), "chair", "is not a known key"),
        (lambda d: d.update(chairs=None), "chairs", "is a list"),
        (lambda d: d["clinic"].update(slug="Harbor Center"), "clinic.slug", "a short name of lower-case"),
        (lambda d: d["clinic"].update(time_zone="New York"), "clinic.time_zone", "not an IANA time zone"),
        (lambda d: d["clinic"].update(hours={}), "clinic.hours", "is empty"),
        (lambda d: d["clinic"]["hours"].update(monday=[]), "clinic.hours.monday", "days are mon, tue"),
        (lambda d: d["clinic"]["hours"].update(sat=["9-12"]), "clinic.hours.sat[0]", "not a time range"),
        (lambda d: d["clinic"]["hours"].update(sat=["09:00-12:02"]), "clinic.hours.sat[0]", "in steps of 5"),
        (lambda d: d["clinic"]["hours"].update(sat=["09:00-24:00"]), "clinic.hours.sat[0]", "write 23:55"),
        (lambda d: d["clinic"]["hours"].update(fri=["17:00-19:00"]), "clinic.hours.fri[0]", "overlaps other times"),
        (lambda d: d["clinic"].update(last_end="18:03"), "clinic.last_end", 'a time such as "18:00"'),
        (lambda d: d["clinic"]["closures"].append({"date": "2026-02-30"}), "clinic.closures[6]", "day is out of range"),
        (lambda d: d["clinic"]["closures"].append({"date": "2026-11-26"}), "clinic.closures[6]", "overlaps a closure"),
        (lambda d: d["clinic"]["closures"].append({"hours": "08:00-09:00"}), "clinic.closures[6]", "has a date, or"),
        (
            lambda d: d["clinic"]["closures"].append({"starts": "2027-03-14 02:30", "ends": "2027-03-14 09:00"}),
            "clinic.closures[6]",
            "does not exist",
        ),
        (lambda d: d["chairs"][1].update(code="chair-1"), "chairs[1].code", "chair-1 is used above"),
        (lambda d: d["prescribers"][0].update(code="nurse-ana"), "prescribers[0].code", "nurse-ana is used above"),
        (lambda d: d["nurses"][0].update(watch=0), "nurses[0].watch", "is 1 or more, not 0"),
        (
            lambda d: d["nurses"][0].update(watch_while_attending=4),
            "nurses[0].watch_while_attending",
            "is at most watch (3)",
        ),
        (lambda d: d["nurses"][0].update(user="desk"), "nurses[0].user", "not under staff with the role nurse"),
        (lambda d: d["nurses"][1].update(user="nurse"), "nurses[1].user", "stands above too"),
        (
            lambda d: d["nurses"][0].update(dated_shifts=[{"weekday": "mon", "hours": "8-9"}]),
            "nurses[0].dated_shifts[0]",
            "not a time range",
        ),
        (lambda d: d["staff"][0].update(roles=["boss"]), "staff[0].roles[0]", "is one of front_desk"),
        (lambda d: d["staff"][0].update(password="x"), "staff[0].password", "is not a known key"),
        (lambda d: d["staff"][1].update(username="DESK"), "staff[1].username", "is used above"),
        (lambda d: d["visit_types"][0].update(kind="infusion"), "visit_types[0].kind", "is one of consultation"),
        (lambda d: d["visit_types"][1]["phases"][0].update(chair=True), "visit_types[1].phases[0]", "takes no chair"),
        (lambda d: d["visit_types"][1].update(join_link="http://x"), "visit_types[1].join_link", "begins with https"),
        (lambda d: d["protocols"][1].update(code="ketamine-series"), "protocols[1].code", "is used above"),
        (
            lambda d: d["protocols"][0]["template"]["phases"][2].update(minutes=41),
            "protocols[0].template.phases[2].minutes",
            "is a multiple of 5, not 41",
        ),
        (
            lambda d: d["protocols"][0]["template"]["phases"][2].update(features=["bed"]),
            "protocols[0].template.phases[2]",
            "needs a chair with bed",
        ),
        (lambda d: d["nurses"].clear(), "protocols[0].template.phases[0]", "needs a nurse"),
        (lambda d: d["prescribers"].clear(), "visit_types[0].phases[0]", "needs a prescriber"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named(change: Callable[[dict[str, Any]], object], key: str, said: str) -> None:
    problems = problems_after(change)
    assert any(problem.key == key and said in problem.message for problem in problems), problems


def test_all_errors_come_at_once() -> None:
    def spoil(data: dict[str, Any]) -> None:
        data["clinic"]["grid_minutes"] = 7
        data["nurses"][2]["watch"] = "three"
        data["protocols"][2]["template"]["doses"] = 0

    assert {problem.key for problem in problems_after(spoil)} == {
        "clinic.grid_minutes", "nurses[2].watch", "protocols[2].template.doses",
    }  # fmt: skip


@pytest.mark.parametrize("text", [b"", b"3", b"[]", b"a: 1", b"clinic: {hours: 3}\norganisation: x"])
def test_any_shape_is_answered_with_problems(text: bytes) -> None:
    assert clinic_section.check(*read(text))


def test_day_keys_mean_days() -> None:
    assert clinic_section.weekdays("mon-fri") == ("mon", "tue", "wed", "thu", "fri")
    assert clinic_section.weekdays("sat") == ("sat",)
    assert clinic_section.weekdays("sat-mon") == ("sat", "sun", "mon")
    assert clinic_section.wall_times("08:00-12:30") == (time(8), time(12, 30))
