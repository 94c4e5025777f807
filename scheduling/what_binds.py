"""Why no series was found: for each infusion that has no place, the rule or the resource without which it would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from scheduling.bit_planes import bits
from scheduling.date_paths import Group, Layer, PathSearch, best_paths
from scheduling.dose_windows import DoseWindows
from scheduling.free_starts import FreeStarts
from scheduling.no_free_start import RESOURCES, StartsOnDays, no_free_start
from scheduling.reviews_between import ReviewsBetween
from scheduling.series_layers import SeriesLayers
from scheduling.series_terms import SeriesTerms
from scheduling.spacing import Rule, Spacing
from scheduling.what_if import with_side
from scheduling.why_not import TEXTS, WhyNot, rule_binds, said_span

# What may be the only thing that is missing, in the order in which it is asked.
ONLY = (*RESOURCES, "weekdays", "patient", "last_end", "hours")
# More than any rule says.
NO_LIMIT = 10_000
Side = Literal["max", "min"]
SIDES: tuple[tuple[Side, int], ...] = (("max", NO_LIMIT), ("min", 0))


def what_binds(
    windows: DoseWindows,
    starts: FreeStarts,
    reviews: ReviewsBetween,
    found: PathSearch,
    is_late: Callable[[], bool],
) -> tuple[WhyNot, ...]:
    """What binds, in the order of the infusions, when the search `found` nothing and was not late.

    The first infusion that no path reaches is explained; then it is taken as placed anywhere its rules allow, so that
    the later ones are judged, too. Where it is the only one, the earlier ones are asked as well: they may have had to
    take a day from which it can't follow. Once `is_late` the first infusion alone is explained.
    """
    asked = _Explaining(windows, starts, reviews, is_late)
    problems, search = list[WhyNot](), asked
    while not found.found:
        if len(search.doses) == 1:
            found = search.searched()
        index = next((index for index, reached in enumerate(found.reached) if not reached), None)
        if index is None or index in search.loose:
            break
        explained, without = search.explained(index, found)
        problems += explained
        if without is None or is_late():
            break
        search, found = without, without.searched()
        if is_late():
            break
    numbers = {problem.number for problem in problems}
    if len(numbers) == 1 and not is_late():
        problems += asked.of_earlier(min(number for number in numbers if number is not None))
    return tuple(sorted(problems, key=lambda problem: problem.number or 0))


class _Explaining:
    """A search of the same series, from which rules and needs are taken away one by one."""

    def __init__(
        self, windows: DoseWindows, starts: FreeStarts, reviews: ReviewsBetween | None, is_late: Callable[[], bool]
    ) -> None:
        self.windows, self.starts, self.reviews, self.is_late = windows, starts, reviews, is_late
        self.doses = sorted(windows.terms.doses, key=lambda dose: dose.number)
        # Layers of infusions that may start anywhere on their days, and of those that need not keep their distance.
        self.anywhere: frozenset[int] = frozenset()
        self.loose: frozenset[int] = frozenset()

    def explained(self, index: int, found: PathSearch) -> tuple[tuple[WhyNot, ...], _Explaining | None]:
        """Why no path reaches an infusion, and the search without that reason, if others can be judged without it."""
        dose, days = self.doses[index], self._days(index, found)
        if not days:
            return (self._without_day(index, found),), None  # nothing can follow it
        starts = StartsOnDays(self.starts.capacity, dose.phases, self.starts.limits(dose.phases), days)
        if index in self.anywhere:
            return (), self._with(loose=self.loose | {index})  # explained already
        if found.had_start[index] or starts.without():
            reason, without = self._rule(index)
            return (reason,), without
        reasons = no_free_start(self.starts.capacity, dose.number, dose.phases, days, starts.limits)
        return reasons, self._with(anywhere=self.anywhere | {index})

    def _days(self, index: int, found: PathSearch) -> list[int]:
        number = self.doses[index].number
        return [day for day in sorted(found.allowed[index]) if self.windows.allows_day(number, day)]

    def _rule(self, index: int) -> tuple[WhyNot, _Explaining]:
        """The first rule without which a free start could follow the infusions before."""
        number, terms = self.doses[index].number, self.windows.terms
        for name in ("within_days", "per_week"):
            value = getattr(terms, name)
            without = self._with_terms(**{name: None})
            if value is not None and without._reaches(index):
                return rule_binds(name, number, days=value, count=value), without
        without = self._with(reviews=None)
        if terms.reviews and without._reaches(index):
            is_before = self.windows.number_before(number) in terms.reviews
            return rule_binds("review", number, "review" if is_before else "review_after"), without
        # Too far apart is said before too near: it is the smaller thing to ask.
        for side, count in SIDES:
            for rule in self.windows.rules:
                if (
                    number in (rule.number, rule.anchor)
                    and rule.side(side, hard_only=self.windows.hard_only) is not None
                ):
                    without = self._with_terms(spacings=self._without_side(rule, side, count))
                    if without._reaches(index):
                        return _side_binds(number, rule, side), without
        return rule_binds("spacing", number), self._with(anywhere=self.anywhere | {index}, loose=self.loose | {index})

    def _without_side(self, rule: Rule, side: Side, count: int) -> tuple[Spacing, ...]:
        terms = self.windows.terms
        entry = next(place for place, one in enumerate(terms.spacings) if one is rule.spacing)
        return with_side(terms, entry, rule.number, side, count).spacings

    def _without_day(self, index: int, found: PathSearch) -> WhyNot:
        """Which bounds leave no day, counted from what stands and from the days the infusion before can have."""
        number, terms = self.doses[index].number, self.windows.terms
        low, high = self.windows.day_bounds(number)
        if index and found.reached[index - 1]:
            before = found.reached[index - 1]
            low = max(low, min(before) + (0 if self._shares_day(index) else 1))
            for link in self._layers()[index].links:
                if link.before == index - 1 and link.unit == "days":
                    low, high = max(low, min(before) + (link.least or 0)), min(high, max(before) + _or_far(link.most))
        earliest, latest = date.fromordinal(low), date.fromordinal(high)
        if low > high:
            if low > self.starts.axis.days[-1].toordinal() and terms.not_after is None:
                return rule_binds("window", number, "not_planned", earliest=earliest)
            if high < self.starts.capacity.clock.local_day(self.starts.now).toordinal():
                return rule_binds("window", number, "overdue", latest=latest)
            return rule_binds("window", number, "no_day", earliest=earliest, latest=latest)
        if terms.per_week is not None and self._with_terms(per_week=None)._has_day(index):
            return rule_binds("per_week", number, "full_weeks", count=terms.per_week)
        return rule_binds("window", number)

    def _has_day(self, index: int) -> bool:
        return bool(self._days(index, self.searched(self._layers()[: index + 1])))

    # --------------------------------------------------------------------------------------------- the ones before it

    def of_earlier(self, number: int) -> Iterator[WhyNot]:
        """Infusions before the one that found nothing: what alone is missing on a day from which all could follow."""
        for index, dose in enumerate(self.doses):
            if dose.number < number and not self._has_review_or_hours(index):
                for name in ONLY:
                    day = self._day_without(index, name)
                    if self.is_late():
                        return
                    if day is not None:
                        said = {"days": said_span(day, day), "first": day, "last": day}
                        text = TEXTS[f"{name}_only"]
                        yield WhyNot("no_free_start", dose.number, name, text, {"number": dose.number, **said})
                        break

    def _day_without(self, index: int, name: str) -> date | None:
        """The day that the infusion has in the best series that there is without one of its needs."""
        dose, layers, axis = self.doses[index], self._layers(), self.starts.axis
        opening = self.starts.capacity.snapshot.open
        known = [
            day
            for day in range(layers[index].first_day, layers[index].last_day + 1)
            if date.fromordinal(day) in axis.index and not (name == "hours" and opening.get(date.fromordinal(day)))
        ]
        starts = StartsOnDays(self.starts.capacity, dose.phases, self.starts.limits(dose.phases), known)
        plane = starts.without(name)
        if not plane:
            return None

        def options(day: int) -> Sequence[Group]:
            one = self.starts.nearest(plane, day, None) if self.windows.allows_day(dose.number, day) else None
            return () if one is None else ((0, (one,)),)

        layers[index] = replace(layers[index], options=options)
        found = self.searched(layers).found
        return date.fromordinal(found[0][1][index]) if found else None

    def _has_review_or_hours(self, index: int) -> bool:
        number, reviews = self.doses[index].number, self.windows.terms.reviews
        return self.windows.is_timed(number) or number in reviews or self.windows.number_before(number) in reviews

    # ------------------------------------------------------------------------------------------------ the search

    def _layers(self) -> list[Layer]:
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
        windows = self.windows
        days = range(windows.first, windows.last + 1)
        # Keeping days apart by the first one costs the most, and says little once infusions may start anywhere.
        rules = replace(windows.over_all(), within_days=None) if self.anywhere else windows.over_all()
        return best_paths(layers or self._layers(), days, 1, rules, self.is_late)

    def _reaches(self, index: int) -> bool:
        return bool(self.searched(self._layers()[: index + 1]).found)

    def _with(self, **changes: Any) -> _Explaining:
        other = copy(self)
        vars(other).update(changes)
        return other

    def _with_terms(self, **changes: Any) -> _Explaining:
        terms: SeriesTerms = replace(self.windows.terms, **changes)
        windows = DoseWindows(self.starts.capacity, terms, self.starts.now, hard_only=self.windows.hard_only)
        return self._with(windows=windows)

    def _shares_day(self, index: int) -> bool:
        return self.windows.may_share_day(self.doses[index - 1].number, self.doses[index].number)


def _side_binds(number: int, rule: Rule, side: Side) -> WhyNot:
    is_later = number == rule.number
    text, other = f"{side}_{rule.spacing.unit}", rule.anchor if is_later else rule.number
    return rule_binds(
        "spacing", number, text if is_later else f"{text}_before", anchor=other, count=getattr(rule.spacing, side)
    )


def _or_far(count: int | None) -> int:
    return NO_LIMIT if count is None else count
