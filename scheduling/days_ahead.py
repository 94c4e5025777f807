"""How far ahead a search looks: first on the days on which it likely ends, on all days where that settles nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from time import monotonic

from scheduling.capacity import ClinicSnapshot
from scheduling.clinic_time import ClinicTime
from scheduling.problems import FAR_DAYS
from scheduling.series import Series
from scheduling.series_search import DEADLINE_SECONDS, TIME_LIMITS, propose
from scheduling.series_terms import PatientTimes, SearchResult, SeriesTerms, Wish

# How far ahead the first infusion may lie; the others as far behind it as the order lets them.
SEARCH_DAYS = 60
# The same for the first look. Half of what a search takes is reading the days, and most clinics have times sooner.
NEAR_DAYS = 14


@dataclass(frozen=True, slots=True)
class DaysAhead:
    """Clinic-local days, all counted: from `first` to `near` at first, to `last` when it must be."""

    first: date
    near: date
    last: date


def days_ahead(
    clock: ClinicTime, now: datetime, series: Series | None = None, numbers: Sequence[int] = ()
) -> DaysAhead:
    """The days that a search looks at; for a series those that these infusions of it may need."""
    today = clock.local_day(now)
    longest = series.longest_days(numbers) if series else 0
    near, last = (today + timedelta(days=min(days + longest, FAR_DAYS)) for days in (NEAR_DAYS, SEARCH_DAYS))
    return DaysAhead(series.first_day_needed(today, clock) if series else today, near, last)


def look(
    days: DaysAhead,
    read: Callable[[date, date], ClinicSnapshot],
    terms: SeriesTerms,
    patient: PatientTimes,
    wish: Wish,
    now: datetime,
    count: int,
    *,
    seconds: float = DEADLINE_SECONDS,
) -> SearchResult:
    """What `propose` finds on all these days of a clinic, `read` (first day, last day) only as far as it takes to know;
    both looks together take `seconds` at most.

    Series come in the order in which they end and know nothing of later days, so `count` of them that end among the
    first days are the best of all; not those that leave a soft side of a rule, for later ones may keep it.
    """
    ask = partial(propose, deadline_seconds=seconds, begun=monotonic())
    if days.near == days.last:
        return ask(read(days.first, days.last), terms, patient, wish, now, count)
    found = ask(read(days.first, days.near), terms, patient, wish, now, count, explain=False)
    is_late = any(problem.rule in TIME_LIMITS for problem in found.problems)
    is_full = len(found.proposals) >= count and not any(one.outside_soft for one in found.proposals)
    if is_late or is_full:
        return found
    return ask(read(days.first, days.last), terms, patient, wish, now, count)
