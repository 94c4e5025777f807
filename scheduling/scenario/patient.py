"""When a scenario's patient can come, and what they wish."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scheduling.clinic_time import WEEKDAYS
from scheduling.intervals import Interval
from scheduling.scenario import values
from scheduling.scenario.booked import BookedVisit
from scheduling.scenario.fields import Fields, Reading
from scheduling.series_terms import PatientTimes, Wish


def read_patient(data: Any, reading: Reading) -> PatientTimes:
    """Their weekly times, any time where none are said, and when they are busy elsewhere."""
    patient = Fields({} if data is None else data, "patient", reading, ("available", "busy"))
    week = patient.data.get("available")
    available = None if week is None else reading.week(week, patient.at("available"))
    return PatientTimes(available, patient.periods("busy"))


def busy_with(patient: PatientTimes, visits: Iterable[BookedVisit]) -> PatientTimes:
    """The same times without those of the patient's own visits."""
    return PatientTimes(patient.available, (*patient.busy, *(Interval(one.start, one.end) for one in visits)))


def read_wish(data: Any, reading: Reading) -> Wish:
    wish = Fields({} if data is None else data, "wish", reading, ("time", "weekdays"))
    weekdays = wish.each("weekdays", values.one_of(WEEKDAYS)) if wish.data.get("weekdays") is not None else None
    return Wish(wish.read("time", values.wall_time), None if weekdays is None else frozenset(weekdays))
