"""What a scenario may leave out, and what its parts mean for the search."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scheduling.scenario.answer import Answer
from scheduling.scenario.scenario import Scenario, read_scenario
from tests.scheduling.scenario.small_scenario import answered, scenario, starts

HOUR = [{"minutes": 60}]
MONDAY = "2026-01-05"


def small(**parts: Any) -> dict[str, Any]:
    """The least a scenario can say: one chair, open on Mondays from 9 to 12, one hour asked for."""
    found: dict[str, Any] = {
        "now": f"{MONDAY}T00:00-05:00",
        "clinic": {"time_zone": "America/New_York", "hours": {"mon": ["09:00-12:00"]}, "chairs": [{"id": "c1"}]},
        "order": {"patient": "me", "doses": 1, "phases": HOUR, "not_after": MONDAY},
    }
    for name in ("clinic", "order"):
        found[name] |= parts.pop(name, {})
    return found | parts


def times(found: Answer) -> list[str]:
    """The wall times at which the one infusion could start."""
    return [proposal["visits"][0]["start"][11:16] for proposal in found.body["proposals"]]


def every_quarter(first: str, last: str) -> list[str]:
    ends = [int(text[:2]) * 60 + int(text[3:]) for text in (first, last)]
    return [f"{minute // 60:02}:{minute % 60:02}" for minute in range(ends[0], ends[1] + 1, 15)]


def of(**parts: Any) -> list[str]:
    return times(answered(small(count=1000, **parts)))


def test_the_least_a_scenario_can_say() -> None:
    assert of() == every_quarter("09:00", "11:00")


def test_ten_proposals_unless_a_number_is_said_and_the_command_line_wins() -> None:
    many = {"order": {"not_after": None}}
    assert [len(times(answered(small(**many, **said)))) for said in ({}, {"count": 3}, {"count": None})] == [10, 3, 10]
    assert len(times(answered(small(**many, count=3), count="12"))) == 12


def test_a_null_is_as_a_key_that_is_not_there() -> None:
    empty = dict.fromkeys(("nurses", "prescribers", "closed", "last_end", "grid_minutes", "min_staff", "bays"))
    parts = dict.fromkeys(("booked", "patient", "wish"))
    rules = dict.fromkeys(("spacing", "gates", "given", "within_days", "per_week", "not_before", "phases_by_dose"))
    assert of(clinic=empty, order=rules, **parts) == of()


def test_remarks_are_for_people() -> None:
    assert of(clinic={"name": "Harbor", "_made": "by hand"}, order={"note": "x"}, id="s1", expected=[1]) == of()


def test_staff_without_hours_are_there_whenever_the_clinic_is_open() -> None:
    order = {"phases": [{"minutes": 60, "nurse": "watch", "prescriber": "with-patient"}]}
    assert of(order=order) == []
    assert of(order=order, clinic={"nurses": [{"id": "ana", "watch": 1}], "prescribers": [{"id": "dr"}]}) == of()


@pytest.mark.parametrize("key", ["shifts", "on_site", "present", "presence", "available"])
@pytest.mark.parametrize(
    "there",
    [
        {"mon": ["09:00-10:00", "10:00-11:30"], "tue": ["00:00-24:00"]},
        [[f"{MONDAY}T09:00-05:00", f"{MONDAY}T15:30Z"], [f"{MONDAY}T15:30Z", f"{MONDAY}T11:30-05:00"]],
    ],
    ids=["weekly", "dated"],
)
def test_presence_is_weekly_or_dated_under_any_of_its_names(key: str, there: object) -> None:
    expected = every_quarter("09:00", "10:30")
    watched, seen = {"phases": [{"minutes": 60, "nurse": "watch"}]}, {"phases": [{"minutes": 60, "prescriber": True}]}
    assert of(clinic={"chairs": [{"id": "c1", key: there}]}) == expected
    assert of(order=watched, clinic={"nurses": [{"id": "ana", "watch": 1, key: there}]}) == expected
    assert of(order=seen, clinic={"prescribers": [{"id": "dr", key: there}]}) == expected


def test_an_empty_presence_is_never() -> None:
    assert of(clinic={"chairs": [{"id": "c1", "present": []}]}) == []
    assert of(clinic={"chairs": [{"id": "c1", "present": {}}]}) == []


def test_absences_and_outages() -> None:
    away = [[f"{MONDAY}T09:00-05:00", f"{MONDAY}T10:00-05:00"]]
    watched, seen = {"phases": [{"minutes": 60, "nurse": "watch"}]}, {"phases": [{"minutes": 60, "prescriber": True}]}
    expected = every_quarter("10:00", "11:00")
    assert of(clinic={"chairs": [{"id": "c1", "out": away}]}) == expected
    assert of(order=watched, clinic={"nurses": [{"id": "ana", "watch": 1, "absent": away}]}) == expected
    assert of(order=seen, clinic={"prescribers": [{"id": "dr", "absent": away}]}) == expected


def test_several_ranges_a_day_closures_and_the_last_end() -> None:
    assert of(clinic={"hours": {"mon": ["09:00-10:30", "11:00-12:00"]}}) == ["09:00", "09:15", "09:30", "11:00"]
    assert of(clinic={"closed": [MONDAY]}) == []
    assert of(clinic={"closed": [[f"{MONDAY}T10:00-05:00", f"{MONDAY}T11:00-05:00"]]}) == ["09:00", "11:00"]
    assert of(clinic={"last_end": "10:30"}) == every_quarter("09:00", "09:30")
    assert of(clinic={"last_end": "24:00", "grid_minutes": 60}) == ["09:00", "10:00", "11:00"]


def test_a_part_of_five_minutes_counts_as_taken_and_not_as_there() -> None:
    grid = {"grid_minutes": 5}
    chair = {"chairs": [{"id": "c1", "present": [[f"{MONDAY}T09:03-05:00", f"{MONDAY}T10:14-05:00"]]}]}
    assert of(clinic=grid | chair) == ["09:05", "09:10"]
    row = {
        "id": "b",
        "patient": "x",
        "chair": "c1",
        "start": f"{MONDAY}T10:03-05:00",
        "end": f"{MONDAY}T10:51:30-05:00",
    }
    assert of(clinic=grid, booked=[row]) == ["09:00", "10:55", "11:00"]


# ----------------------------------------------------------------------------------------------------------- booked


def row(**parts: Any) -> dict[str, Any]:
    return {"id": "b1", "patient": "x", "chair": "c1", "start": f"{MONDAY}T09:00-05:00", **parts}


def test_turnover_holds_the_chair_after_the_patient_left() -> None:
    phases = [{"minutes": 30}, {"name": "turnover", "minutes": 30}]
    assert of(booked=[row(phases=phases)]) == every_quarter("10:00", "11:00")
    assert of(booked=[row(phases=phases[:1])]) == every_quarter("09:30", "11:00")
    assert of(booked=[row(phases=phases, end=f"{MONDAY}T09:30-05:00")]) == every_quarter("10:00", "11:00")


def test_a_visit_with_an_end_takes_its_chair_and_its_nurses_watch() -> None:
    order = {"phases": [{"minutes": 60, "nurse": "watch"}]}
    clinic = {"chairs": [{"id": "c1"}, {"id": "c2"}], "nurses": [{"id": "ana", "watch": 1}]}
    end = f"{MONDAY}T10:00-05:00"
    assert of(order=order, clinic=clinic, booked=[row(end=end)]) == every_quarter("09:00", "11:00")
    assert of(order=order, clinic=clinic, booked=[row(end=end, nurse="ana")]) == every_quarter("10:00", "11:00")


def test_the_patients_own_visits_keep_them_busy_unless_they_may_move() -> None:
    clinic = {"chairs": [{"id": "c1"}, {"id": "c2"}]}
    mine = row(patient="me", end=f"{MONDAY}T10:00-05:00")
    assert of(clinic=clinic, booked=[mine]) == every_quarter("10:00", "11:00")
    assert of(clinic=clinic, booked=[mine | {"patient": "x"}]) == of()
    assert of(booked=[mine | {"dose": 1, "movable": True}]) == of()


def test_a_kept_infusion_is_an_anchor_and_a_movable_one_is_placed_anew() -> None:
    order = {"doses": 2, "spacing": [{"min": 7, "max": 7}], "not_after": "2026-02-01"}
    kept = row(patient="me", dose=1, start="2026-01-12T10:00-05:00", end="2026-01-12T11:00-05:00")
    found = answered(small(order=order, booked=[kept], wish={"time": "09:00"}))
    assert starts(found) == ["2026-01-19T09:00:00-05:00"]
    found = answered(small(order=order, booked=[kept | {"movable": True}], wish={"time": "09:00"}))
    assert starts(found) == ["2026-01-05T09:00:00-05:00", "2026-01-12T09:00:00-05:00"]


def test_when_all_is_given_or_kept_nothing_is_to_be_placed() -> None:
    kept = row(patient="me", dose=1, end=f"{MONDAY}T10:00-05:00")
    for found in (
        answered(small(booked=[kept])),
        answered(small(order={"given": [{"dose": 1, "at": "2026-01-02T09:00Z"}]})),
    ):
        assert found.exit_code == 3
        assert [problem["rule"] for problem in found.body["problems"]] == ["nothing_to_place"]


def read(data: dict[str, Any]) -> Scenario:
    return read_scenario(data)


def test_only_visits_that_are_not_pinned_and_have_not_begun_may_change_their_chair() -> None:
    rows = [
        row(id="begun", start="2026-01-04T23:00-05:00", end="2026-01-05T01:00-05:00"),
        row(
            id="pinned", pinned=True, phases=[{"minutes": 30, "features": ["bed"]}, {"name": "turnover", "minutes": 10}]
        ),
        row(id="free", start=f"{MONDAY}T10:00-05:00", phases=[{"minutes": 30, "features": ["bed"]}]),
        row(id="nowhere", chair=None, phases=HOUR),
    ]
    seated = read(small(booked=rows)).clinic.seated
    assert seated is not None
    assert [(one.visit, one.chair, one.after - one.first, one.features, one.may_move) for one in seated()] == [
        ("begun", "c1", 24, frozenset(), False),
        ("pinned", "c1", 8, {"bed"}, False),
        ("free", "c1", 6, {"bed"}, True),
    ]


def test_a_visit_that_moved_on_to_a_bay_leaves_its_chair() -> None:
    phases = [{"minutes": 60}, {"minutes": 60, "place": "bay"}, {"name": "turnover", "minutes": 15}]
    assert of(clinic={"bays": [{"id": "b"}]}, booked=[row(phases=phases, bay="b")]) == every_quarter("10:15", "11:00")
    assert of(clinic={"bays": [{"id": "b"}]}, booked=[row(phases=phases)]) == []


def with_patient(booked: list[dict[str, Any]]) -> list[tuple[str, int]]:
    on_site = {"mon": ["09:00-10:00"]}
    clinic = {
        "prescribers": [
            {"id": "late", "on_site": {"mon": ["10:00-12:00"]}},
            {"id": "a", "on_site": on_site},
            {"id": "b"},
        ]
    }
    claims = read(small(clinic=clinic, booked=booked)).clinic.claims
    return sorted((name, (steps[1] - steps[0]) * 5) for name, role, steps in claims if role == "with-patient")


def test_a_prescriber_nobody_named_is_the_first_on_site_and_free() -> None:
    seen = [{"minutes": 30, "prescriber": "with-patient"}]
    one, two = row(phases=seen), row(id="b2", chair=None, start=f"{MONDAY}T09:15-05:00", phases=seen)
    assert with_patient([one]) == [("a", 30)]
    assert with_patient([one, two]) == [("a", 30), ("b", 30)]
    assert with_patient([one, two | {"prescriber": "a"}]) == [("a", 30), ("b", 30)]
    assert with_patient([one | {"prescribers": ["late", "b"]}]) == [("late", 30)]


def test_equipment_nobody_named_is_the_first_that_has_the_feature_and_is_free() -> None:
    pump = [{"minutes": 60, "equipment": ["pump"]}]
    clinic = {"chairs": [{"id": "c1"}, {"id": "c2"}], "equipment": [{"id": "p1", "features": ["pump"]}]}
    busy = {"order": {"phases": pump}, "booked": [row(phases=pump)]}
    assert of(clinic=clinic, **busy) == every_quarter("10:00", "11:00")
    clinic["equipment"] = [{"id": "p1", "features": ["pump"]}, {"id": "p2", "features": ["pump"]}]
    assert of(clinic=clinic, **busy) == every_quarter("09:00", "11:00")


# ------------------------------------------------------------------------------------------------------------ order


def test_a_gate_with_minutes_gets_its_review_where_a_prescriber_can_hold_one() -> None:
    found = answered(scenario())
    assert [review["after"] for review in found.body["proposals"][0]["reviews"]] == [3]
    assert found.body["proposals"][0]["reviews"][0]["prescribers"] == ["dr"]
    assert "reviews" not in answered(scenario(order__gates=[{"after": 3}])).body["proposals"][0]
    nobody = read(small(order={"doses": 4, "gates": [{"after": 3, "minutes": 15}]})).terms
    assert nobody is not None
    assert not nobody.reviews


def test_infusions_may_have_phases_of_their_own() -> None:
    found = answered(scenario(order__phases_by_dose={"1": [{"minutes": 120}]}))
    lengths = {visit["dose"]: visit["end"][11:16] for visit in found.body["proposals"][0]["visits"][:2]}
    assert lengths == {1: "11:00", 2: "10:15"}


def test_windows_move_with_what_was_given() -> None:
    given = [{"dose": 1, "at": "2025-12-29T10:00-05:00"}]
    order = {"doses": 2, "spacing": [{"dose": 2, "after": "first", "min_days": 14}], "not_after": None}
    assert starts(answered(small(order={**order, "given": given}, wish={"time": "09:00"}))) == [
        "2026-01-12T09:00:00-05:00"
    ]


def test_not_before_and_not_after_are_days_or_instants_by_their_local_day() -> None:
    order = {"not_before": "2026-01-12T23:00-05:00", "not_after": "2026-01-13T02:00Z"}
    assert {proposal["finish"] for proposal in answered(small(order=order)).body["proposals"]} == {"2026-01-12"}


def test_the_search_reaches_past_months_that_are_full() -> None:
    full = [["2026-01-01T00:00Z", "2026-06-01T00:00Z"]]
    found = answered(small(order={"not_after": None}, patient={"busy": full}, count=1))
    assert found.body["proposals"][0]["finish"] == "2026-06-01"


def test_a_far_not_after_is_no_limit() -> None:
    scenario_days = read(small(order={"not_after": "9999-12-31"})).clinic.open
    assert len(scenario_days) == len(read(small(order={"not_after": None})).clinic.open)
    assert max(scenario_days) < date(2026, 6, 1)


def test_open_days_are_known_back_to_what_was_given() -> None:
    order = {
        "doses": 2,
        "spacing": [{"min": 2, "unit": "open_days"}],
        "given": [{"dose": 1, "at": "2025-12-22T15:00Z"}],
    }
    assert starts(answered(small(order=order, wish={"time": "09:00"}))) == ["2026-01-05T09:00:00-05:00"]
