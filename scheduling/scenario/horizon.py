"""How far a search looks: the days of the clinic's calendar that a series may need.

They lie far enough ahead when nothing dated is left on them: from there on one week is like the next, so that what
finds no place in 60 such days, with the longest way of the order's rules behind them, finds none at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from scheduling.scenario.clinic import ScenarioClinic
from scheduling.scenario.order import ScenarioOrder
from scheduling.spacing import Spacing, rules_for

FREE_DAYS: Final = 60
LONGEST_WAIT: Final = 400
FARTHEST: Final = 3660
# Where no rule says how far behind the others an infusion may lie: patient and clinic may have one day a week.
A_WEEK: Final = 7
SOME_CLOSED_DAYS: Final = 14


def first_and_last(
    order: ScenarioOrder, booked: Mapping[int, datetime], clinic: ScenarioClinic, now: datetime, stands_until: date
) -> tuple[date, date]:
    """The first and the last clinic-local day to look at, FARTHEST days from now at most. `booked` are the infusions
    that stay; until `stands_until` something dated stands on the calendar. `not_after` is the search's own limit: what
    would work without it is looked for, too."""
    local_day = clinic.clock.local_day
    today = local_day(now).toordinal()
    standing = {number: local_day(at).toordinal() for number, at in {**booked, **order.given}.items()}
    begins = max(today, order.not_before.toordinal() if order.not_before else today)
    busy_until = min(stands_until.toordinal(), begins + LONGEST_WAIT)
    weekdays = sum(bool(ranges) for ranges in clinic.hours.values())
    last = min(_latest(order, standing, max(begins, busy_until) + FREE_DAYS, weekdays), today + FARTHEST)
    first = today
    if any(spacing.unit == "open_days" for spacing in order.spacings):
        # Open days are counted from what stands, so hours have to be known back to there.
        first = max(min([today, *standing.values()]), today - FARTHEST)
    return date.fromordinal(first), date.fromordinal(max(last, today))


def _latest(order: ScenarioOrder, standing: Mapping[int, int], free: int, weekdays: int) -> int:
    """The latest day number on which one of the infusions may come to lie."""
    latest = dict(standing)
    present = sorted({*standing, *order.to_place(standing)})
    for number in order.to_place(standing):
        rules = [rule for rule in rules_for(number, order.spacings, present) if rule.anchor in latest]
        sides = [(rule, rule.side("max", hard_only=True)) for rule in rules]
        bounds = [latest[rule.anchor] + _days(rule.spacing, most, weekdays) for rule, most in sides if most is not None]
        least = [latest[rule.anchor] + _days(rule.spacing, rule.side("min") or 0, weekdays) for rule in rules]
        earlier = [day for other, day in latest.items() if other < number]
        if order.within_days and earlier:
            bounds.append(min(earlier) + order.within_days)
        latest[number] = min(bounds) if bounds else max([free, *least, *earlier]) + A_WEEK
    return max(latest.values())


def _days(spacing: Spacing, count: int, weekdays: int) -> int:
    """About that many calendar days at most: hours rounded up, open days with the closed days among them."""
    if spacing.unit == "hours":
        return -(-count // 24)
    return count * A_WEEK // max(weekdays, 1) + SOME_CLOSED_DAYS if spacing.unit == "open_days" else count
