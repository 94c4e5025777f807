"""A visit's phases as spans of 5-minute steps after its start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from scheduling.bit_planes import Span
from scheduling.capacity import STEP_MINUTES, Phase, check_phases


@dataclass(frozen=True, slots=True)
class VisitShape:
    """A visit's phases as steps after its start: how long, and the merged spans in which each thing is needed."""

    presence: int
    whole: int
    seat: Span | None
    features: frozenset[str]
    watch: tuple[Span, ...]
    attention: tuple[Span, ...]
    present: tuple[Span, ...]
    with_patient: tuple[Span, ...]
    staffed: tuple[Span, ...]

    @property
    def needs_nurse(self) -> bool:
        return bool(self.watch or self.attention)


@lru_cache(maxsize=512)
def shape_of(phases: tuple[Phase, ...]) -> VisitShape:
    """Refuses with InvalidFields phases that make no visit (see check_phases)."""
    check_phases(phases)
    spans: dict[str, list[Span]] = {name: [] for name in ("watch", "attention", "present", "with-patient", "staffed")}
    seats: list[Span] = []
    at = presence = 0
    for phase in phases:
        span = (at, at + phase.minutes // STEP_MINUTES)
        at = span[1]
        if phase.chair:
            seats.append(span)
        if phase.is_turnover:
            continue
        presence = at
        if phase.nurse != "none":
            _extend(spans[phase.nurse], span)
        if phase.prescriber != "none":
            _extend(spans[phase.prescriber], span)
        if phase.chair:
            _extend(spans["staffed"], span)
    features = frozenset(feature for phase in phases if phase.chair for feature in phase.features)
    return VisitShape(
        presence,
        at,
        (seats[0][0], seats[-1][1]) if seats else None,
        features,
        tuple(spans["watch"]),
        tuple(spans["attention"]),
        tuple(spans["present"]),
        tuple(spans["with-patient"]),
        tuple(spans["staffed"]),
    )


def _extend(spans: list[Span], span: Span) -> None:
    if spans and spans[-1][1] == span[0]:
        spans[-1] = (spans[-1][0], span[1])
    else:
        spans.append(span)
