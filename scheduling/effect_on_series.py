"""What moving one infusion does to the distances of its neighbours in the series. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment
from scheduling.series import Series, read_series
from scheduling.spacing import OpenDaysUnknown, Rule, keeps, rules_for


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Infusion `number` (at `start`, given or booked) and its distance to the one that moves, now and then, in
    clinic-local days. `breaks`: the order forbids the new distance; `strains`: it prefers another one. `is_later`: it
    comes after the one that moves.
    """

    number: int
    start: datetime
    days_now: int
    days_then: int
    breaks: bool
    strains: bool
    is_later: bool


def neighbours_after_move(*, appointment: Appointment, start: datetime, now: datetime) -> list[Neighbour]:
    """The infusions given or booked whose signed distance to this one counts, with it as it would be; in number order.
    The nearest on both sides are always among them. Empty for a visit that is no infusion."""
    number = appointment.dose_number
    if appointment.order is None or number is None:
        return []
    series = read_series(appointment.order, now=now, without=[appointment.pk])
    others = {**series.booked, **series.given}
    clock = ClinicTime(appointment.time_zone)
    rules = _rules(series, number, sorted({*others, number}))
    beside = {max((one for one in others if one < number), default=None)}
    beside.add(min((one for one in others if one > number), default=None))
    wanted = sorted({*(_other(rule, number) for rule in rules), *(one for one in beside if one is not None)})
    return [
        _neighbour(one, others[one], appointment, start, [rule for rule in rules if _other(rule, number) == one], clock)
        for one in wanted
        if one in others
    ]


def _rules(series: Series, number: int, present: list[int]) -> list[Rule]:
    every = [rule for one in present for rule in rules_for(one, series.spacings, present)]
    return [rule for rule in every if number in (rule.number, rule.anchor)]


def _other(rule: Rule, number: int) -> int:
    return rule.anchor if rule.number == number else rule.number


def _neighbour(
    other: int, at: datetime, moved: Appointment, start: datetime, rules: list[Rule], clock: ClinicTime
) -> Neighbour:
    number = moved.dose_number or 0
    is_later = other > number
    broken = [(rule, side) for rule in rules for side in _sides(rule, at, start, clock, other)]
    in_order = at > start if is_later else at < start
    return Neighbour(
        number=other,
        start=at,
        days_now=_days(clock, moved.period.lower, at),
        days_then=_days(clock, start, at),
        breaks=not in_order or any(side not in rule.spacing.soft for rule, side in broken),
        strains=any(side in rule.spacing.soft for rule, side in broken),
        is_later=is_later,
    )


def _sides(rule: Rule, at: datetime, start: datetime, clock: ClinicTime, other: int) -> tuple[str, ...]:
    """The sides of a rule that the new distance breaks; open days are counted by the check that counts."""
    anchor, later = (at, start) if rule.anchor == other else (start, at)
    try:
        return keeps(rule, anchor, later, clock)
    except OpenDaysUnknown:
        return ()


def _days(clock: ClinicTime, one: datetime, other: datetime) -> int:
    return abs((clock.local_day(other) - clock.local_day(one)).days)
