"""Where the order leaves an infusion no wished weekday at all: what it is that does, and which days there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from scheduling.binding_sides import binding_side
from scheduling.thinned_series import ThinnedSeries
from scheduling.why_not import TEXTS, WhyNot, Words, said_span

AS_ORDERED = "it is ordered %(ordered)s, so"
BY_RULES = "by its rules"


def unwished_days(series: ThinnedSeries, index: int, days: Sequence[int]) -> WhyNot:
    """The side of a rule without which the infusion would reach a wished weekday, none of its `days`
    (day numbers) being one; where no side alone keeps it from one, its rules together."""
    number, bound = series.doses[index].number, binding_side(series, index)
    first, last = date.fromordinal(days[0]), date.fromordinal(_end_of_run(days))
    text = TEXTS["weekdays_apart" if last.toordinal() == days[-1] else "weekdays_apart_first"]
    said = {"number": number, "days": said_span(first, last), "first": first, "last": last}
    if bound is None:
        return WhyNot("no_free_start", number, "weekdays", text, {**said, "why": Words(BY_RULES)})
    why = Words(AS_ORDERED, {"ordered": bound.ordered})
    return WhyNot(
        "no_free_start", number, "weekdays", text, {**said, "why": why, "anchor": bound.anchor, "count": bound.count}
    )


def _end_of_run(days: Sequence[int]) -> int:
    """The last of the days that follow the first one without a day between."""
    return next(day for at, day in enumerate(days) if at + 1 == len(days) or days[at + 1] > day + 1)
