"""The search of a series from which rules and needs are taken away one by one, to see what it takes to find one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from datetime import date
from typing import Any

from scheduling.bit_planes import bits
from scheduling.date_paths import Group, Layer, PathSearch, best_paths
from scheduling.dose_windows import DoseWindows
from scheduling.free_starts import FreeStarts
from scheduling.reviews_between import ReviewsBetween
from scheduling.series_layers import SeriesLayers
from scheduling.series_terms import SeriesTerms
from scheduling.starts_on_days import StartsOnDays


class ThinnedSeries:
    """Infusions are named by their index among those to place."""

    def __init__(
        self, windows: DoseWindows, starts: FreeStarts, reviews: ReviewsBetween | None, is_late: Callable[[], bool]
    ) -> None:
        self.windows, self.starts, self.reviews, self.is_late = windows, starts, reviews, is_late
        self.doses = sorted(windows.terms.doses, key=lambda dose: dose.number)
        # Layers of infusions that may start anywhere on their days, and of those that need not keep their distance.
        self.anywhere: frozenset[int] = frozenset()
        self.loose: frozenset[int] = frozenset()

    def days(self, index: int, found: PathSearch) -> list[int]:
        """The days that the rules leave to an infusion in a search."""
        number = self.doses[index].number
        return [day for day in sorted(found.allowed[index]) if self.windows.allows_day(number, day)]

    def layers(self) -> list[Layer]:
        """One layer an infusion, for the search over days."""
        layers = SeriesLayers(self.windows, self.starts, self.reviews, None, None).all(self.doses)
        for index in self.anywhere:
            layers[index] = replace(layers[index], options=self._any_start(index))
        for index in self.loose:
            layers[index] = replace(layers[index], links=(), not_before=None)
        return layers

    def _any_start(self, index: int) -> Callable[[int], Sequence[Group]]:
        """Every start of the grid on every day that the rules allow; the last one where later infusions see the day."""
        dose, axis = self.doses[index], self.starts.axis
        days = range(axis.days[0].toordinal(), self.windows.last + 1)
        plane = StartsOnDays(self.starts.capacity, dose.phases, {}, days).within(("grid",))
        timed = self.windows.is_timed(dose.number)

        def options(day: int) -> Sequence[Group]:
            if not self.windows.allows_day(dose.number, day):
                return ()
            if timed:
                return [(step, ((0, step),)) for _, step in self.starts.on_day(plane, day)]
            index = axis.index[date.fromordinal(day)]
            of_day = plane & bits(axis.edges[index], axis.edges[index + 1])
            return [(0, ((0, of_day.bit_length() - 1 + axis.first_step),))] if of_day else ()

        return options

    def searched(self, layers: Sequence[Layer] | None = None) -> PathSearch:
        """The best series of these layers, or of its own."""
        windows = self.windows
        days = range(windows.first, windows.last + 1)
        # Keeping days apart by the first one costs the most, and says little once infusions may start anywhere.
        rules = replace(windows.over_all(), within_days=None) if self.anywhere else windows.over_all()
        return best_paths(layers or self.layers(), days, 1, rules, self.is_late)

    def reaches(self, index: int) -> bool:
        """Whether there is a series up to this infusion."""
        return bool(self.searched(self.layers()[: index + 1]).found)

    def without(self, **changes: Any) -> ThinnedSeries:
        """The same with other `anywhere`, `loose` or `reviews`."""
        other = copy(self)
        vars(other).update(changes)
        return other

    def under(self, **changes: Any) -> ThinnedSeries:
        """The same under other terms."""
        terms: SeriesTerms = replace(self.windows.terms, **changes)
        windows = DoseWindows(self.starts.capacity, terms, self.starts.now, hard_only=self.windows.hard_only)
        return self.without(windows=windows)

    def shares_day(self, index: int) -> bool:
        """Whether it may lie on one day with the one before."""
        return self.windows.may_share_day(self.doses[index - 1].number, self.doses[index].number)
