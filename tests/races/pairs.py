"""Running every schedule of two verbs and asking after each what must hold; the pairs stand in their own modules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from math import comb
from typing import Final

from scheduling.models import Appointment
from scheduling.problems import TEXTS
from tests.races.invariants import broken
from tests.races.stage import People, Stage
from tests.races.stepping import PLAIN, Act, Limit, Schedule, explore

Ends = tuple[bool, bool]
BOTH: Final = (True, True)
FIRST: Final = (True, False)
SECOND: Final = (False, True)
# A refusal that names the machinery would be one only because nothing better is known: no schedule may need it.
WORDS: Final = (TEXTS.keys() - {"busy"}) | {plain.__name__ for plain in PLAIN if plain.__name__ != "BusyNow"}


def nothing_more(people: People, schedule: Schedule) -> None:
    """For pairs whose outcomes and invariants say all."""


@dataclass(frozen=True)
class Two:
    """Two verbs at once. `ends`: who may have been done in the end, each of which some schedule shows.

    `says`: refusals that are plain enough here, though not elsewhere."""

    name: str
    first: Callable[[People], object]
    second: Callable[[People], object]
    ends: frozenset[Ends]
    also: Callable[[People, Schedule], None] = nothing_more
    says: frozenset[str] = frozenset()

    def acts(self, people: People) -> tuple[Act, Act]:
        """Each side with copies of its own: a verb reads the row it was given anew."""
        sides = [fresh(people), fresh(people)]
        return lambda: self.first(sides[0]), lambda: self.second(sides[1])


def fresh(people: People) -> People:
    """The same people with copies of their rows."""
    orders = {who: copy(order) for who, order in people.orders.items()}
    visits = {who: [copy(visit) for visit in rows] for who, rows in people.visits.items()}
    return People(
        copy(people.clinic),
        people.by,
        people.user,
        people.wide,
        orders,
        visits,
        [copy(asked) for asked in people.asked],
    )


@dataclass
class Seen:
    """What all schedules of a pair showed."""

    name: str
    schedules: int = 0
    longest: tuple[int, int] = (0, 0)
    ends: Counter[Ends] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        done = {BOTH: "both", FIRST: "first only", SECOND: "second only", (False, False): "neither"}
        ends = ", ".join(f"{done[end]} {count}" for end, count in sorted(self.ends.items(), reverse=True))
        said = ", ".join(sorted(self.refusals)) or "none"
        orders = comb(sum(self.longest), self.longest[0])
        of_all = f" of {orders} orders" if self.schedules <= orders < 10_000 else ""
        return (
            f"{self.name}: {self.schedules} schedules{of_all}, {self.longest[0]} and {self.longest[1]} statements;"
            f" done: {ends}; refusals: {said}"
        )


def run_all(stage: Stage, two: Two, limit: Limit) -> Seen:
    """Every schedule within the limit, from the same rows; raises AssertionError with the first that breaks a rule."""
    seen = Seen(two.name)

    def begin() -> tuple[Act, Act]:
        stage.kept.put_back()
        return two.acts(stage.people)

    for schedule in explore(stage.pair, begin, limit):
        check(stage, two, schedule)
        sent = [len(side.sent) for side in stage.pair.sides]
        seen.longest = (max(seen.longest[0], sent[0]), max(seen.longest[1], sent[1]))
        seen.schedules += 1
        seen.ends[schedule.ends] += 1
        seen.refusals.update(rule for outcome in schedule.outcomes for rule in outcome.refused)
    assert set(seen.ends) == two.ends, seen
    return seen


def check(stage: Stage, two: Two, schedule: Schedule) -> None:
    """What must hold after any schedule."""
    where = f"{two.name}, {schedule}: {schedule.outcomes}"
    refused = {rule for outcome in schedule.outcomes for rule in outcome.refused}
    assert not any(outcome.error for outcome in schedule.outcomes), f"an error: {where}"
    assert not schedule.deadlocked, f"each waited for the other: {where}"
    assert schedule.ends in two.ends, f"the wrong ones were done: {where}"
    assert refused <= WORDS | two.says, f"no plain refusal: {where}"
    found = broken(stage.kept.connection)
    assert not found, f"{found}: {where}"
    two.also(stage.people, schedule)


def visits_of(people: People, who: str) -> list[Appointment]:
    """The live visits of somebody's order as they are now."""
    return list(Appointment.objects.filter(order=people.orders[who], live=True).order_by("period"))
