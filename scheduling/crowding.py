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
    return all(_within(edge, own, others, limit) for edge in edges if any(use.period.contains(edge) for use in own))


def _within(at: datetime, own: Sequence[Busy], others: Sequence[Busy], limit: NurseLimit) -> bool:
    there = [use for use in (*own, *others) if use.period.contains(at)]
    attending = sum(use.role == "attention" for use in there)
    watching = len(there) - attending
    if attending:
        return attending == 1 and watching <= limit.while_attending
    return watching <= limit.watch


def grown(before: Iterable[Busy], after: Iterable[Busy]) -> list[Busy]:
    """Uses that are new or longer than before."""
    old = set(before)
    return [use for use in after if use not in old]
