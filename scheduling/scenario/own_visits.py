"""The patient's own visits among the booked ones: which infusions stay where they are, and which are placed anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduling.scenario.booked import BookedVisit
from scheduling.scenario.fields import Reading
from scheduling.scenario.order import ScenarioOrder


@dataclass(frozen=True, slots=True)
class OwnVisits:
    """`kept` are the starts of infusions that stay, by number; `stay` are all visits of the patient that stay, and
    `moved` the paths of those to place anew."""

    kept: dict[int, datetime]
    stay: tuple[BookedVisit, ...]
    moved: frozenset[str]


def own_visits(booked: Sequence[BookedVisit], order: ScenarioOrder, reading: Reading) -> OwnVisits:
    """Notes an infusion that the order does not have, one that is booked twice, and one to move that was given."""
    own = [visit for visit in booked if visit.patient is not None and visit.patient == order.patient]
    numbers: set[int] = set()
    for visit in own:
        if visit.dose is None:
            continue
        if visit.dose > order.doses:
            reading.wrong(f"{visit.path}.dose", f"is infusion {visit.dose}, but the order has {order.doses}")
        if visit.dose in numbers:
            reading.wrong(f"{visit.path}.dose", f"is infusion {visit.dose}, which is booked above")
        if visit.movable and visit.dose in order.given:
            reading.wrong(f"{visit.path}.movable", f"is true, but infusion {visit.dose} was given")
        numbers.add(visit.dose)
    moved = frozenset(visit.path for visit in own if visit.movable and visit.dose is not None)
    stay = tuple(visit for visit in own if visit.path not in moved)
    return OwnVisits({visit.dose: visit.start for visit in stay if visit.dose is not None}, stay, moved)
