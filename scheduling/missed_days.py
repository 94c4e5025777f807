"""Infusions that had to take a day from which the rest can't follow: what they miss on a day from which it could."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from scheduling.date_paths import Group
from scheduling.starts_on_days import RESOURCES, StartsOnDays
from scheduling.thinned_series import ThinnedSeries
from scheduling.why_not import TEXTS, WhyNot, said_span

# What may be the only thing that is missing, in the order in which it is asked.
ONLY = (*RESOURCES, "weekdays", "patient", "last_end", "hours")


def missed_days(series: ThinnedSeries, number: int) -> Iterator[WhyNot]:
    """Infusions before the one that found nothing: what alone is missing on a day from which all could follow."""
    for index, dose in enumerate(series.doses):
        if dose.number < number and not _has_review_or_hours(series, index):
            for name in ONLY:
                day = _day_without(series, index, name)
                if series.is_late():
                    return
                if day is not None:
                    said = {"days": said_span(day, day), "first": day, "last": day}
                    text = TEXTS[f"{name}_only"]
                    yield WhyNot("no_free_start", dose.number, name, text, {"number": dose.number, **said})
                    break


def _day_without(series: ThinnedSeries, index: int, name: str) -> date | None:
    """The day that the infusion has in the best series that there is without one of its needs."""
    dose, layers, axis = series.doses[index], series.layers(), series.starts.axis
    opening = series.starts.capacity.snapshot.open
    known = [
        day
        for day in range(layers[index].first_day, layers[index].last_day + 1)
        if date.fromordinal(day) in axis.index and not (name == "hours" and opening.get(date.fromordinal(day)))
    ]
    starts = StartsOnDays(series.starts.capacity, dose.phases, series.starts.limits(dose.phases), known)
    plane = starts.without(name)
    if not plane:
        return None

    def options(day: int) -> Sequence[Group]:
        one = series.starts.nearest(plane, day, None) if series.windows.allows_day(dose.number, day) else None
        return () if one is None else ((0, (one,)),)

    layers[index] = replace(layers[index], options=options)
    found = series.searched(layers).found
    return date.fromordinal(found[0][1][index]) if found else None


def _has_review_or_hours(series: ThinnedSeries, index: int) -> bool:
    number, reviews = series.doses[index].number, series.windows.terms.reviews
    return series.windows.is_timed(number) or number in reviews or series.windows.number_before(number) in reviews
