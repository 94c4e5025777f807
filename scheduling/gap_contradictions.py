"""Distances that no calendar can keep all at once. No Django.

Counted in clinic-local days. Hours are counted so that a clock change can't make a plan contradict itself, and open
days as the calendar days they take at least: what is found here contradicts itself on every calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scheduling.spacing import Rule, Spacing, rules_for

HOURS_A_DAY = 24


class Bound(NamedTuple):
    """The day of infusion `later` is at most that of `earlier` and `days`; negative days say how far before it lies."""

    earlier: int
    later: int
    days: int


def contradicting_infusion(spacings: Sequence[Spacing], doses: int, within_days: int | None = None) -> int | None:
    """The first infusion that can't keep its distances to those before it, whatever their days; None when all can.

    Soft sides are wishes and contradict nothing. `within_days`: from the first day to the last, both counted.
    """
    if _can_be_kept(spacings, doses, within_days):
        return None
    return next(number for number in range(1, doses + 1) if not _can_be_kept(spacings, number, within_days))


def _can_be_kept(spacings: Sequence[Spacing], doses: int, within_days: int | None) -> bool:
    """Whether days can be found: the shortest distances settle, where a contradiction goes round for ever."""
    bounds = list(_bounds(spacings, doses, within_days))
    days = [0] * (doses + 1)
    for _ in range(doses + 1):
        settled = True
        for earlier, later, most in bounds:
            if days[earlier] + most < days[later]:
                days[later], settled = days[earlier] + most, False
        if settled:
            return True
    return False


def _bounds(spacings: Sequence[Spacing], doses: int, within_days: int | None) -> Iterator[Bound]:
    share_days = any(spacing.unit == "hours" for spacing in spacings)
    for number in range(2, doses + 1):
        yield Bound(number, number - 1, 0 if share_days else -1)
        for rule in rules_for(number, spacings):
            yield from _of_rule(rule)
    if within_days is not None and doses > 1:
        yield Bound(1, doses, within_days - 1)


def _of_rule(rule: Rule) -> Iterator[Bound]:
    least, most = rule.side("min", hard_only=True), rule.side("max", hard_only=True)
    unit = rule.spacing.unit
    if least:
        yield Bound(rule.number, rule.anchor, -max((least - 1) // HOURS_A_DAY, 0) if unit == "hours" else -least)
    if most is not None and unit != "open_days":
        yield Bound(rule.anchor, rule.number, (most + 1) // HOURS_A_DAY + 1 if unit == "hours" else most)
