"""Whether a visit's uses go together with those of others: one at a time in a chair, counted with a nurse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduling.capacity import Busy
from scheduling.visit_course import NURSE


@dataclass(frozen=True, slots=True)
class NurseLimit:
    """How many patients a nurse may watch, and how many others while one has her attention."""

    watch: int
    while_attending: int


def fits(uses: Iterable[Busy], taken: Sequence[Busy], limits: Mapping[str, NurseLimit]) -> bool:
    """Whether these uses have room beside those that are `taken`. Absences and shifts are not asked here."""
    mine = list(uses)
    for use in mine:
        if use.role in NURSE:
            continue
        if any(clash(use, other) for other in taken):
            return False
    nurses = {use.resource_id for use in mine if use.role in NURSE}
    return all(_nurse_can(nurse, mine, taken, limits[nurse]) for nurse in nurses if nurse in limits)


def clash(one: Busy, other: Busy) -> bool:
    return one.resource_id == other.resource_id and one.role == other.role and one.period.overlaps(other.period)


def _nurse_can(nurse: str, mine: Sequence[Busy], taken: Sequence[Busy], limit: NurseLimit) -> bool:
    own = [use for use in mine if use.resource_id == nurse and use.role in NURSE]
    others = [use for use in taken if use.resource_id == nurse and use.role in NURSE]
    # The count changes only where a use begins.
    edges = {use.period.start for use in (*own, *others)}
    return all(_room_for(use, edge, others, limit) for use in own for edge in edges if use.period.contains(edge))


def _room_for(use: Busy, at: datetime, others: Sequence[Busy], limit: NurseLimit) -> bool:
    """As the search counts: two who have her attention at once, as may happen, weigh no more than one."""
    there = [other.role for other in others if other.period.contains(at)]
    watched = there.count("watch")
    if use.role == "attention":
        return "attention" not in there and watched <= limit.while_attending
    return watched < (min(limit.watch, limit.while_attending) if "attention" in there else limit.watch)


def grown(before: Iterable[Busy], after: Iterable[Busy]) -> list[Busy]:
    """Uses that are new or longer than before."""
    old = set(before)
    return [use for use in after if use not in old]
