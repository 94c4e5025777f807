"""What a found path becomes: each infusion with its chair and people, the moves that make room, the reviews between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from scheduling.clinic_capacity import ClinicCapacity
from scheduling.date_paths import Path
from scheduling.repacking import COST_OF_REPACK, RoomByRepack
from scheduling.reviews_between import ReviewsBetween, step_of
from scheduling.series_terms import DoseRequest, Move, Proposal, ProposedReview, ProposedVisit, SeriesTerms
from scheduling.spacing import broken_rules
from scheduling.visit_shape import shape_of


class SeriesProposals:
    """Assigns each start once, though many proposals share it."""

    def __init__(
        self,
        capacity: ClinicCapacity,
        terms: SeriesTerms,
        doses: Sequence[DoseRequest],
        room: RoomByRepack,
        reviews: ReviewsBetween,
    ) -> None:
        self.capacity, self.terms, self.doses, self.room, self.reviews = capacity, terms, doses, room, reviews
        self._visits: dict[tuple[int, int], ProposedVisit] = {}

    def proposal(self, path: Path) -> Proposal:
        """The proposal of one path; `outside_soft` where a soft side of a rule is not kept."""
        cost, days, steps = path
        visits = tuple(self._visit(dose, step) for dose, step in zip(self.doses, steps, strict=True))
        outside: tuple[int, ...] = ()
        if any(spacing.soft for spacing in self.terms.spacings):
            starts = self.terms.known | {visit.number: visit.start for visit in visits}
            broken = broken_rules(
                starts, self.terms.spacings, self.capacity.clock, open_days=self.capacity.snapshot.open_days
            )
            outside = tuple(sorted({one.number for one in broken if one.soft}))
        finish = date.fromordinal(days[-1])
        return Proposal(finish, cost % COST_OF_REPACK, visits, outside, tuple(self._reviews(visits)))

    def _reviews(self, visits: Sequence[ProposedVisit]) -> list[ProposedReview]:
        """Each between its infusions; none between two that stand already and leave no time for it."""
        starts = dict(self.terms.known) | {one.number: one.start for one in visits}
        ends = dict(self.terms.known) | {one.number: one.end for one in visits}
        found = []
        for number in sorted(self.reviews.reviews):
            earlier = max((one for one in ends if one <= number), default=None)
            if earlier is None:
                continue
            review = self.reviews.proposed(number, step_of(ends[earlier]))
            if review and review.end <= min(start for one, start in starts.items() if one > number):
                found.append(review)
        return found

    def _visit(self, dose: DoseRequest, step: int) -> ProposedVisit:
        if (dose.number, step) not in self._visits:
            self._visits[dose.number, step] = self._assigned(dose, step)
        return self._visits[dose.number, step]

    def _assigned(self, dose: DoseRequest, step: int) -> ProposedVisit:
        at = step - self.capacity.axis.first_step
        start, end = self.capacity.instant(at), self.capacity.instant(at + shape_of(dose.phases).presence)
        direct = self.capacity.start_bits(dose.phases) >> at & 1
        dealt = None if direct else self.room.dealt(dose.phases, step)
        assigned = self.capacity.assign(start, dose.phases, chair=dealt.chair if dealt else None)
        if assigned is None:
            raise AssertionError(f"a counted start at {start} could not be assigned")
        moves = tuple(Move(visit.visit, visit.chair, to) for visit, to in dealt.moved) if dealt else ()
        return ProposedVisit(
            dose.number, start, end, assigned.chair, assigned.nurse, assigned.prescribers, assigned.claims, moves
        )
