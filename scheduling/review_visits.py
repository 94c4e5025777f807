"""A review that takes a visit of its own: how patient and prescriber meet, and between which infusions it lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from scheduling.clinic_capacity import ClinicCapacity
from scheduling.intervals import Interval
from scheduling.models import GateMethod, VisitMode
from scheduling.problems import RESOURCES, REVIEW_TEXTS, presence, visit_problems
from scheduling.series import Series
from scheduling.why_not import WhyNot

MODES: Final = {
    GateMethod.AT_CHAIR: VisitMode.IN_PERSON,
    GateMethod.IN_PERSON: VisitMode.IN_PERSON,
    GateMethod.VIDEO: VisitMode.VIDEO,
}


def review_problems(
    *,
    series: Series,
    starts: Mapping[int, datetime],
    reviews: Mapping[int, datetime],
    capacity: ClinicCapacity,
    patient_busy: Sequence[Interval],
    now: datetime,
) -> list[WhyNot]:
    """Why these reviews (by the infusion before them) can't be booked so, beside infusions that start at `starts`; and
    which reviews that stand would no longer lie between their infusions."""
    found = []
    all_starts = {**series.booked, **series.given, **starts}
    for after, start in reviews.items():
        if after not in series.reviews_to_place:
            found.append(because_of_review("review_not_due", after))
            continue
        phases = series.reviews_to_place[after]
        problems = visit_problems(start, phases, capacity, patient_busy, now=now)
        found += [because_of_review(problem.rule, after) for problem in problems]
        if after not in all_starts or not _lies_between(series, after, presence(start, phases), all_starts):
            found.append(because_of_review("review_between", after))
    for after, period in series.review_times.items():
        moved = after in starts or after + 1 in starts
        if moved and after not in reviews and not _lies_between(series, after, period, all_starts):
            found.append(because_of_review("review_between", after))
    return found


def because_of_review(rule: str, after: int) -> WhyNot:
    """A problem of the review after an infusion, by its code."""
    return WhyNot(rule, after, rule if rule in RESOURCES else None, REVIEW_TEXTS[rule], {"number": after})


def _lies_between(series: Series, after: int, period: Interval, starts: Mapping[int, datetime]) -> bool:
    before = [presence(start, series.phases(number)).end for number, start in _up_to(after, starts)]
    next_starts = [start for number, start in starts.items() if number > after]
    return all(end <= period.start for end in before) and all(period.end <= start for start in next_starts)


def _up_to(after: int, starts: Mapping[int, datetime]) -> Iterator[tuple[int, datetime]]:
    return ((number, start) for number, start in starts.items() if number <= after)
