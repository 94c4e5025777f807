"""A proposal as the mapping that `propose` prints: times with the clinic's offset, names as the scenario wrote them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduling.clinic_time import ClinicTime
from scheduling.series_terms import Proposal, ProposedReview, ProposedVisit


@dataclass(frozen=True)
class ProposalWords:
    """`numbers` are the names that the scenario wrote as whole numbers, by kind."""

    clock: ClinicTime
    numbers: Collection[tuple[str, str]]

    def proposal(self, found: Proposal) -> dict[str, Any]:
        said: dict[str, Any] = {
            "finish": found.finish_date.isoformat(),
            "minutes_off_wish": found.minutes_off_wish,
            "visits": [self._visit(visit) for visit in found.visits],
        }
        if found.outside_soft:
            said["outside_soft"] = list(found.outside_soft)
        if found.reviews:
            said["reviews"] = [self._review(review) for review in found.reviews]
        return said

    def _visit(self, visit: ProposedVisit) -> dict[str, Any]:
        said = {
            "dose": visit.number,
            "start": self._time(visit.start),
            "end": self._time(visit.end),
            "chair": self._name("chairs", visit.chair),
            "nurse": self._name("nurses", visit.nurse),
            "prescribers": [self._name("prescribers", one) for one in visit.prescribers],
            "by_repack": visit.by_repack,
        }
        if visit.moves:
            said["moves"] = [
                {
                    "visit": self._name("booked", move.visit),
                    "from_chair": self._name("chairs", move.from_chair),
                    "to_chair": self._name("chairs", move.to_chair),
                }
                for move in visit.moves
            ]
        return said

    def _review(self, review: ProposedReview) -> dict[str, Any]:
        return {
            "after": review.after,
            "start": self._time(review.start),
            "end": self._time(review.end),
            "prescribers": [self._name("prescribers", one) for one in review.prescribers],
        }

    def _time(self, instant: datetime) -> str:
        return self.clock.local(instant).isoformat()

    def _name(self, kind: str, name: str | None) -> str | int | None:
        return int(name) if name is not None and (kind, name) in self.numbers else name
