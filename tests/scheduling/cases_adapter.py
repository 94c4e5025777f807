"""The language-neutral cases beside the checkout, put as scenarios to what `manage.py propose` runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from scheduling.clinic_time import WEEKDAYS, ClinicTime, weekday_key
from scheduling.scenario.answer import Answer, answer
from tests.fakes.shared_inputs import read_json

UNIT_DAYS = {"day": 1, "week": 7}
# The cases' own words for fields of ours.
THEIR_WORDS = {"order.spacing[0].max": "every", "order.doses": "count"}
ALL_DAY = {weekday: ["00:00-24:00"] for weekday in WEEKDAYS}
Json = dict[str, Any]


def cases(area: str) -> list[Json]:
    """The cases of one area; fails with one sentence when the shared inputs are missing."""
    found: list[Json] = read_json(f"cases/{area}.json")["cases"]
    return found


def outcome(case: Json) -> Json:
    """What comes out at the search, in the words of the case's `then`, and no more than it asks."""
    given, when = case["given"], case["when"]
    found = next((run(given, when[action]) for action, run in ACTIONS.items() if action in when), None)
    found = found or run_protocol_days(given, when)
    return {key: found.get(key) for key in case["then"]}


def ask(zone: str, first: date, order: Json, clinic: Json | None = None, **parts: Any) -> Answer:
    """One chair, no staff, open all day unless `clinic` says otherwise; searched from the first day on."""
    scenario = {
        "now": f"{first - timedelta(days=1)}T00:00Z",
        "clinic": {"time_zone": zone, "grid_minutes": 5, "hours": ALL_DAY, "chairs": [{"id": "c0"}], **(clinic or {})},
        "order": {"doses": 1, "not_before": str(first), **order},
        **parts,
    }
    return answer(json.dumps(scenario).encode())


def series(zone: str, first: datetime, minutes: int, **order: Any) -> Answer:
    """The best series from the first visit's day on, at its time of day."""
    return ask(zone, first.date(), {"phases": visit(minutes), **order}, wish={"time": f"{first:%H:%M}"}, count=1)


def visit(minutes: int) -> list[Json]:
    return [{"name": "visit", "minutes": minutes}]


def starts(zone: str, found: Answer) -> list[Json]:
    clock = ClinicTime(zone)
    visits = [datetime.fromisoformat(one["start"]) for one in found.body["proposals"][0]["visits"]]
    return [
        {"local": f"{clock.local(at):%Y-%m-%dT%H:%M}", "utc": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        for at in visits
    ]


def run_series(given: Json, when: Json) -> Json:
    """`every` units, `count` visits or `until` an instant: the starts, or refused and the case's word for why."""
    zone, first = when.get("tz", "UTC"), datetime.fromisoformat(when["first"])
    days = when["every"] * UNIT_DAYS[when["unit"]]
    spacing = [{"dose": "each", "after": "previous", "min": days, "max": days}]

    def of(doses: int | None, **more: Any) -> Answer:
        return series(zone, first, when["minutes"], doses=doses, spacing=spacing, **more)

    if "until" in when:
        last, doses = when["until"][:10], 1
        while of(doses + 1, not_after=last).exit_code == 0:
            doses += 1
        found = of(doses, not_after=last)
    else:
        found = of(when["count"])
    if found.exit_code == 2:
        field = found.body["problems"][0]["field"]
        return {"result": "refused", "booked": 0, "message_names": THEIR_WORDS[field]}
    return {"starts": [one["local"] for one in starts(zone, found)]}


def run_protocol_days(given: Json, when: Json) -> Json:
    """Days after the first visit, said as rules from the first infusion."""
    days = when["protocol_days"]
    spacing = [
        {"dose": number, "after": "first", "min": count, "target": count, "max": count}
        for number, count in enumerate(days, 1)
        if number > 1
    ]
    first, zone = datetime.fromisoformat(when["first_local"]), given["clinic_tz"]
    return {"starts": starts(zone, series(zone, first, 60, doses=len(days), spacing=spacing))}


def run_book_series(given: Json, when: Json) -> Json:
    first, zone, days = datetime.fromisoformat(when["first_local"]), given["clinic_tz"], when["every_days"]
    spacing = [{"min_days": days, "target_days": days, "max_days": days}]
    return {"visits": starts(zone, series(zone, first, when["minutes"], doses=when["count"], spacing=spacing))}


def run_list_slots(given: Json, when: Json) -> Json:
    zone, found = given["clinic_tz"], []
    for day in when["dates"]:
        order = {"phases": visit(when["minutes"]), "not_after": day}
        slots = ask(zone, date.fromisoformat(day), order, {"hours": week(given["hours"])}, count=100)
        assert len(slots.body["proposals"]) == 1
        found += starts(zone, slots)
    return {"starts": found}


def week(hours: dict[str, str]) -> dict[str, list[str]]:
    return {weekday: [text] for weekday, text in hours.items()}


def run_book(given: Json, when: Any) -> Json:
    """One visit, several one after the other, or only a start and an end."""
    if isinstance(when, dict):
        found = booked(given, when)
        alone = [booked({**given, "booked": [other]}, when) for other in given["booked"]]
        return {"result": result(found), "conflicts": sum(one.exit_code != 0 for one in alone)}
    if isinstance(when[0], str):
        return {"result": result(booked(given, {"patient": "P1", "start": when[0], "end": when[1]}))}
    standing, results = list(given["booked"]), []
    for wanted in when:
        found = booked({**given, "booked": standing}, wanted)
        results.append(result(found))
        if found.exit_code == 0:
            standing.append({**wanted, "chair": found.body["proposals"][0]["visits"][0]["chair"]})
    return {"result": results}


def booked(given: Json, wanted: Json) -> Answer:
    """Asks for one visit at exactly this time, in UTC. Visits at other sites only keep their patient busy."""
    start, end = datetime.fromisoformat(wanted["start"]), datetime.fromisoformat(wanted["end"])
    standing = [one for one in given.get("booked", []) if one.get("status") != "cancelled"]
    here = [one for one in standing if one.get("site") == wanted.get("site")]
    elsewhere = [one for one in standing if one not in here and one["patient"] == wanted["patient"]]
    clinic: Json = {"chairs": [{"id": f"c{index}"} for index in range(given.get("capacity", 9))]}
    if "hours" in given:
        clinic["hours"] = week(given["hours"])
    order = {"patient": wanted["patient"], "phases": visit((end - start) // timedelta(minutes=1))}
    return ask(
        "UTC",
        start.date(),
        {**order, "not_after": str(start.date())},
        clinic,
        booked=[
            {
                "patient": one["patient"],
                "chair": one.get("chair", f"c{index}"),
                "start": f"{one['start']}Z",
                "end": f"{one['end']}Z",
            }
            for index, one in enumerate(here)
        ],
        patient={
            "available": {weekday_key(start.date()): [f"{start:%H:%M}-{end:%H:%M}"]},
            "busy": [[f"{one['start']}Z", f"{one['end']}Z"] for one in elsewhere],
        },
    )


def result(found: Answer) -> str:
    if found.exit_code == 0:
        return "booked"
    is_full = any(problem["resource"] == "chairs" for problem in found.body["problems"])
    return "refused: full" if is_full else "refused"


ACTIONS: dict[str, Callable[[Json, Any], Json]] = {
    "series": run_series,
    "book_series": run_book_series,
    "list_slots": run_list_slots,
    "book": run_book,
}
