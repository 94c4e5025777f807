"""The yardsticks in the folder `shared` beside the checkout, and what an instance of theirs is in our words.

An instance: 12 chairs, 4 nurses who watch 3 and start one a quarter hour, 2 prescribers, 90 days, about 70 % booked. A
visit's first quarter hour is the nurse's attention with two others watched meanwhile, the rest is watch.
"""

from __future__ import annotations

import importlib
import sys
from array import array
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bench import FOLDER
from scheduling.capacity import STEP_SECONDS, Chair, ClinicSnapshot, Nurse, Phase, Prescriber, Role
from scheduling.clinic_time import WEEKDAYS, WallRange
from scheduling.intervals import Interval
from scheduling.series_terms import DoseRequest, PatientTimes, Proposal, SeriesTerms, Wish
from scheduling.spacing import Spacing

QUARTER = 15
OPENS = 8 * 60
CLOSES = 18 * 60
# The order that the instances' series are booked from, as a signed order says it.
PHASES: list[dict[str, Any]] = [
    {"name": "set up", "minutes": 15, "nurse": "attention", "prescriber": "present"},
    {"name": "infuse", "minutes": 105, "nurse": "watch", "prescriber": "present"},
]
ORDER: dict[str, Any] = {
    "doses": 6,
    "within_days": 21,
    "spacing": [{"dose": "each", "after": "previous", "min": 2, "target": 3, "max": 4}],
    "phases": PHASES,
}
VISIT = Phase.list_from(PHASES)


# Finish day, and quarter hours off the wish.
Rank = tuple[int, int]


def _module(name: str) -> Any:
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    return importlib.import_module(name)


def make_instance(seed: int, *, occupied: float = 0.70) -> Any:
    """The seeded instance, as `instance.make` gives it."""
    return _module("instance").make(seed, occ=occupied)


def solvers() -> Any:
    """The module of solvers; OR-tools is imported by `cpsat` alone."""
    return _module("solvers")


def any_time_of_day(instance: Any) -> Any:
    """The same instance for a patient who names weekdays and a time of day, but no hours."""
    instance.patient = dict.fromkeys(instance.patient, (0, (CLOSES - OPENS) // QUARTER))
    return instance


def at(monday: date, day: int, slot: int) -> datetime:
    """The instant of a day and slot of an instance that begins on `monday` in a clinic on UTC."""
    return datetime.combine(monday, time(), UTC) + timedelta(days=day, minutes=OPENS + QUARTER * slot)


def snapshot_of(instance: Any, monday: date) -> ClinicSnapshot:
    """The instance as the search reads a clinic."""
    slots = (CLOSES - OPENS) // QUARTER
    whole = {day: Interval(at(monday, day, 0), at(monday, day, slots)) for day in instance.open}
    taken: dict[tuple[str, Role], array[int]] = defaultdict(lambda: array("i"))
    for chair, nurse, day, slot in instance.appts:
        begins, up, ends = (int(at(monday, day, slot + after).timestamp()) // STEP_SECONDS for after in (0, 1, 8))
        taken[f"chair{chair}", "seat"].extend((begins, ends))
        taken[f"nurse{nurse}", "attention"].extend((begins, up))
        taken[f"nurse{nurse}", "watch"].extend((up, ends))
    days = {monday + timedelta(days=day): (whole[day],) if day in whole else () for day in range(instance.H)}
    return ClinicSnapshot(
        zone_name="UTC",
        grid_minutes=QUARTER,
        open=days,
        chairs=tuple(Chair(f"chair{number}") for number in range(12)),
        nurses=tuple(Nurse(f"nurse{number}", 3, 2, tuple(whole.values())) for number in range(4)),
        prescribers=tuple(
            Prescriber(f"prescriber{number}", tuple(on_site(instance, monday, number))) for number in range(2)
        ),
        claims=[(resource, role, spans) for (resource, role), spans in taken.items()],
    )


def on_site(instance: Any, monday: date, number: int) -> list[Interval]:
    """When a prescriber of the instance is there."""
    return [
        Interval(at(monday, day, first), at(monday, day, after))
        for who, day, first, after in instance.presc
        if who == number
    ]


def series_terms() -> SeriesTerms:
    """What the search is asked to place: six visits, 2 to 4 days apart, within 21 days."""
    doses = tuple(DoseRequest(number, VISIT) for number in range(1, ORDER["doses"] + 1))
    return SeriesTerms(doses, Spacing.list_from(ORDER["spacing"]), within_days=ORDER["within_days"])


def patient_times(instance: Any) -> PatientTimes:
    """When the instance's patient can come."""
    windows = {
        WEEKDAYS[weekday]: (WallRange(OPENS + QUARTER * first, OPENS + QUARTER * after),)
        for weekday, (first, after) in instance.patient.items()
    }
    return PatientTimes(windows)


def wish_of(instance: Any) -> Wish:
    """The wished time of day, on the instance's weekdays."""
    minutes = OPENS + QUARTER * instance.pref
    return Wish(time(minutes // 60, minutes % 60), frozenset(WEEKDAYS[weekday] for weekday in instance.patient))


def ranks(proposals: tuple[Proposal, ...], monday: date) -> list[Rank]:
    """Finish day and quarter hours off the wish of each, in the yardsticks' units."""
    return [((found.finish_date - monday).days, found.minutes_off_wish // QUARTER) for found in proposals]


def ranks_of_floor(found: list[Any]) -> list[Rank]:
    """The same of what a yardstick found."""
    return [(one[0], one[1]) for one in found]


def same_or_fail(seed: int, theirs: list[Rank], ours: list[Rank]) -> None:
    """A quick wrong answer is no result."""
    if theirs != ours:
        raise AssertionError(f"seed {seed}: the yardstick finds {theirs}, ours {ours}")
