"""Free times of one visit, by day: a few days, a few times each, spread over the day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone

from scheduling.series_terms import ProposedVisit, SearchResult

LOOKED_AT = 160
DAYS_SHOWN = 4
TIMES_A_DAY = 8
Days = list[tuple[date, list[ProposedVisit]]]


def by_day(found: SearchResult, *, without: datetime | None = None) -> Days:
    """The next few days that have free times, with at most a handful of each; `without` is a start to leave out."""
    starts = (proposal.visits[0] for proposal in found.proposals)
    days = days_of(visit for visit in starts if visit.start != without)
    return [(day, spread(times)) for day, times in days[:DAYS_SHOWN]]


def days_of(visits: Iterable[ProposedVisit]) -> Days:
    """Free times by the day they lie on, where the clinic is, in order of time."""
    starts = sorted(visits, key=lambda one: one.start)
    return [(day, list(times)) for day, times in groupby(starts, key=lambda one: timezone.localdate(one.start))]


def spread(times: list[ProposedVisit]) -> list[ProposedVisit]:
    """At most a handful of a day's free times, first and last among them."""
    if len(times) <= TIMES_A_DAY:
        return times
    return [times[round(index * (len(times) - 1) / (TIMES_A_DAY - 1))] for index in range(TIMES_A_DAY)]
