"""Proposals as small calendars and in words, each with the sentence to read aloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from scheduling.clinic_time import week_start
from scheduling.series_terms import Proposal, ProposedVisit
from web.frontdesk.wish_form import WEEKDAYS
from web.spoken import read_aloud, wall_clock

MOST_WEEKS = 6
KEYS = list(WEEKDAYS.values())


@dataclass(frozen=True, slots=True)
class Day:
    """A square of the small calendar; `number` is the infusion on it."""

    day: date
    number: int | None


@dataclass(frozen=True, slots=True)
class ProposalCard:
    """One way to book the series. `weeks` is empty for series too long to draw."""

    key: str
    title: str
    weekdays: str
    times: str
    visits: tuple[ProposedVisit, ...]
    weeks: tuple[tuple[Day, ...], ...]
    aloud: str
    outside: tuple[int, ...]

    @property
    def numbers(self) -> list[int]:
        """Which infusions it places."""
        return [visit.number for visit in self.visits]


def cards(proposals: Sequence[Proposal], *, key: Callable[[], str]) -> list[ProposalCard]:
    """The proposals in their order, each with a key of its own."""
    return [_card(proposal, key()) for proposal in proposals]


def _card(proposal: Proposal, key: str) -> ProposalCard:
    days = {timezone.localdate(visit.start): visit.number for visit in proposal.visits}
    return ProposalCard(
        key=key,
        title=_title(list(days)),
        weekdays=get_text_list([str(KEYS[n]) for n in sorted({day.weekday() for day in days})], gettext("and")),
        times=_times(proposal),
        visits=proposal.visits,
        weeks=_weeks(days),
        aloud=read_aloud([visit.start for visit in proposal.visits]),
        outside=proposal.outside_soft,
    )


def _title(days: list[date]) -> str:
    length = (max(days) - min(days)).days + 1
    return ngettext("done in one day", "done in %(days)s days", length) % {"days": length}


def _times(proposal: Proposal) -> str:
    """Always 10:00 AM; or from and to."""
    times = sorted({timezone.localtime(visit.start).time() for visit in proposal.visits})
    if len(times) == 1:
        return gettext("always %(time)s") % {"time": wall_clock(times[0])}
    return gettext("between %(first)s and %(last)s") % {"first": wall_clock(times[0]), "last": wall_clock(times[-1])}


def _weeks(days: dict[date, int]) -> tuple[tuple[Day, ...], ...]:
    first, last = week_start(min(days)), week_start(max(days))
    count = (last - first).days // 7 + 1
    if count > MOST_WEEKS:
        return ()
    starts = [first + timedelta(weeks=n) for n in range(count)]
    return tuple(
        tuple(Day(day, days.get(day)) for day in (start + timedelta(days=n) for n in range(7))) for start in starts
    )
