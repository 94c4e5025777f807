"""A visit's phases as spans of 5-minute steps after its start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scheduling.bit_planes import Span
from scheduling.capacity import STEP_MINUTES, Phase, check_phases


@dataclass(frozen=True, slots=True, eq=False)
class Stay:
    """A span in a chair or bay that has these features."""

    span: Span
    features: frozenset[str]


# Told apart by identity: shapes are keys of many look-ups, and `shape_of` makes each once.
@dataclass(frozen=True, slots=True, eq=False)
class VisitShape:
    """A visit's phases as steps after its start: how long, and the merged spans in which each thing is needed.

    `seat` is the whole stay in one chair. Where the phases allow a bay, `before_bay` is the chair's part with its
    turnover (None when the visit begins in a bay) and `bay` the rest; the patient does not come back to the chair.
    """

    presence: int
    whole: int
    seat: Stay | None
    before_bay: Stay | None
    bay: Stay | None
    watch: tuple[Span, ...]
    attention: tuple[Span, ...]
    present: tuple[Span, ...]
    with_patient: tuple[Span, ...]
    staffed: tuple[Span, ...]
    equipment: tuple[tuple[str, tuple[Span, ...]], ...]

    @property
    def needs_nurse(self) -> bool:
        return bool(self.watch or self.attention)


@lru_cache(maxsize=512)
def shape_of(phases: tuple[Phase, ...]) -> VisitShape:
    """Refuses with InvalidFields phases that make no visit (see check_phases)."""
    check_phases(phases)
    spans: dict[str, list[Span]] = {name: [] for name in ("watch", "attention", "present", "with-patient", "staffed")}
    equipment: dict[str, list[Span]] = {}
    seated: list[tuple[Phase, Span]] = []
    at = presence = 0
    for phase in phases:
        span = (at, at + phase.minutes // STEP_MINUTES)
        at = span[1]
        if phase.chair:
            seated.append((phase, span))
        if phase.is_turnover:
            continue
        presence = at
        for word in phase.equipment:
            _extend(equipment.setdefault(word, []), span)
        if phase.nurse != "none":
            _extend(spans[phase.nurse], span)
        if phase.prescriber != "none":
            _extend(spans[phase.prescriber], span)
        if phase.chair:
            _extend(spans["staffed"], span)
    before_bay, bay = _with_bay(seated, at - presence)
    return VisitShape(
        presence,
        at,
        _stay(seated),
        before_bay,
        bay,
        tuple(spans["watch"]),
        tuple(spans["attention"]),
        tuple(spans["present"]),
        tuple(spans["with-patient"]),
        tuple(spans["staffed"]),
        tuple((word, tuple(found)) for word, found in sorted(equipment.items())),
    )


def _stay(seated: Sequence[tuple[Phase, Span]], turnover: int = 0) -> Stay | None:
    if not seated:
        return None
    features = frozenset(feature for phase, _ in seated for feature in phase.features)
    return Stay((seated[0][1][0], seated[-1][1][1] + turnover), features)


def _with_bay(seated: Sequence[tuple[Phase, Span]], turnover: int) -> tuple[Stay | None, Stay | None]:
    """The chair is turned over once the patient has left it, the bay at the end."""
    first = next((index for index, (phase, _) in enumerate(seated) if phase.place == "bay"), None)
    if first is None:
        return None, None
    return _stay(seated[:first], turnover), _stay(seated[first:])


def _extend(spans: list[Span], span: Span) -> None:
    if spans and spans[-1][1] == span[0]:
        spans[-1] = (spans[-1][0], span[1])
    else:
        spans.append(span)
