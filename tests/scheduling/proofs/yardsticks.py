"""Instances made elsewhere, as snapshots and terms: the yardstick's seeded clinics, and a day ward of Troyes."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from scheduling.capacity import Chair, ClinicSnapshot, Nurse, Phase, Prescriber, Role, TakenSpans
from scheduling.clinic_time import WEEKDAYS, ClinicTime, WallRange
from scheduling.intervals import Interval, merge
from scheduling.series_terms import DoseRequest, PatientTimes, SeriesTerms, Wish
from scheduling.spacing import Spacing
from tests.fakes.shared_inputs import shared_file

# The yardstick's day: slots of a quarter hour from eight o'clock on, days counted from a Monday.
FIRST, OPENS, SLOT = date(2027, 1, 4), time(8), timedelta(minutes=15)
STEPS_A_SLOT = 3


class Ranked(NamedTuple):
    """Finish day, slots off the wish in all, days: as the yardstick's solvers say it."""

    finish: int
    slots_off: int
    days: tuple[int, ...]


@dataclass(frozen=True)
class Yardstick:
    """One of the seeded clinics, with what the yardstick's solver finds."""

    clinic: ClinicSnapshot
    terms: SeriesTerms
    patient: PatientTimes
    wish: Wish
    best: list[Ranked]


def yardstick(seed: int, occupied: float) -> Yardstick:
    folder = str(shared_file("bench"))
    sys.path.insert(0, folder)
    try:
        instances, solvers = import_module("instance"), import_module("solvers")
    finally:
        sys.path.remove(folder)
    made = instances.make(seed, occ=occupied)
    terms = SeriesTerms(
        tuple(DoseRequest(number, VISIT) for number in range(1, instances.VISITS + 1)),
        (Spacing("each", "previous", instances.GMIN, None, instances.GMAX),),
        within_days=instances.SPAN + 1,
    )
    windows = {
        WEEKDAYS[weekday]: (WallRange(480 + 15 * first, 480 + 15 * after),)
        for weekday, (first, after) in made.patient.items()
    }
    wish = Wish((datetime.combine(FIRST, OPENS) + made.pref * SLOT).time())
    best = [Ranked(*one) for one in solvers.bitset(made)]
    return Yardstick(_yardstick_clinic(made, instances), terms, PatientTimes(windows), wish, best)


# A start takes the nurse for its first quarter hour; then she watches.
VISIT = (
    Phase("set up", 15, nurse="attention", prescriber="present"),
    Phase("infuse", 105, nurse="watch", prescriber="present"),
)


def _yardstick_clinic(made: Any, instances: Any) -> ClinicSnapshot:
    clock = ClinicTime("UTC")
    day_start = {day: clock.at_wall(FIRST + timedelta(days=day), OPENS) for day in range(made.H)}

    def there(day: int, first: int, after: int) -> Interval:
        return Interval(day_start[day] + first * SLOT, day_start[day] + after * SLOT)

    taken: dict[tuple[str, Role], list[int]] = defaultdict(list)
    for chair, nurse, day, slot in made.appts:
        first = int(day_start[day].timestamp()) // 300 + slot * STEPS_A_SLOT
        set_up, after = first + STEPS_A_SLOT, first + instances.L * STEPS_A_SLOT
        taken[f"chair {chair:02}", "seat"] += [first, after]
        taken[f"nurse {nurse}", "attention"] += [first, set_up]
        taken[f"nurse {nurse}", "watch"] += [set_up, after]
    claims: list[TakenSpans] = [(one, role, flat) for (one, role), flat in taken.items()]
    whole = tuple(there(day, 0, instances.S) for day in made.open)
    return ClinicSnapshot(
        "UTC",
        15,
        {FIRST + timedelta(days=day): (there(day, 0, instances.S),) if day in made.open else () for day in day_start},
        tuple(Chair(f"chair {index:02}") for index in range(instances.CH)),
        tuple(Nurse(f"nurse {index}", instances.CAP, shifts=whole) for index in range(instances.NU)),
        tuple(
            Prescriber(f"prescriber {one}", tuple(there(*row[1:]) for row in made.presc if row[0] == one))
            for one in range(2)
        ),
        claims=claims,
    )


# ---------------------------------------------------------------------------------------------------- a day ward

WARD_FIRST, WARD_OPENS, WARD_SLOT = date(2019, 3, 4), time(8), 30


@dataclass(frozen=True)
class Ward:
    """A day ward: its clinic, each patient's cycle, and how many nurses there are by day and slot."""

    clinic: ClinicSnapshot
    cycles: tuple[SeriesTerms, ...]
    nurses: Sequence[Sequence[int]]
    watch: int


def ward_files() -> list[Path]:
    return sorted(shared_file("real/cht-i").glob("instance_*.json"))


def ward(file: Path) -> Ward:
    """Slots are half hours from eight o'clock on; a nurse who installs a patient watches nobody meanwhile.

    The pharmacy is left out, since it has no limit but its hours; a patient whose drug is mixed on the day waits for it
    in the chair.
    """
    data = json.loads(file.read_text())
    param = data["param"]
    clock, slots = ClinicTime("Europe/Paris"), param["numTimeSlots"]
    days = [WARD_FIRST + timedelta(days=index) for index in range(param["days"])]

    def slot(day: date, index: int) -> Interval:
        start = clock.at_wall(day, WARD_OPENS) + timedelta(minutes=WARD_SLOT * index)
        return Interval(start, start + timedelta(minutes=WARD_SLOT))

    def on(counts: Sequence[Sequence[int]], least: int) -> tuple[Interval, ...]:
        return tuple(
            merge(
                slot(day, index)
                for day, row in zip(days, counts[1:], strict=True)
                for index in range(slots)
                if row[index] >= least
            )
        )

    opening = {day: Interval(slot(day, 0).start, slot(day, slots - 1).end) for day in days}
    most = {"nurse": max(map(max, param["nurses"])), "doctor": max(map(max, param["doctors"]["0"]))}
    clinic = ClinicSnapshot(
        "Europe/Paris",
        WARD_SLOT,
        {day: (opening[day],) for day in days},
        tuple(Chair(f"seat {index:02}") for index in range(param["numMaterials"])),
        tuple(
            Nurse(f"nurse {index}", param["multitasks"], 0, on(param["nurses"], index))
            for index in range(1, most["nurse"] + 1)
        ),
        tuple(
            Prescriber(f"doctor {index}", on(param["doctors"]["0"], index)) for index in range(1, most["doctor"] + 1)
        ),
    )
    cycles = tuple(_cycle(one["rdvDemands"], param) for one in data["demands"])
    return Ward(clinic, cycles, [row[:slots] for row in param["nurses"][1:]], param["multitasks"])


def _cycle(demands: Sequence[dict[str, Any]], param: dict[str, Any]) -> SeriesTerms:
    doses, rules = [], []
    for number, demand in enumerate(demands, 1):
        doses.append(DoseRequest(number, tuple(_ward_phases(demand, param))))
        if number > 1:
            rest = demand["afterLastRequest"]
            rules.append(Spacing(number, "previous", rest, rest, rest))
    return SeriesTerms(tuple(doses), tuple(rules))


def _ward_phases(demand: dict[str, Any], param: dict[str, Any]) -> list[Phase]:
    install, mix = param["installationLength"], demand["medPrepDuration"]
    phases = []
    if demand["needingConsultation"]:
        minutes = param["consultationLength"] * WARD_SLOT
        phases.append(Phase("consultation", minutes, chair=False, prescriber="with-patient"))
    phases.append(Phase("installation", install * WARD_SLOT, nurse="attention"))
    if demand["medPreparedSameDay"] and mix > install:
        phases.append(Phase("wait", (mix - install) * WARD_SLOT))
    if demand["treatmentDuration"]:
        phases.append(Phase("treatment", demand["treatmentDuration"] * WARD_SLOT, nurse="watch"))
    return phases
