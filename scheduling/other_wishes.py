"""The same question with other times of the patient, other weekdays, or fewer infusions."""

from __future__ import annotations

from dataclasses import replace

from scheduling.asked import Asked, Change
from scheduling.clinic_time import MINUTES_A_DAY, WallRange


def patient_times(asked: Asked, change: Change) -> Asked:
    """Each range begins `earlier` and ends `later` minutes than said, inside its day."""

    def wider(one: WallRange) -> WallRange:
        start = max(one.start - change.get("earlier", 0), 0)
        return WallRange(start, min(one.end + change.get("later", 0), MINUTES_A_DAY))

    available = {day: tuple(map(wider, ranges)) for day, ranges in (asked.patient.available or {}).items()}
    return replace(asked, patient=replace(asked.patient, available=available))


def patient_weekday(asked: Asked, change: Change) -> Asked:
    available = {**(asked.patient.available or {}), change["weekday"]: (WallRange(0, MINUTES_A_DAY),)}
    return replace(asked, patient=replace(asked.patient, available=available))


def patient_any_time(asked: Asked, _: Change) -> Asked:
    return replace(asked, patient=replace(asked.patient, available=None))


def wished_weekdays(asked: Asked, change: Change) -> Asked:
    weekdays = change["weekdays"]
    return replace(asked, wish=replace(asked.wish, weekdays=None if weekdays is None else frozenset(weekdays)))


def fewer(asked: Asked, change: Change) -> Asked:
    """No infusion after `last`, and no review behind it."""
    last, terms = change["last"], asked.terms
    doses = tuple(dose for dose in terms.doses if dose.number <= last)
    reviews = {after: phases for after, phases in terms.reviews.items() if after < last}
    return replace(asked, terms=replace(terms, doses=doses, reviews=reviews))
