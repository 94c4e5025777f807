"""Every wrong field of a scenario is named by its path, all in one answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scheduling.scenario.answer import answer
from tests.scheduling.scenario.small_scenario import PHASES, SCENARIO, answered, faults, scenario

NAIVE = "2026-01-05T09:00"
AT = "2026-01-05T09:00-05:00"
LATER = "2026-01-05T10:00-05:00"
ANA = {"id": "ana", "watch": 3}
HOUR = [{"minutes": 60}]


def phase(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": "infuse", "minutes": 60, **changes}]


def booked(**changes: Any) -> list[dict[str, Any]]:
    return [{"id": "b1", "patient": "x", "start": AT, "end": LATER, **changes}]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        # What is needed.
        ({"now": None}, {"now": "now is needed"}),
        ({"clinic": None}, {"clinic": "clinic is needed"}),
        ({"order": None}, {"order": "order is needed"}),
        ({"order__doses": None}, {"order.doses": "order.doses is needed"}),
        ({"order__phases": None}, {"order.phases": "order.phases is needed"}),
        ({"clinic__hours": None}, {"clinic.hours": "clinic.hours is needed"}),
        ({"clinic__time_zone": None}, {"clinic.time_zone": "clinic.time_zone is needed"}),
        ({"clinic__nurses": [{}]}, {"clinic.nurses[0].id": "is needed", "clinic.nurses[0].watch": "is needed"}),
        # Times.
        ({"now": NAIVE}, {"now": f'"{NAIVE}" has no offset'}),
        ({"now": "2026-03-08T02:30"}, {"now": "2026-03-08 02:30 does not exist in America/New_York"}),
        ({"now": "2026-03-08T02:30-05:00"}, {"now": "does not exist in America/New_York: the clocks go forward"}),
        ({"now": "2026-11-01T01:30"}, {"now": "2026-11-01 01:30 happens twice in America/New_York"}),
        ({"now": "9999-12-31T23:00Z"}, {"now": "lies between the years 1971 and 2199, not in 9999"}),
        ({"now": "yesterday"}, {"now": "is a time with its UTC offset"}),
        ({"now": 1767600000}, {"now": "is a time with its UTC offset"}),
        ({"patient__busy": [[LATER, AT]]}, {"patient.busy[0][1]": "is not after its start"}),
        ({"patient__busy": [[AT, AT]]}, {"patient.busy[0][1]": "is not after its start"}),
        ({"patient__busy": [[AT]]}, {"patient.busy[0]": "is a pair of times"}),
        ({"patient__busy": [[NAIVE, "x"]]}, {"patient.busy[0][0]": "no offset", "patient.busy[0][1]": "is a time"}),
        ({"patient__available": {"mon": ["12:00-08:00"]}}, {"patient.available.mon[0]": '"12:00-08:00"'}),
        ({"patient__available": {"monday": []}}, {"patient.available.monday": "is not a known field"}),
        ({"patient__available": ["mon"]}, {"patient.available": "is a mapping, not a list"}),
        ({"wish__time": "9:00"}, {"wish.time": "is a time of day such as 17:30"}),
        # The clinic.
        ({"clinic__time_zone": "Mars/Olympus"}, {"clinic.time_zone": "is not an IANA time zone"}),
        ({"clinic__grid_minutes": 7}, {"clinic.grid_minutes": "is a multiple of 5 minutes, not 7"}),
        ({"clinic__hours": {"mon": ["08:00-25:00"]}}, {"clinic.hours.mon[0]": "is a time range of one day"}),
        ({"clinic__hours": {"mon": "08:00-18:00"}}, {"clinic.hours.mon": "is a list"}),
        ({"clinic__closed": ["2026-02-30", 5]}, {"clinic.closed[0]": "is a date", "clinic.closed[1]": "is a date"}),
        ({"clinic__last_end": "17:30:00"}, {"clinic.last_end": "is a time of day"}),
        ({"clinic__min_staff": -1}, {"clinic.min_staff": "is a whole number from 0"}),
        ({"clinic__chairs": [{"id": "c1"}, {"id": "c1"}]}, {"clinic.chairs[1].id": '"c1" is used above'}),
        ({"clinic__chairs": [{"id": 1}, {"id": "1"}]}, {"clinic.chairs[1].id": '"1" is used above'}),
        ({"clinic__bays": [{"id": "c1"}]}, {"clinic.bays[0].id": '"c1" is used above'}),
        ({"clinic__chairs": [{"id": ""}]}, {"clinic.chairs[0].id": "is empty"}),
        ({"clinic__chairs": [{"id": "a", "colour": "red"}]}, {"clinic.chairs[0].colour": "is not a known field"}),
        ({"clinic__chairs": [{"id": "a", "features": "bed"}]}, {"clinic.chairs[0].features": "is a list"}),
        ({"clinic__chairs": [{"id": "a", "features": [1]}]}, {"clinic.chairs[0].features[0]": "is a text, not 1"}),
        ({"clinic__nurses": [{"id": "ana", "watch": 0}]}, {"clinic.nurses[0].watch": "from 1 to 100, not 0"}),
        ({"clinic__nurses": [{**ANA, "watch_while_attending": 4}]},
         {"clinic.nurses[0].watch_while_attending": "from 0 to 3, not 4"}),
        ({"clinic__nurses": [{**ANA, "shifts": "always"}]}, {"clinic.nurses[0].shifts": "is a mapping of weekdays"}),
        ({"clinic__nurses": [{**ANA, "shifts": {}, "on_site": []}]}, {"clinic.nurses[0].on_site": "says again when"}),
        ({"clinic__prescriber_presence_rule": "maybe"}, {"clinic.prescriber_presence_rule": "is one of on-site"}),
        # What is booked.
        ({"booked": {}}, {"booked": "is a list"}),
        ({"booked": ["x"]}, {"booked[0]": 'is a mapping, not "x"'}),
        ({"booked": booked(end="2026-01-05T08:00-05:00")}, {"booked[0].end": "is not after start"}),
        ({"booked": booked(end="2026-01-06T09:00-05:00")}, {"booked[0].end": "is 24 hours after start, or more"}),
        ({"booked": booked(end=None)}, {"booked[0].end": "is needed, or phases"}),
        ({"booked": booked(phases=HOUR, end="2026-01-05T11:00-05:00")}, {"booked[0].end": "is not where its phases"}),
        ({"booked": booked(chair="c9", nurse="zoe", prescriber="no")},
         {"booked[0].chair": '"c9" is not under clinic.chairs', "booked[0].nurse": '"zoe" is not under clinic.nurses',
          "booked[0].prescriber": '"no" is not under clinic.prescribers'}),
        ({"booked": booked(end=None, phases=phase(minutes=0))}, {"booked[0].phases[0].minutes": "not 0"}),
        ({"booked": booked() + booked()}, {"booked[1].id": '"b1" is used above'}),
        ({"booked": booked(pinned="yes", dose=0)}, {"booked[0].pinned": "is true or false", "booked[0].dose": "not 0"}),
        ({"booked": booked(patient="me", dose=7)}, {"booked[0].dose": "is infusion 7, but the order has 6"}),
        ({"booked": booked(patient="me", dose=1) + booked(id="b2", patient="me", dose=1)},
         {"booked[1].dose": "is infusion 1, which is booked above"}),
        # The order.
        ({"order__doses": 0}, {"order.doses": "is a whole number from 1 to 366, not 0"}),
        ({"order__doses": 10**9}, {"order.doses": "is a whole number from 1 to 366, not 1000000000"}),
        ({"order__doses": 2.5}, {"order.doses": "not 2.5"}),
        ({"order__doses": float("nan")}, {"order.doses": "not nan"}),
        ({"order__doses": "6"}, {"order.doses": 'not "6"'}),
        ({"order__phases": phase(minutes=7)}, {"order.phases[0].minutes": "is a multiple of 5, not 7"}),
        ({"order__phases": phase(minutes=0)}, {"order.phases[0].minutes": "from 1 to 1439, not 0"}),
        ({"order__phases": phase(minutes=1440)}, {"order.phases[0].minutes": "from 1 to 1439, not 1440"}),
        ({"order__phases": phase(minutes=720) * 2}, {"order.phases": "is shorter than 24 hours in all"}),
        ({"order__phases": []}, {"order.phases": "has at least one phase in which the patient is there"}),
        ({"order__phases": phase(nurse="two", chair="yes")},
         {"order.phases[0].nurse": "is one of", "order.phases[0].chair": "is true or false"}),
        ({"order__phases": phase(name=[])}, {"order.phases[0].name": "is a text, not a list"}),
        ({"order__phases": phase(drug="x")}, {"order.phases[0].drug": "is not a known field"}),
        ({"order__phases": [PHASES[-1], *PHASES]}, {"order.phases": "has turnover only at the end"}),
        ({"order__phases_by_dose": {"7": HOUR}}, {"order.phases_by_dose.7": "is not an infusion of this order, 1"}),
        ({"order__phases_by_dose": {"2": phase(minutes=1)}}, {"order.phases_by_dose.2[0].minutes": "multiple of 5"}),
        ({"order__spacing": [{"min": 5, "max": 3}]}, {"order.spacing[0].min": "5 is more than max 3"}),
        ({"order__spacing": [{"min_days": 5, "max_days": 3}]}, {"order.spacing[0].min_days": "5 is more than max 3"}),
        ({"order__spacing": [{"min": 2, "min_days": 2}]}, {"order.spacing[0].min_days": "can't stand beside min"}),
        ({"order__spacing": [{}]}, {"order.spacing[0].min": "one of min, target and max is needed"}),
        ({"order__spacing": [{"min": 1, "unit": "weeks"}]}, {"order.spacing[0].unit": "is one of days"}),
        ({"order__spacing": [{"min": 1, "after": "last"}]}, {"order.spacing[0].after": 'is "previous", "first"'}),
        ({"order__spacing": [{"min": 1, "dose": 9}]}, {"order.spacing[0].dose": "is infusion 9, but the order has 6"}),
        ({"order__spacing": [{"min": 1, "soft": ["both"]}]}, {"order.spacing[0].soft": "names min, target or max"}),
        ({"order__spacing": [{"min": 1, "every": 2}]}, {"order.spacing[0].every": "is not a known field"}),
        ({"order__spacing": "each"}, {"order.spacing": "is a list"}),
        ({"order__within_days": 0, "order__per_week": -1}, {"order.within_days": "not 0", "order.per_week": "not -1"}),
        ({"order__not_before": "2026-02-01", "order__not_after": "2026-01-01"},
         {"order.not_after": "is before not_before, 2026-02-01"}),
        ({"order__not_before": "soon"}, {"order.not_before": "is a date such as 2026-12-25"}),
        ({"order__gates": [{"after": 7}]}, {"order.gates[0].after": "not 7"}),
        ({"order__gates": [{"after": 2, "minutes": 7}]}, {"order.gates[0].minutes": "is a multiple of 5, not 7"}),
        ({"order__gates": [{"after": 2}, {"after": 2}]}, {"order.gates[1].after": "names infusion 2 a second time"}),
        ({"order__given": [{"dose": 1}]}, {"order.given[0].at": "is needed"}),
        ({"order__given": [{"dose": 1, "at": AT}, {"dose": 1, "at": AT}]},
         {"order.given[1].dose": "names infusion 1 a second time"}),
        ({"order__given": [{"dose": 2, "at": AT}], "booked": booked(patient="me", dose=2, movable=True)},
         {"booked[0].movable": "is true, but infusion 2 was given"}),
        ({"order__within_day": 21}, {"order.within_day": "is not a known field"}),
        # The whole.
        ({"count": 0}, {"count": "is a whole number from 1 to 1000, not 0"}),
        ({"wishes": {}}, {"wishes": "is not a known field"}),
        ({"patient": []}, {"patient": "is a mapping, not a list"}),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(changes: dict[str, Any], wrong: dict[str, str]) -> None:
    found = faults(scenario(**{"booked": [], **changes}))
    assert found.keys() == wrong.keys()
    assert all(part in found[path] for path, part in wrong.items())


def test_all_wrong_fields_are_named_at_once() -> None:
    found = faults(
        scenario(
            now=NAIVE,
            clinic__grid_minutes=0,
            booked=booked(chair="c9") + booked(id="b2", start="x"),
            order__phases=phase(minutes=3) + phase(minutes=4),
            order__doses=0,
            count=-1,
        )
    )
    assert sorted(found) == [
        "booked[0].chair",
        "booked[1].start",
        "clinic.grid_minutes",
        "count",
        "now",
        "order.doses",
        "order.phases[0].minutes",
        "order.phases[1].minutes",
    ]


def test_the_answer_to_a_wrong_scenario_has_the_same_keys_as_any() -> None:
    found = answered(scenario(order__doses=0))
    assert found.exit_code == 2
    assert found.body == {
        "proposals": [],
        "problems": [
            {
                "rule": "invalid",
                "field": "order.doses",
                "dose": None,
                "resource": None,
                "message": "order.doses is a whole number from 1 to 366, not 0",
            }
        ],
        "relaxations": [],
    }


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "scenario is not JSON: line 1, column 1: Expecting value"),
        (b'{"now": }', "scenario is not JSON: line 1, column 9: Expecting value"),
        (b"\xff", "scenario is not JSON: the text is not UTF-8"),
        (b"[" * 100_000, "scenario is nested too deeply"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "a is not a known field"),
        (b"1" * 5000, "a number has thousands of digits"),
        (b"[]", "scenario is a mapping, not a list"),
        (b"null", "scenario is a mapping, not null"),
    ],
    ids=["empty", "cut", "encoding", "deep", "rather deep", "digits", "list", "null"],
)
def test_a_file_that_is_no_scenario(raw: bytes, message: str) -> None:
    found = answer(raw)
    assert found.exit_code == 2
    assert message in found.body["problems"][0]["message"]


def test_a_key_that_stands_twice_is_named() -> None:
    raw = json.dumps(SCENARIO).replace('"doses": 6', '"doses": 6, "doses": 60').encode()
    found = answer(raw)
    assert [problem["message"] for problem in found.body["problems"]] == ["order.doses stands twice"]


def test_a_count_from_the_command_line_is_checked_too() -> None:
    assert faults(scenario(), count="many") == {"--count": '--count is a whole number from 1 to 1000, not "many"'}
