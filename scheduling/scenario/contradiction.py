"""Whether an order's rules can be kept together at all, on whatever calendar: distances between infusions that can't be
true at once, found as a way round that gets longer each time.

Only what is certain counts: hours as if a day more or less lay between, open days as days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from scheduling.clinic_time import ClinicTime
from scheduling.scenario.order import ScenarioOrder
from scheduling.spacing import rules_for

WITHIN_DAYS, PER_WEEK = "order.within_days", "order.per_week"
STANDING = "the infusions that stand"
A_DAY_AND_AN_HOUR = 25


@dataclass(frozen=True, slots=True)
class _Distance:
    """Infusion `later` lies `least` days or more after `earlier` (negative: at most so many before it), for this
    reason; empty for what is true of any series."""

    earlier: int
    later: int
    least: int
    reason: str


def contradiction(order: ScenarioOrder, booked: Mapping[int, datetime], clock: ClinicTime) -> tuple[str, ...]:
    """What can't be kept together: paths of rules, and STANDING where infusions that were given or stay booked are part
    of it. Empty when nothing is certain to fail."""
    standing = {number: clock.local_day(at).toordinal() for number, at in {**booked, **order.given}.items()}
    numbers = sorted({*standing, *order.to_place(booked)})
    distances = [
        *_in_order(order, numbers),
        *_ruled(order, numbers),
        *_over_all(order, numbers, order.to_place(booked)),
    ]
    distances = [one for one in distances if not {one.earlier, one.later} <= standing.keys()] + list(_fixed(standing))
    least = dict.fromkeys(numbers, 0)
    through: dict[int, _Distance] = {}
    changed = None
    for _ in range(len(numbers) + 1):
        changed = None
        for one in distances:
            if least[one.earlier] + one.least > least[one.later]:
                least[one.later], through[one.later], changed = least[one.earlier] + one.least, one, one.later
        if changed is None:
            return ()
    return _way_round(through, changed)


def _way_round(through: Mapping[int, _Distance], at: int | None) -> tuple[str, ...]:
    """The reasons on the way round that some steps back from here lead into."""
    for _ in through:
        at = through[at].earlier if at is not None else None
    reasons, here = [], at
    while here is not None:
        reasons.append(through[here].reason)
        here = through[here].earlier
        if here == at:
            break
    return tuple(sorted({reason for reason in reasons if reason}, key=lambda reason: (reason == STANDING, reason)))


def _in_order(order: ScenarioOrder, numbers: Sequence[int]) -> Iterator[_Distance]:
    """Infusions come in order, each on a day of its own unless a rule in hours lies between."""
    for earlier, later in pairwise(numbers):
        rules = rules_for(later, order.spacings, numbers)
        same_day = any(rule.anchor == earlier and rule.spacing.unit == "hours" for rule in rules)
        yield _Distance(earlier, later, 0 if same_day else 1, "")


def _fixed(standing: Mapping[int, int]) -> Iterator[_Distance]:
    for earlier, later in pairwise(sorted(standing)):
        apart = standing[later] - standing[earlier]
        yield _Distance(earlier, later, apart, STANDING)
        yield _Distance(later, earlier, -apart, STANDING)


def _ruled(order: ScenarioOrder, numbers: Sequence[int]) -> Iterator[_Distance]:
    for number in numbers:
        for rule in rules_for(number, order.spacings, numbers):
            if rule.anchor not in numbers:
                continue
            path = f"order.spacing[{order.spacings.index(rule.spacing)}]"
            least, most = rule.side("min", hard_only=True), rule.side("max", hard_only=True)
            if rule.spacing.unit == "hours":
                # Starts at the ends of their days, and an hour of the clock's change.
                least = None if least is None else (least - A_DAY_AND_AN_HOUR) // 24 + 1
                most = None if most is None else -(-(most + A_DAY_AND_AN_HOUR) // 24) - 1
            if least is not None:
                yield _Distance(rule.anchor, number, least, path)
            if most is not None and rule.spacing.unit != "open_days":
                yield _Distance(number, rule.anchor, -most, path)


def _over_all(order: ScenarioOrder, numbers: Sequence[int], to_place: Sequence[int]) -> Iterator[_Distance]:
    if order.within_days is not None:
        yield _Distance(numbers[-1], numbers[0], 1 - order.within_days, WITHIN_DAYS)
    if order.per_week is not None:
        for count, number in enumerate(to_place):
            weeks = count // order.per_week
            # From the last day of one calendar week to the first day of another.
            yield _Distance(to_place[0], number, weeks * 7 - 6, PER_WEEK)
