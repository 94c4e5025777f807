"""Which side of a rule between two infusions keeps one from its place: proved by leaving that side out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scheduling.other_terms import with_side
from scheduling.spacing import Rule, Spacing
from scheduling.thinned_series import ThinnedSeries
from scheduling.why_not import Words, said_distance

# More than any rule says.
NO_LIMIT = 10_000
Side = Literal["max", "min"]
# Too far apart is said before too near: it is the smaller thing to ask.
SIDES: tuple[tuple[Side, int], ...] = (("max", NO_LIMIT), ("min", 0))
ORDERED = {
    "max": "at most %(distance)s after infusion %(anchor)s",
    "max_before": "at most %(distance)s before infusion %(anchor)s",
    "min": "at least %(distance)s after infusion %(anchor)s",
    "min_before": "at least %(distance)s before infusion %(anchor)s",
}


@dataclass(frozen=True, slots=True)
class BindingSide:
    """One side of the rule between infusion `number` and `anchor`: `text` is its key of ORDERED and of TEXTS, `without`
    the search that leaves it out."""

    text: str
    anchor: int
    count: int
    distance: Words
    without: ThinnedSeries

    @property
    def ordered(self) -> Words:
        """At most 4 days after infusion 2."""
        return Words(ORDERED[self.text], {"distance": self.distance, "anchor": self.anchor})


def binding_side(series: ThinnedSeries, index: int) -> BindingSide | None:
    """The first side of a rule without which there is a series up to this infusion; None where no side alone does."""
    number = series.doses[index].number
    for side, count in SIDES:
        for rule in series.windows.rules:
            if number in (rule.number, rule.anchor) and rule.side(side, hard_only=series.windows.hard_only) is not None:
                without = series.under(spacings=_without_side(series, rule, side, count))
                if without.reaches(index):
                    return _bound(number, rule, side, without)
    return None


def _without_side(series: ThinnedSeries, rule: Rule, side: Side, count: int) -> tuple[Spacing, ...]:
    terms = series.windows.terms
    entry = next(place for place, one in enumerate(terms.spacings) if one is rule.spacing)
    return with_side(terms, entry, rule.number, side, count).spacings


def _bound(number: int, rule: Rule, side: Side, without: ThinnedSeries) -> BindingSide:
    is_later = number == rule.number
    text, other = side if is_later else f"{side}_before", rule.anchor if is_later else rule.number
    count = getattr(rule.spacing, side)
    return BindingSide(text, other, count, said_distance(count, rule.spacing.unit), without)
