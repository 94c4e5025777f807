"""Rules that the role which owns them may let a booking break, with a reason. The one table of who owns which.

What is not in it holds for everybody: two uses of one place, one patient in two places, minimum staff, times gone by,
reviews, orders that are not active.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scheduling.events import Actor
from scheduling.models import Role
from scheduling.permissions import NotAllowed
from scheduling.picks import AnyPick, BookingRefused, Pick
from scheduling.problems import because
from scheduling.why_not import WhyNot

REASON_LENGTH: Final = 300
OWNERS: Final[dict[str, Role]] = {
    "hours": Role.MANAGER,
    "last_end": Role.MANAGER,
    "grid": Role.MANAGER,
    "spacing": Role.PRESCRIBER,
    "within_days": Role.PRESCRIBER,
    "per_week": Role.PRESCRIBER,
    # Visits of the series were missed, and a clinician has not said yet how it goes on.
    "missed_visits": Role.PRESCRIBER,
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """A rule (a key of OWNERS) that its owner lets this booking break, and why."""

    rule: str
    reason: str


def check_allowed(allow: Sequence[Allowed], by: Actor) -> None:
    """Refuses with NotAllowed unless `by` has the role that owns each rule at their clinic, and with BookingRefused
    where no reason is given."""
    for one in allow:
        if OWNERS.get(one.rule) not in by.roles:
            raise NotAllowed(f"rule.{one.rule}")
    if any(not one.reason.strip() for one in allow):
        raise BookingRefused([because("reason_needed")])


def owner_of(problems: Sequence[WhyNot]) -> Role | None:
    """The role that may let all of these pass; None where there are none, one that nobody may let pass, or two roles
    that would have to agree."""
    owners = {OWNERS.get(problem.rule) for problem in problems}
    return owners.pop() if len(owners) == 1 else None


def as_asked(allow: Sequence[Allowed]) -> list[list[str]]:
    """What is allowed as plain data, by which a repeated request is known."""
    return sorted([one.rule, one.reason] for one in allow)


def sort_out(problems: Sequence[WhyNot], allow: Sequence[Allowed]) -> tuple[list[WhyNot], list[WhyNot]]:
    """The problems that stand, and those that were allowed."""
    rules = {one.rule for one in allow}
    return [one for one in problems if one.rule not in rules], [one for one in problems if one.rule in rules]


def overruled(broken: Sequence[WhyNot], pick: AnyPick, picks: Sequence[AnyPick]) -> tuple[str, ...]:
    """The rules that this pick breaks; one that is broken for an infusion that was not picked counts for the first."""
    picked = {one.number for one in picks if isinstance(one, Pick)}

    def belongs(problem: WhyNot) -> bool:
        for number in (problem.number, problem.values.get("anchor")):
            if number in picked:
                return isinstance(pick, Pick) and pick.number == number
        return pick == picks[0]

    return tuple(sorted({problem.rule for problem in broken if belongs(problem)}))
