"""A scenario's order: how many infusions, their phases and rules, what was given."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from scheduling.capacity import STEP_MINUTES, Phase
from scheduling.scenario import values
from scheduling.scenario.booked import MOST_DOSES
from scheduling.scenario.fields import Fields, Reading
from scheduling.scenario.phases import PhaseReader, Phases
from scheduling.scenario.rules import read_spacings
from scheduling.series_terms import DoseRequest, SeriesTerms
from scheduling.spacing import Spacing

KNOWN: Final = frozenset(
    (
        "patient", "doses", "phases", "phases_by_dose", "spacing", "per_week", "within_days", "not_before", "not_after",
        "gates", "given",
    )
)  # fmt: skip
MOST_DAYS: Final = 10_000
LONGEST_REVIEW: Final = 24 * 60 - STEP_MINUTES


@dataclass(frozen=True)
class ScenarioOrder:
    """`phases` by infusion number. `gates` has the minutes of the review after an infusion, 0 for one at the chair."""

    patient: str | None
    doses: int
    phases: Mapping[int, Phases]
    spacings: tuple[Spacing, ...]
    per_week: int | None
    within_days: int | None
    not_before: date | None
    not_after: date | None
    gates: Mapping[int, int]
    given: Mapping[int, datetime]

    def to_place(self, booked: Collection[int]) -> list[int]:
        """The infusions that are neither given nor kept where they are booked."""
        return [number for number in range(1, self.doses + 1) if number not in self.given and number not in booked]

    def terms(self, booked: Mapping[int, datetime], *, reviewed: bool) -> SeriesTerms | None:
        """What the search is asked for, None when nothing is to be placed; `booked` are the infusions that stay.
        Without `reviewed` nobody is there for reviews, so none is placed."""
        numbers = self.to_place(booked)
        if not numbers:
            return None
        return SeriesTerms(
            doses=tuple(DoseRequest(number, self.phases[number]) for number in numbers),
            spacings=self.spacings,
            within_days=self.within_days,
            per_week=self.per_week,
            reviews={
                after: (Phase("review", minutes, chair=False, prescriber="with-patient"),)
                for after, minutes in self.gates.items()
                if reviewed and minutes and after + 1 in numbers
            },
            given=self.given,
            booked=booked,
            not_before=self.not_before,
            not_after=self.not_after,
        )


def read_order(data: Any, reading: Reading, phases: PhaseReader) -> ScenarioOrder | None:
    """The order, or None where something in it is wrong or missing, which is noted."""
    known = len(reading.faults)
    order = Fields(data, "order", reading, KNOWN)
    doses = order.needed("doses", values.whole(1, MOST_DOSES))
    most = doses or MOST_DOSES
    found = ScenarioOrder(
        patient=order.name("patient", "patient"),
        doses=most,
        phases=_phases(order, most, phases),
        spacings=read_spacings(order, most),
        per_week=order.read("per_week", values.whole(1, MOST_DAYS)),
        within_days=order.read("within_days", values.whole(1, MOST_DAYS)),
        not_before=order.read("not_before", lambda value: _local_day(value, reading)),
        not_after=order.read("not_after", lambda value: _local_day(value, reading)),
        gates=_gates(order, most),
        given=_given(order, most),
    )
    if found.not_before and found.not_after and found.not_after < found.not_before:
        order.wrong("not_after", f"is before not_before, {found.not_before}")
    return found if len(reading.faults) == known else None


def _phases(order: Fields, doses: int, phases: PhaseReader) -> dict[int, Phases]:
    own = _phases_by_dose(order, doses, phases)
    said = order.data.get("phases")
    if said is None and len(own) < doses:
        order.wrong("phases", "is needed")
    usual = phases.phases(said, order.at("phases")) if said is not None else None
    return {number: one for number in range(1, doses + 1) if (one := own.get(number, usual)) is not None}


def _phases_by_dose(order: Fields, doses: int, phases: PhaseReader) -> dict[int, Phases]:
    said = order.data.get("phases_by_dose")
    if said is not None and not isinstance(said, dict):
        order.wrong("phases_by_dose", "is a mapping of infusion numbers to phases")
    found: dict[int, Phases] = {}
    numbers = {str(number): number for number in range(1, doses + 1)}
    for key, value in said.items() if isinstance(said, dict) else ():
        path = f"{order.at('phases_by_dose')}.{key}"
        if key not in numbers:
            order.reading.wrong(path, f"is not an infusion of this order, 1 to {doses}")
        elif value is not None and (one := phases.phases(value, path)) is not None:
            found[numbers[key]] = one
    return found


def _local_day(value: Any, reading: Reading) -> date:
    """A date, or the clinic-local day of an instant."""
    if not isinstance(value, str) or "T" not in value or reading.clock is None:
        return values.day(value)
    return reading.clock.local_day(reading.instant(value))


def _gates(order: Fields, doses: int) -> dict[int, int]:
    gates: dict[int, int] = {}
    for entry in order.parts("gates", frozenset(("after", "minutes"))):
        after = entry.needed("after", values.whole(1, doses))
        minutes = entry.read("minutes", values.whole(0, LONGEST_REVIEW)) or 0
        if minutes % STEP_MINUTES:
            entry.wrong("minutes", f"is a multiple of {STEP_MINUTES}, not {minutes}")
        if after in gates:
            entry.wrong("after", f"names infusion {after} a second time")
        if after is not None:
            gates[after] = minutes
    return gates


def _given(order: Fields, doses: int) -> dict[int, datetime]:
    given: dict[int, datetime] = {}
    for entry in order.parts("given", frozenset(("dose", "at"))):
        dose, at = entry.needed("dose", values.whole(1, doses)), entry.needed("at", order.reading.instant)
        if dose in given:
            entry.wrong("dose", f"names infusion {dose} a second time")
        if dose is not None and at is not None:
            given[dose] = at
    return given
