"""Review visits that lie between two infusions: when they can be, and which one a series gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from scheduling.capacity import STEP_SECONDS, Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.date_paths import Group, Option
from scheduling.free_starts import FreeStarts
from scheduling.series_terms import ProposedReview
from scheduling.visit_shape import shape_of

NEVER = 10**12


class ReviewsBetween:
    """`reviews`: the phases of the review after each infusion that has one. Steps are absolute."""

    def __init__(self, capacity: ClinicCapacity, starts: FreeStarts, reviews: Mapping[int, tuple[Phase, ...]]) -> None:
        self.capacity, self.reviews = capacity, reviews
        self._first = capacity.axis.first_step
        self._planes = {number: starts.plane(phases) for number, phases in reviews.items()}

    def earliest(self, number: int, after: int) -> int | None:
        """The first start of the review after infusion `number` from a step on."""
        left = self._planes[number] >> max(after - self._first, 0)
        return max(after, self._first) + (left & -left).bit_length() - 1 if left else None

    def over(self, number: int, after: int) -> int:
        """When the review is over at the earliest, once the infusion is from step `after` on; NEVER without one."""
        start = self.earliest(number, after)
        return NEVER if start is None else start + shape_of(self.reviews[number]).presence

    def by_review(self, number: int, options: Sequence[Option], presence: int, day_ends: int) -> list[Group]:
        """The starts of one day in groups that have their review by the end of the day, or by the same later step."""
        groups: dict[int, list[Option]] = {}
        for off, step in options:
            over = self.over(number, step + presence)
            if over != NEVER:
                groups.setdefault(0 if over <= day_ends else over, []).append((off, step))
        return list(groups.items())

    def proposed(self, number: int, after: int) -> ProposedReview | None:
        """The earliest review from a step on, with its prescriber."""
        start = self.earliest(number, after)
        if start is None:
            return None
        phases = self.reviews[number]
        begins = self.capacity.instant(start - self._first)
        assigned = self.capacity.assign(begins, phases)
        if assigned is None:
            raise AssertionError(f"a counted review at {begins} could not be assigned")
        ends = self.capacity.instant(start - self._first + shape_of(phases).presence)
        return ProposedReview(number, begins, ends, assigned.prescribers, assigned.claims)


def step_of(instant: datetime) -> int:
    """The absolute step an instant lies in, or the next one when it does not begin one."""
    return -(-int(instant.timestamp()) // STEP_SECONDS)


def worth_keeping(options: Sequence[Option]) -> list[Option]:
    """Of starts those that begin later than every better one, the best first: all that a lower bound can ask for."""
    kept: list[Option] = []
    for option in sorted(options):
        if not kept or option[1] > kept[-1][1]:
            kept.append(option)
    return kept
