"""The starts of one infusion worked out from a scenario's JSON alone, minute by minute and chair by chair, as slowly as
a person would: nothing of the reader or the engine is used. For one day in UTC, direct starts, no bays or equipment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

Json = dict[str, Any]
STEP = timedelta(minutes=5)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def starts(scenario: Json, day: date) -> list[str]:
    """Every start on the day, as ISO time of day."""
    midnight = datetime.fromisoformat(f"{day}T00:00+00:00")
    grid = timedelta(minutes=scenario["clinic"]["grid_minutes"])
    tried = [midnight + index * grid for index in range(24 * 60 // scenario["clinic"]["grid_minutes"])]
    return [f"{start:%H:%M}" for start in tried if _fits(scenario, start)]


def _fits(scenario: Json, start: datetime) -> bool:
    clinic, phases = scenario["clinic"], scenario["order"]["phases"]
    spans = list(_spans(phases, start))
    there = [moment for phase, moment in spans if phase.get("name") != "turnover"]
    seat = [moment for phase, moment in spans if phase.get("chair", True)]
    seat = list(_moments(seat[0], seat[-1] + STEP)) if seat else []
    features = {word for phase in phases if phase.get("chair", True) for word in phase.get("features", [])}
    with_patient = [moment for phase, moment in spans if phase.get("prescriber") == "with-patient"]
    return (
        start >= datetime.fromisoformat(scenario["now"])
        and all(_is_open(clinic, moment) for moment in there)
        and _in_time(clinic, there)
        and _patient_can(scenario, there)
        and all(
            _staff(clinic, moment) >= clinic.get("min_staff", 0)
            for phase, moment in spans
            if phase.get("chair", True) and phase.get("name") != "turnover"
        )
        and (not seat or any(_chair_is_free(scenario, chair, seat, features) for chair in clinic["chairs"]))
        and _some_nurse_can(scenario, spans)
        and all(_someone_present(scenario, moment) for phase, moment in spans if phase.get("prescriber") is True)
        and (
            not with_patient
            or any(
                all(_there(one, moment) and not _busy_with_patient(scenario, one, moment) for moment in with_patient)
                for one in clinic["prescribers"]
            )
        )
    )


def _spans(phases: list[Json], start: datetime) -> Iterator[tuple[Json, datetime]]:
    """Each phase with each of its steps of 5 minutes."""
    for phase in phases:
        end = start + timedelta(minutes=phase["minutes"])
        yield from ((phase, moment) for moment in _moments(start, end))
        start = end


def _moments(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += STEP


def _in_pairs(pairs: list[list[str]], moment: datetime) -> bool:
    return any(datetime.fromisoformat(start) <= moment < datetime.fromisoformat(end) for start, end in pairs)


def _in_week(week: Json, moment: datetime) -> bool:
    ranges = [text.split("-") for text in week.get(WEEKDAYS[moment.weekday()], [])]
    return any(start <= f"{moment:%H:%M}" < end for start, end in ranges)


def _is_open(clinic: Json, moment: datetime) -> bool:
    days = [one for one in clinic["closed"] if isinstance(one, str)]
    pairs = [one for one in clinic["closed"] if isinstance(one, list)]
    return _in_week(clinic["hours"], moment) and f"{moment:%Y-%m-%d}" not in days and not _in_pairs(pairs, moment)


def _in_time(clinic: Json, there: list[datetime]) -> bool:
    return clinic["last_end"] is None or f"{there[-1] + STEP:%H:%M}" <= clinic["last_end"]


def _there(resource: Json, moment: datetime) -> bool:
    said = resource.get("shifts", resource.get("on_site"))
    present = _in_pairs(said, moment) if isinstance(said, list) else said is None or _in_week(said, moment)
    return present and not _in_pairs(resource.get("absent") or resource.get("out") or [], moment)


def _staff(clinic: Json, moment: datetime) -> int:
    return sum(_there(one, moment) for one in (*clinic["nurses"], *clinic["prescribers"]))


def _patient_can(scenario: Json, there: list[datetime]) -> bool:
    patient, own = scenario["patient"], scenario["order"]["patient"]
    mine = [
        moment
        for row in scenario["booked"]
        if row["patient"] == own
        for phase, moment in _uses(row)
        if phase is None or phase.get("name") != "turnover"
    ]
    week = patient["available"]
    return all(
        (week is None or _in_week(week, moment)) and moment not in mine and not _in_pairs(patient["busy"], moment)
        for moment in there
    )


def _uses(row: Json) -> Iterator[tuple[Json | None, datetime]]:
    start = datetime.fromisoformat(row["start"])
    if "phases" in row:
        yield from _spans(row["phases"], start)
    else:
        yield from ((None, moment) for moment in _moments(start, datetime.fromisoformat(row["end"])))


def _chair_is_free(scenario: Json, chair: Json, seat: list[datetime], features: set[str]) -> bool:
    taken: set[datetime] = set()
    for row in scenario["booked"]:
        sits = [moment for phase, moment in _uses(row) if phase is None or phase.get("chair", True)]
        if row.get("chair") == chair["id"] and sits:
            taken.update(_moments(sits[0], sits[-1] + STEP))
    return features <= set(chair.get("features", [])) and all(
        _there(chair, moment) and moment not in taken for moment in seat
    )


def _with_nurse(scenario: Json, nurse: Json, moment: datetime) -> tuple[int, bool]:
    """How many patients she watches, and whether one has her attention."""
    watched, attending = 0, False
    for row in scenario["booked"]:
        if row.get("nurse") == nurse["id"]:
            for phase, at in _uses(row):
                if at == moment:
                    need = "watch" if phase is None else phase.get("nurse", "none")
                    watched, attending = watched + (need == "watch"), attending or need == "attention"
    return watched, attending


def _some_nurse_can(scenario: Json, spans: list[tuple[Json, datetime]]) -> bool:
    needs = [(phase["nurse"], moment) for phase, moment in spans if phase.get("nurse", "none") != "none"]
    return not needs or any(
        all(_nurse_can(scenario, nurse, need, moment) for need, moment in needs)
        for nurse in scenario["clinic"]["nurses"]
    )


def _nurse_can(scenario: Json, nurse: Json, need: str, moment: datetime) -> bool:
    watched, attending = _with_nurse(scenario, nurse, moment)
    others = nurse.get("watch_while_attending", nurse["watch"] - 1)
    if not _there(nurse, moment):
        return False
    if need == "attention":
        return not attending and watched <= others
    return watched < nurse["watch"] and not (attending and watched >= others)


def _someone_present(scenario: Json, moment: datetime) -> bool:
    counts = scenario["clinic"]["with_patient_counts_as_present"]
    return any(
        _there(one, moment) and (counts or not _busy_with_patient(scenario, one, moment))
        for one in scenario["clinic"]["prescribers"]
    )


def _busy_with_patient(scenario: Json, prescriber: Json, moment: datetime) -> bool:
    return any(
        at == moment and phase is not None and phase.get("prescriber") == "with-patient"
        for row in scenario["booked"]
        if row.get("prescriber") == prescriber["id"]
        for phase, at in _uses(row)
    )
