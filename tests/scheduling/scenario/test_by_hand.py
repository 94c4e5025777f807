"""The starts that `propose` prints are those that a person works out from the file alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scheduling.scenario import by_hand
from tests.scheduling.scenario.small_scenario import answered

DAY = date(2026, 1, 5)
RANGES = st.sampled_from([["08:00-12:00"], ["08:00-09:30", "10:00-12:00"], ["09:00-11:00"], ["08:30-10:05"]])
WEEK = RANGES.map(lambda ranges: {"mon": ranges, "tue": ["08:00-18:00"]})


def at(step: int) -> str:
    """Steps of 5 minutes after 8:00."""
    return f"{DAY}T{8 + step // 12:02}:{step % 12 * 5:02}+00:00"


@st.composite
def spans(draw: st.DrawFn) -> list[str]:
    start = draw(st.integers(0, 40))
    return [at(start), at(start + draw(st.integers(1, 18)))]


def phases() -> st.SearchStrategy[list[dict[str, Any]]]:
    optional = {
        "chair": st.booleans(),
        "nurse": st.sampled_from(["none", "watch", "watch", "attention"]),
        "prescriber": st.sampled_from([False, False, False, True, "with-patient"]),
        "features": st.lists(st.just("bed"), max_size=1),
    }
    one = st.fixed_dictionaries({"minutes": st.integers(1, 6).map(lambda count: count * 5)}, optional=optional)
    turnover = st.sampled_from([[], [{"name": "turnover", "minutes": 10}]])
    return st.tuples(st.lists(one, min_size=1, max_size=2), turnover).map(lambda parts: [*parts[0], *parts[1]])


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    presence = st.none() | st.none() | WEEK | st.lists(spans(), max_size=2)
    away = st.lists(spans(), max_size=1)

    def without_nulls(**fields: Any) -> dict[str, Any]:
        return {key: value for key, value in fields.items() if value is not None}

    chairs = [
        without_nulls(id=f"c{n}", features=draw(st.lists(st.just("bed"), max_size=1)), out=draw(away))
        for n in range(draw(st.integers(1, 3)))
    ]
    nurses = [
        without_nulls(id=f"n{n}", watch=draw(st.integers(1, 2)), shifts=draw(presence), absent=draw(away),
                      watch_while_attending=draw(st.none() | st.integers(0, 1)))
        for n in range(draw(st.sampled_from([1, 2, 2, 0])))
    ]  # fmt: skip
    prescribers = [without_nulls(id=f"p{n}", on_site=draw(presence)) for n in range(draw(st.sampled_from([1, 2, 0])))]

    def row(number: int) -> dict[str, Any]:
        start, end = draw(spans())
        length = {"phases": draw(phases())} if draw(st.booleans()) else {"end": end}
        # Pinned, so that no start by repack is among those that are found.
        found = {"id": f"b{number}", "patient": draw(st.sampled_from(["me", "x"])), "start": start, "pinned": True}
        for key, listed in (("chair", chairs), ("nurse", nurses), ("prescriber", prescribers)):
            if listed:
                found[key] = draw(st.sampled_from(listed))["id"]
        return found | length

    return {
        "now": at(draw(st.sampled_from([-12, -12, 6]))),
        "clinic": {
            "time_zone": "UTC",
            "grid_minutes": draw(st.sampled_from([5, 15])),
            "hours": draw(WEEK),
            "closed": draw(st.sampled_from([[], [], [], [str(DAY)], [[at(24), at(27)]]])),
            "last_end": draw(st.sampled_from([None, None, "11:00"])),
            "min_staff": draw(st.sampled_from([0, 0, 0, 1, 2])),
            "with_patient_counts_as_present": draw(st.booleans()),
            "chairs": chairs,
            "nurses": nurses,
            "prescribers": prescribers,
        },
        "booked": [row(number) for number in range(draw(st.integers(0, 4)))],
        "order": {"patient": "me", "doses": 1, "phases": draw(phases()), "not_after": str(DAY)},
        "patient": {"available": draw(st.none() | WEEK), "busy": draw(away)},
        "count": 1000,
    }


@settings(deadline=None, max_examples=200)
@given(scenarios())
def test_the_starts_are_those_worked_out_by_hand(scenario: dict[str, Any]) -> None:
    found = answered(scenario)
    times = [proposal["visits"][0]["start"][11:16] for proposal in found.body["proposals"]]
    assert times == by_hand.starts(scenario, DAY)
    assert found.exit_code == (0 if times else 3)
