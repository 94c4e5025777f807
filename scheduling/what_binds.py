"""Why no series was found: for each infusion that has no place, the rule or the resource without which it would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from scheduling.binding_sides import NO_LIMIT, binding_side
from scheduling.date_paths import PathSearch
from scheduling.dose_windows import DoseWindows
from scheduling.free_starts import FreeStarts
from scheduling.missed_days import missed_days
from scheduling.no_free_start import no_free_start
from scheduling.reviews_between import ReviewsBetween
from scheduling.starts_on_days import StartsOnDays
from scheduling.thinned_series import ThinnedSeries
from scheduling.unwished_days import unwished_days
from scheduling.why_not import WhyNot, rule_binds


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
    asked = ThinnedSeries(windows, starts, reviews, is_late)
    problems, search = list[WhyNot](), asked
    while not found.found:
        if len(search.doses) == 1:
            found = search.searched()
        index = next((index for index, reached in enumerate(found.reached) if not reached), None)
        if index is None or index in search.loose:
            break
        explained, without = _explained(search, index, found)
        problems += explained
        if without is None or is_late():
            break
        search, found = without, without.searched()
        if is_late():
            break
    numbers = {problem.number for problem in problems}
    if len(numbers) == 1 and not is_late():
        problems += missed_days(asked, min(number for number in numbers if number is not None))
    return tuple(sorted(problems, key=lambda problem: problem.number or 0))


def _explained(series: ThinnedSeries, index: int, found: PathSearch) -> tuple[tuple[WhyNot, ...], ThinnedSeries | None]:
    """Why no path reaches an infusion, and the search without that reason, if others can be judged without it."""
    dose, days = series.doses[index], series.days(index, found)
    if not days:
        return (_without_day(series, index, found),), None  # nothing can follow it
    starts = StartsOnDays(series.starts.capacity, dose.phases, series.starts.limits(dose.phases), days)
    if index in series.anywhere:
        return (), series.without(loose=series.loose | {index})  # explained already
    if found.had_start[index] or starts.without():
        reason, without = _rule(series, index)
        return (reason,), without
    reasons = no_free_start(series.starts.capacity, dose.number, dose.phases, days, starts.limits)
    if any(reason.resource == "weekdays" for reason in reasons) and not starts.within(("weekdays",)):
        apart = unwished_days(series, index, days)
        reasons = tuple(apart if reason.resource == "weekdays" else reason for reason in reasons)
    return reasons, series.without(anywhere=series.anywhere | {index})


def _rule(series: ThinnedSeries, index: int) -> tuple[WhyNot, ThinnedSeries]:
    """The first rule without which a free start could follow the infusions before."""
    number, terms = series.doses[index].number, series.windows.terms
    for name in ("within_days", "per_week"):
        value = getattr(terms, name)
        without = series.under(**{name: None})
        if value is not None and without.reaches(index):
            return rule_binds(name, number, days=value, count=value), without
    without = series.without(reviews=None)
    if terms.reviews and without.reaches(index):
        is_before = series.windows.number_before(number) in terms.reviews
        return rule_binds("review", number, "review" if is_before else "review_after"), without
    bound = binding_side(series, index)
    if bound is not None:
        said = {"anchor": bound.anchor, "count": bound.count, "distance": bound.distance}
        return rule_binds("spacing", number, bound.text, **said), bound.without
    return rule_binds("spacing", number), series.without(
        anywhere=series.anywhere | {index}, loose=series.loose | {index}
    )


def _without_day(series: ThinnedSeries, index: int, found: PathSearch) -> WhyNot:
    """Which bounds leave no day, counted from what stands and from the days the infusion before can have."""
    number, terms = series.doses[index].number, series.windows.terms
    low, high = series.windows.day_bounds(number)
    if index and found.reached[index - 1]:
        before = found.reached[index - 1]
        low = max(low, min(before) + (0 if series.shares_day(index) else 1))
        for link in series.layers()[index].links:
            if link.before == index - 1 and link.unit == "days":
                low, high = max(low, min(before) + (link.least or 0)), min(high, max(before) + _or_far(link.most))
    earliest, latest = date.fromordinal(low), date.fromordinal(high)
    if low > high:
        if low > series.starts.axis.days[-1].toordinal() and terms.not_after is None:
            return rule_binds("window", number, "not_planned", earliest=earliest)
        if high < series.starts.capacity.clock.local_day(series.starts.now).toordinal():
            return rule_binds("window", number, "overdue", latest=latest)
        return rule_binds("window", number, "no_day", earliest=earliest, latest=latest)
    if terms.per_week is not None and _has_day(series.under(per_week=None), index):
        return rule_binds("per_week", number, "full_weeks", count=terms.per_week)
    return rule_binds("window", number)


def _has_day(series: ThinnedSeries, index: int) -> bool:
    return bool(series.days(index, series.searched(series.layers()[: index + 1])))


def _or_far(count: int | None) -> int:
    return NO_LIMIT if count is None else count
