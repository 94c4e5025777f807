"""What a search is asked, and the same with one thing changed: a rule, the patient's times, the clinic's day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any, TypeVar

from scheduling.capacity import Chair, ClinicSnapshot, Equipment, Nurse, Prescriber
from scheduling.clinic_time import MINUTES_A_DAY, WallRange
from scheduling.intervals import Interval, merge, subtract
from scheduling.series_terms import PatientTimes, SeriesTerms, Wish
from scheduling.spacing import Spacing, rules_for

# Plain data that could be sent as JSON: "kind" is a key of CHANGES, days are ISO dates, lengths are in minutes.
Change = Mapping[str, Any]
# The id of somebody who does not work here yet.
ONE_MORE = "one more"
OutOfService = TypeVar("OutOfService", Chair, Equipment)


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a search is asked, but for how many proposals and from when."""

    clinic: ClinicSnapshot
    terms: SeriesTerms
    patient: PatientTimes
    wish: Wish


def changed(asked: Asked, change: Change) -> Asked:
    """The same question with one change. Refuses an unknown kind with KeyError."""
    return CHANGES[change["kind"]](asked, change)


# --------------------------------------------------------------------------------------------------- the patient's side


def _patient_times(asked: Asked, change: Change) -> Asked:
    """Each range begins `earlier` and ends `later` minutes than said, inside its day."""

    def wider(one: WallRange) -> WallRange:
        start = max(one.start - change.get("earlier", 0), 0)
        return WallRange(start, min(one.end + change.get("later", 0), MINUTES_A_DAY))

    available = {day: tuple(map(wider, ranges)) for day, ranges in (asked.patient.available or {}).items()}
    return replace(asked, patient=replace(asked.patient, available=available))


def _patient_weekday(asked: Asked, change: Change) -> Asked:
    available = {**(asked.patient.available or {}), change["weekday"]: (WallRange(0, MINUTES_A_DAY),)}
    return replace(asked, patient=replace(asked.patient, available=available))


def _patient_any_time(asked: Asked, _: Change) -> Asked:
    return replace(asked, patient=replace(asked.patient, available=None))


def _wished_weekdays(asked: Asked, change: Change) -> Asked:
    weekdays = change["weekdays"]
    return replace(asked, wish=replace(asked.wish, weekdays=None if weekdays is None else frozenset(weekdays)))


def _fewer(asked: Asked, change: Change) -> Asked:
    """No infusion after `last`, and no review behind it."""
    last, terms = change["last"], asked.terms
    doses = tuple(dose for dose in terms.doses if dose.number <= last)
    reviews = {after: phases for after, phases in terms.reviews.items() if after < last}
    return replace(asked, terms=replace(terms, doses=doses, reviews=reviews))


# ---------------------------------------------------------------------------------------------------- the clinic's side


def _hours(asked: Asked, change: Change) -> Asked:
    """Opens `earlier` and closes `later` minutes than now on `days`, inside the day; a closed day stays closed."""
    clinic = asked.clinic
    hours = dict(clinic.open)
    for day in _days(change):
        if hours.get(day):
            bounds, ranges = clinic.clock.day_bounds(day), sorted(hours[day])
            first, last = ranges[0], ranges[-1]
            opens = max(first.start - timedelta(minutes=change.get("earlier", 0)), bounds.start)
            closes = min(last.end + timedelta(minutes=change.get("later", 0)), bounds.end)
            hours[day] = tuple(merge((*ranges, Interval(opens, first.end), Interval(last.start, closes))))
    return replace(asked, clinic=replace(clinic, open=hours))


def _last_end(asked: Asked, change: Change) -> Asked:
    """Patients may stay until `until`; the clinic closes no earlier than that."""
    clinic, until = asked.clinic, time.fromisoformat(change["until"])
    minute = until.hour * 60 + until.minute
    hours = dict(clinic.open)
    for day, ranges in clinic.open.items():
        wanted = clinic.clock.on_day(day, WallRange(0, minute)) if ranges else None
        if wanted and max(ranges).start < wanted.end:
            hours[day] = tuple(merge((*ranges, Interval(max(ranges).start, wanted.end))))
    return replace(asked, clinic=replace(clinic, last_end=until, open=hours))


def _nurse(asked: Asked, change: Change) -> Asked:
    """On duty during the opening hours of `days`: the nurse `resource`, or one more when it is None."""
    clinic, there = asked.clinic, _opening(asked.clinic, change)
    if change["resource"] is None:
        watch = max((one.watch for one in clinic.nurses), default=1)
        return replace(asked, clinic=replace(clinic, nurses=(*clinic.nurses, Nurse(ONE_MORE, watch, shifts=there))))

    def on_duty(one: Nurse) -> Nurse:
        if one.id != change["resource"]:
            return one
        return replace(one, shifts=(*one.shifts, *there), absent=tuple(subtract(one.absent, there)))

    return replace(asked, clinic=replace(clinic, nurses=tuple(map(on_duty, clinic.nurses))))


def _prescriber(asked: Asked, change: Change) -> Asked:
    """On site during the opening hours of `days`: the prescriber `resource`, or one more when it is None."""
    clinic, there = asked.clinic, _opening(asked.clinic, change)
    if change["resource"] is None:
        return replace(asked, clinic=replace(clinic, prescribers=(*clinic.prescribers, Prescriber(ONE_MORE, there))))
    known = (
        replace(one, on_site=(*one.on_site, *there)) if one.id == change["resource"] else one
        for one in clinic.prescribers
    )
    return replace(asked, clinic=replace(clinic, prescribers=tuple(known)))


def _in_service(asked: Asked, change: Change) -> Asked:
    """No outage on `days` of the chair, bay or piece of equipment `resource`; of none at all when it is None."""
    clinic = asked.clinic
    whole = [clinic.clock.day_bounds(day) for day in _days(change)]

    def back(one: OutOfService) -> OutOfService:
        wanted = change["resource"] in (None, one.id)
        return replace(one, out=tuple(subtract(one.out, whole))) if wanted else one

    return replace(
        asked,
        clinic=replace(
            clinic,
            chairs=tuple(map(back, clinic.chairs)),
            bays=tuple(map(back, clinic.bays)),
            equipment=tuple(map(back, clinic.equipment)),
        ),
    )


def _min_staff(asked: Asked, change: Change) -> Asked:
    return replace(asked, clinic=replace(asked.clinic, min_staff=change["count"]))


# ------------------------------------------------------------------------------------------------------------ the order


def _limit_on_days(name: str) -> Callable[[Asked, Change], Asked]:
    def apply(asked: Asked, change: Change) -> Asked:
        day: Any = date.fromisoformat(change["day"])
        return replace(asked, terms=replace(asked.terms, **{name: day}))

    return apply


def _limit_on_count(name: str) -> Callable[[Asked, Change], Asked]:
    return lambda asked, change: replace(asked, terms=replace(asked.terms, **{name: change["count"]}))


def _spacing(side: str) -> Callable[[Asked, Change], Asked]:
    """The side of rule `entry` (its place among the order's rules) becomes `count`, for infusion `number` alone or for
    all when it is None."""
    return lambda asked, change: replace(
        asked, terms=with_side(asked.terms, change["entry"], change["number"], side, change["count"])
    )


def with_side(terms: SeriesTerms, entry: int, number: int | None, side: str, count: int) -> SeriesTerms:
    """The terms with one side of a rule said anew, for one infusion or, without a number, for all it binds."""
    sides: dict[str, Any] = {side: count}
    loosened = replace(terms.spacings[entry], **sides)
    if number is None or loosened.dose == number:
        spacings = [*terms.spacings[:entry], loosened, *terms.spacings[entry + 1 :]]
    else:
        spacings = [*terms.spacings, *_for_one(terms, entry, number, loosened)]
    return replace(terms, spacings=tuple(spacings))


def _for_one(terms: SeriesTerms, entry: int, number: int, loosened: Spacing) -> list[Spacing]:
    """The rule for one infusion. It takes the place of every rule for each that counts from the same infusion in the
    same unit, so those are said again."""
    present = {*terms.known, *(dose.number for dose in terms.doses)}
    changing = terms.spacings[entry]
    rules = rules_for(number, terms.spacings, present)
    anchor = next(rule.anchor for rule in rules if rule.spacing is changing)
    again = [
        rule.spacing
        for rule in rules
        if rule.spacing is not changing
        and rule.spacing.dose == "each"
        and (rule.anchor, rule.spacing.unit) == (anchor, changing.unit)
    ]
    return [replace(one, dose=number) for one in (loosened, *again)]


# --------------------------------------------------------------------------------------------------------------- shared


def _days(change: Change) -> Collection[date]:
    return [date.fromisoformat(day) for day in change["days"]]


def _opening(clinic: ClinicSnapshot, change: Change) -> tuple[Interval, ...]:
    return tuple(hours for day in _days(change) for hours in clinic.open.get(day, ()))


CHANGES: Mapping[str, Callable[[Asked, Change], Asked]] = {
    "patient_times": _patient_times,
    "patient_weekday": _patient_weekday,
    "patient_any_time": _patient_any_time,
    "wished_weekdays": _wished_weekdays,
    "fewer": _fewer,
    "hours": _hours,
    "last_end": _last_end,
    "nurse": _nurse,
    "prescriber": _prescriber,
    "in_service": _in_service,
    "min_staff": _min_staff,
    "not_before": _limit_on_days("not_before"),
    "not_after": _limit_on_days("not_after"),
    "within_days": _limit_on_count("within_days"),
    "per_week": _limit_on_count("per_week"),
    "spacing_min": _spacing("min"),
    "spacing_max": _spacing("max"),
}
