"""Which proposals a person is shown: a few that differ in kind, not the best one with little changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scheduling.clinic_time import ClinicTime
from scheduling.series_terms import Proposal

# Why one is shown: it finishes first, its times are nearest to the wish, or its weekdays and times are the steadiest.
Best = Literal["finish", "wish", "steady"]
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A proposal with what it is best at among those found; nothing where it only fills the row."""

    proposal: Proposal
    best: tuple[Best, ...]


def choose(proposals: Sequence[Proposal], clock: ClinicTime, *, wished: bool) -> tuple[Choice, ...]:
    """At most three of the proposals found, the best first: the one that finishes first, the one nearest to the wished
    time (only if `wished`), and of series the one with the fewest different weekdays and then times.

    One that is best at more than one thing is shown once; the next best ones on other days follow in its place, and on
    the same days where there are no others.
    """
    if not proposals:
        return ()
    best: dict[int, list[Best]] = {0: ["finish"]}
    if wished:
        nearest = min(range(len(proposals)), key=lambda at: proposals[at].minutes_off_wish)
        best.setdefault(nearest, []).append("wish")
    if len(proposals[0].visits) > 1:
        steadiest = min(range(len(proposals)), key=lambda at: unsteadiness(proposals[at], clock))
        best.setdefault(steadiest, []).append("steady")
    shown = [*best]
    days = [frozenset(clock.local_day(visit.start) for visit in one.visits) for one in proposals]
    for at in range(len(proposals)):
        if days[at] not in [days[other] for other in shown]:
            shown.append(at)
    shown += [at for at in range(len(proposals)) if at not in shown]
    return tuple(Choice(proposals[at], tuple(best.get(at, ()))) for at in shown[:SHOWN])


def unsteadiness(proposal: Proposal, clock: ClinicTime) -> tuple[int, int]:
    """How many different weekdays a proposal uses, and how many different times of day."""
    starts = [visit.start for visit in proposal.visits]
    return len({clock.weekday(start) for start in starts}), len({clock.minute_of_day(start) for start in starts})
