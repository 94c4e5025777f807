"""A scenario's clinic: its hours and closures, its resources, and its snapshot over the days of a search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final, get_args

from scheduling.capacity import Chair, ClinicSnapshot, Equipment, Nurse, Prescriber, PresenceRule
from scheduling.clinic_time import MINUTES_A_DAY, ClinicTime
from scheduling.intervals import Interval, merge
from scheduling.scenario import values
from scheduling.scenario.booked import BookedVisit
from scheduling.scenario.calendar import Calendar, Week
from scheduling.scenario.fields import Fields, Reading
from scheduling.scenario.resources import KINDS, Kind, Listed, read_resources
from scheduling.scenario.taken import what_is_taken

KNOWN: Final = frozenset(
    (
        "time_zone", "grid_minutes", "hours", "closed", "last_end", "min_staff", "prescriber_presence_rule",
        "with_patient_counts_as_present", *KINDS,
    )
)  # fmt: skip
RULES: Final[tuple[PresenceRule, ...]] = get_args(PresenceRule)
GRID_MINUTES: Final = 15
MOST_STAFF: Final = 1000


@dataclass(frozen=True)
class ScenarioClinic:
    """The clinic as the scenario says it, before the days of the search are known."""

    clock: ClinicTime
    grid_minutes: int
    hours: Week
    closed: tuple[Interval, ...]
    closed_days: frozenset[date]
    last_end: time | None
    min_staff: int
    presence_rule: PresenceRule
    resources: dict[Kind, list[Listed]]

    @property
    def ids(self) -> dict[Kind, frozenset[str]]:
        return {kind: frozenset(one.id for one in listed) for kind, listed in self.resources.items()}

    def stands_until(self, now: datetime, ends: Iterable[datetime]) -> date:
        """The last day with something dated: these ends, a closure, an absence or an outage."""
        away = (period.end for listed in self.resources.values() for one in listed for period in one.away)
        last = max([now, *ends, *away, *(period.end for period in self.closed)])
        return max([self.clock.local_day(last), *self.closed_days])

    def snapshot(self, calendar: Calendar, booked: Iterable[BookedVisit], now: datetime) -> ClinicSnapshot:
        """The clinic on these days, with what the booked visits take of it."""
        hours = calendar.opening(self.hours, self.closed, self.closed_days)
        opening = merge(period for day in hours.values() for period in day)
        of = self.resources
        prescribers = tuple(Prescriber(one.id, one.there(calendar, opening)) for one in of["prescribers"])
        equipment = tuple(Equipment(one.id, one.features, one.out(calendar)) for one in of["equipment"])
        taken = what_is_taken(booked, prescribers, equipment, calendar, now)
        return ClinicSnapshot(
            zone_name=self.clock.zone_name,
            grid_minutes=self.grid_minutes,
            open=hours,
            chairs=tuple(Chair(one.id, one.features, one.out(calendar)) for one in of["chairs"]),
            bays=tuple(Chair(one.id, one.features, one.out(calendar)) for one in of["bays"]),
            equipment=equipment,
            nurses=tuple(
                Nurse(one.id, one.watch, one.watch_while_attending, one.presence.periods(calendar, opening), one.away)
                for one in of["nurses"]
            ),
            prescribers=prescribers,
            claims=taken.claims,
            seated=taken.seated,
            last_end=self.last_end,
            min_staff=self.min_staff,
            prescriber_presence_rule=self.presence_rule,
        )


def read_clinic(data: Any, reading: Reading) -> ScenarioClinic:
    """The clinic, and its clock for everything that is read after it. What is wrong is noted, and something harmless
    stands for it."""
    clinic = Fields(data, "clinic", reading, KNOWN)
    clock = clinic.needed("time_zone", lambda value: ClinicTime(values.word(value)))
    reading.clock = clock
    if clinic.data.get("hours") is None:
        clinic.wrong("hours", "is needed")
    hours = reading.week(clinic.data["hours"], "clinic.hours") if clinic.data.get("hours") is not None else {}
    closed, closed_days = _closed(clinic)
    grid = clinic.read("grid_minutes", _grid)
    last_end = clinic.read("last_end", lambda value: None if value == "24:00" else values.wall_time(value))
    staff = clinic.read("min_staff", values.whole(0, MOST_STAFF))
    rule = _presence_rule(clinic)
    resources = read_resources(clinic)
    return ScenarioClinic(
        clock or ClinicTime("UTC"),
        grid or GRID_MINUTES,
        hours,
        closed,
        closed_days,
        last_end,
        staff or 0,
        rule,
        resources,
    )


def _grid(value: Any) -> int:
    found = values.whole(5, MINUTES_A_DAY)(value)
    if found % 5:
        raise values.WrongValue(f"is a multiple of 5 minutes, not {found}")
    return found


def _closed(clinic: Fields) -> tuple[tuple[Interval, ...], frozenset[date]]:
    """Closed are whole days, "2026-12-25", and pairs of instants."""
    value, reading = clinic.data.get("closed"), clinic.reading
    if value is None:
        return (), frozenset()
    if not isinstance(value, list):
        clinic.wrong("closed", 'is a list of dates and of ["start", "end"]')
        return (), frozenset()
    periods, days = [], set()
    for index, entry in enumerate(value):
        path = f"clinic.closed[{index}]"
        if isinstance(entry, list):
            periods.append(reading.period(entry, path))
        else:
            days.add(reading.read(entry, path, values.day))
    return tuple(one for one in periods if one), frozenset(one for one in days if one)


def _presence_rule(clinic: Fields) -> PresenceRule:
    """Whether a prescriber who is with a patient also counts as present; they do unless the clinic says otherwise."""
    said = clinic.read("prescriber_presence_rule", values.one_of(RULES))
    counts = clinic.read("with_patient_counts_as_present", values.flag)
    if said is not None and counts is not None and (said == "on-site") != counts:
        clinic.wrong("with_patient_counts_as_present", f"contradicts prescriber_presence_rule {said}")
    return "not-with-patient" if counts is False or said == "not-with-patient" else "on-site"
