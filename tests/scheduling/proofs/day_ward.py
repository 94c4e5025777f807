"""A chemotherapy day ward of Troyes: instances that others made, as snapshots and terms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from scheduling.capacity import Chair, ClinicSnapshot, Nurse, Phase, Prescriber
from scheduling.clinic_time import ClinicTime
from scheduling.intervals import Interval, merge
from scheduling.series_terms import DoseRequest, SeriesTerms
from scheduling.spacing import Spacing
from tests.fakes.shared_inputs import shared_file

FIRST, OPENS, SLOT = date(2019, 3, 4), time(8), 30


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
    days = [FIRST + timedelta(days=index) for index in range(param["days"])]

    def slot(day: date, index: int) -> Interval:
        start = clock.at_wall(day, OPENS) + timedelta(minutes=SLOT * index)
        return Interval(start, start + timedelta(minutes=SLOT))

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
        SLOT,
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
        doses.append(DoseRequest(number, tuple(_phases(demand, param))))
        if number > 1:
            rest = demand["afterLastRequest"]
            rules.append(Spacing(number, "previous", rest, rest, rest))
    return SeriesTerms(tuple(doses), tuple(rules))


def _phases(demand: dict[str, Any], param: dict[str, Any]) -> list[Phase]:
    install, mix = param["installationLength"], demand["medPrepDuration"]
    phases = []
    if demand["needingConsultation"]:
        minutes = param["consultationLength"] * SLOT
        phases.append(Phase("consultation", minutes, chair=False, prescriber="with-patient"))
    phases.append(Phase("installation", install * SLOT, nurse="attention"))
    if demand["medPreparedSameDay"] and mix > install:
        phases.append(Phase("wait", (mix - install) * SLOT))
    if demand["treatmentDuration"]:
        phases.append(Phase("treatment", demand["treatmentDuration"] * SLOT, nurse="watch"))
    return phases
