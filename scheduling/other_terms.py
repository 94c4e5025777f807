"""The same question under other terms of the order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from scheduling.asked import Asked, Change
from scheduling.series_terms import SeriesTerms
from scheduling.spacing import Spacing, rules_for


def limit_on_days(name: str) -> Callable[[Asked, Change], Asked]:
    def apply(asked: Asked, change: Change) -> Asked:
        day: Any = date.fromisoformat(change["day"])
        return replace(asked, terms=replace(asked.terms, **{name: day}))

    return apply


def limit_on_count(name: str) -> Callable[[Asked, Change], Asked]:
    return lambda asked, change: replace(asked, terms=replace(asked.terms, **{name: change["count"]}))


def spacing(side: str) -> Callable[[Asked, Change], Asked]:
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
