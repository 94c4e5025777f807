"""A whole scenario: what a search is asked, from one mapping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from scheduling.capacity import ClinicSnapshot
from scheduling.scenario import values
from scheduling.scenario.booked import read_booked
from scheduling.scenario.calendar import Calendar
from scheduling.scenario.clinic import read_clinic
from scheduling.scenario.contradiction import contradiction
from scheduling.scenario.fields import Fields, Reading
from scheduling.scenario.horizon import FARTHEST, first_and_last
from scheduling.scenario.order import read_order
from scheduling.scenario.own_visits import own_visits
from scheduling.scenario.patient import busy_with, read_patient, read_wish
from scheduling.scenario.phases import PhaseReader
from scheduling.series_terms import PatientTimes, SeriesTerms, Wish
from scheduling.spacing import InvalidFields

KNOWN: Final = frozenset(("now", "clinic", "booked", "order", "patient", "wish", "count"))
# What a file of scenarios may say of itself beside the remarks that stand anywhere.
OF_THE_FILE: Final = frozenset(("id", "seed", "source", "expect", "expected"))
COUNT: Final = 10
MOST_PROPOSALS: Final = 1000
LONGEST_COUNT: Final = 10


@dataclass(frozen=True)
class Scenario:
    """A search, read. `terms` is None when every infusion is given or stays booked. `contradiction` names the rules
    that no calendar can keep together. `numbers` are the names that the scenario wrote as whole numbers, by kind."""

    clinic: ClinicSnapshot
    terms: SeriesTerms | None
    patient: PatientTimes
    wish: Wish
    now: datetime
    count: int
    contradiction: tuple[str, ...]
    numbers: frozenset[tuple[str, str]]


def read_scenario(data: Any, *, count: str | None = None) -> Scenario:
    """The scenario of a mapping; `count`, from the command line, wins over its own. Refuses with InvalidFields that
    names every wrong field by its path."""
    reading = Reading()
    try:
        scenario = _read(data, reading, count)
    except RecursionError:
        reading.wrong("scenario", "is nested too deeply")
        scenario = None
    if scenario is None or reading.faults:
        raise InvalidFields(reading.faults)
    return scenario


def _read(data: Any, reading: Reading, count: str | None) -> Scenario | None:
    fields = Fields(data, "", reading, KNOWN | OF_THE_FILE)
    said = {key: fields.data.get(key) for key in KNOWN}
    for key in ("clinic", "order"):
        if said[key] is None:
            fields.wrong(key, "is needed")
    # The clinic first: its zone says which local times there are.
    clinic = None if said["clinic"] is None else read_clinic(said["clinic"], reading)
    now = fields.needed("now", reading.instant)
    phases = PhaseReader(reading)
    ids = clinic.ids if clinic is not None and isinstance(said["clinic"], dict) else None
    booked = read_booked(said["booked"], reading, phases, ids)
    order = None if said["order"] is None else read_order(said["order"], reading, phases)
    patient, wish = read_patient(said["patient"], reading), read_wish(said["wish"], reading)
    most = _count(fields, count)
    if clinic is None or order is None or now is None:
        return None
    own = own_visits(booked, order, reading)
    if order.not_before and (order.not_before - clinic.clock.local_day(now)).days > FARTHEST:
        reading.wrong("order.not_before", f"is more than {FARTHEST} days after now")
    if reading.faults:
        return None
    standing = [visit for visit in booked if visit.path not in own.moved]
    until = clinic.stands_until(now, [*(visit.end for visit in standing), *(busy.end for busy in patient.busy)])
    calendar = Calendar(clinic.clock, *first_and_last(order, own.kept, clinic, now, until))
    return Scenario(
        clinic=clinic.snapshot(calendar, standing, now),
        terms=order.terms(own.kept, reviewed=bool(clinic.resources["prescribers"])),
        patient=busy_with(patient, own.stay),
        wish=wish,
        now=now,
        count=most,
        contradiction=contradiction(order, own.kept, clinic.clock),
        numbers=frozenset(reading.numbers),
    )


def _count(fields: Fields, asked: str | None) -> int:
    said = fields.read("count", values.whole(1, MOST_PROPOSALS)) or COUNT
    return said if asked is None else fields.reading.read(asked, "--count", _asked_count) or COUNT


def _asked_count(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < LONGEST_COUNT
    return values.whole(1, MOST_PROPOSALS)(int(text) if is_number else text)
