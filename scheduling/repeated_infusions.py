"""Rules for an infusion that is given again: what counts from the infusion before it counts from the one that was
broken off, which is the last one the patient had. No Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scheduling.clinic_time import ClinicTime, minutes_between
from scheduling.spacing import Rule, Spacing, rules_for


def counted_from_broken_off(
    spacings: Sequence[Spacing],
    repeated: Mapping[int, datetime],
    given: Mapping[int, datetime],
    clock: ClinicTime,
) -> tuple[Spacing, ...]:
    """The rules with those on `repeated` infusions (number -> start of the one broken off) counted from there.

    Rules that count from the first or another infusion stay: what they leave no day for is a prescriber's to allow. Of
    open days only the least stays, for how many lay between is not known here.
    """
    more = [
        later
        for number, broken_off in repeated.items()
        if number - 1 in given
        for rule in rules_for(number, spacings)
        if rule.anchor == number - 1
        for later in _later(rule, given[number - 1], broken_off, clock)
    ]
    changed = {(one.dose, one.unit) for one in more}
    kept = (one for one in spacings if one.dose == "each" or not _replaced(one, changed))
    return (*kept, *more)


def _replaced(spacing: Spacing, changed: Iterable[tuple[object, str]]) -> bool:
    """A rule on this one infusion that counts from the one before it."""
    if (spacing.dose, spacing.unit) not in changed or not isinstance(spacing.dose, int):
        return False
    return any(rule.anchor == spacing.dose - 1 for rule in rules_for(spacing.dose, [spacing]))


def _later(rule: Rule, before: datetime, broken_off: datetime, clock: ClinicTime) -> list[Spacing]:
    spacing = rule.spacing
    if spacing.unit == "open_days":
        least = spacing.min or 0
        return [replace(spacing, dose=rule.number, after="previous", min=least, target=None, max=None)]
    if spacing.unit == "hours":
        shift = minutes_between(before, broken_off) // 60
    else:
        shift = (clock.local_day(broken_off) - clock.local_day(before)).days
    sides = (None if side is None else side + shift for side in (spacing.min, spacing.target, spacing.max))
    soonest, target, most = sides
    return [replace(spacing, dose=rule.number, after="previous", min=soonest, target=target, max=most)]
