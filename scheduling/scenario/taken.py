"""What booked visits take of a clinic: claims, and who sits where.

Taken counts outward: a step of 5 minutes that a visit touches is taken whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from scheduling.bit_planes import Span
from scheduling.capacity import STEP_SECONDS, Equipment, Prescriber, Role, Seated, TakenSpans
from scheduling.scenario.booked import BookedVisit
from scheduling.scenario.calendar import Calendar
from scheduling.scenario.first_free import FirstFree
from scheduling.visit_shape import Stay

# A resource, its role, and absolute steps.
Use = tuple[str, Role, Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Taken:
    """`seated` is made when it is first asked for: a search without starts by repack never needs it."""

    claims: Sequence[TakenSpans]
    seated: Callable[[], Sequence[Seated]]


def what_is_taken(
    visits: Iterable[BookedVisit],
    prescribers: Sequence[Prescriber],
    equipment: Sequence[Equipment],
    calendar: Calendar,
    now: datetime,
) -> Taken:
    """What these visits take. Where one needs a prescriber with its patient, or a piece of equipment, and does not say
    which, it takes the first that is there and free then; first come those that say which, then earlier ones."""
    standing = sorted(visits, key=lambda visit: visit.start)
    features = {one.id: one.features for one in equipment}
    whoever = FirstFree(prescribers, equipment, calendar.whole)
    steps: dict[tuple[str, Role], list[int]] = defaultdict(list)
    for visit in standing:
        for resource_id, role, spans in _named(visit, features):
            whoever.note(resource_id, role, spans)
            steps[resource_id, role].extend(step for span in spans for step in span)
    for visit in standing:
        for resource_id, role, spans in _unnamed(visit, whoever):
            steps[resource_id, role].extend(step for span in spans for step in span)
    claims: list[TakenSpans] = [(resource_id, role, taken) for (resource_id, role), taken in steps.items()]
    return Taken(claims, lambda: [seated for visit in standing for seated in _seated(visit, now)])


def _touched(visit: BookedVisit, spans: Iterable[Span]) -> list[Span]:
    """Spans of steps after the visit's start as the absolute steps that they touch."""
    began = visit.start.timestamp() / STEP_SECONDS
    low, high = int(began), ceil(began)
    return [(low + first, high + after) for first, after in spans]


def _presence(visit: BookedVisit) -> Span:
    return int(visit.start.timestamp() // STEP_SECONDS), ceil(visit.end.timestamp() / STEP_SECONDS)


def _named(visit: BookedVisit, features: Mapping[str, frozenset[str]]) -> Iterator[Use]:
    """What the visit takes of the resources that it names."""
    shape = visit.shape
    if shape is None:
        presence = [_presence(visit)]
        yield from ((seat, "seat", presence) for seat in (visit.chair, visit.bay) if seat)
        yield from ((nurse, "watch", presence) for nurse in (visit.nurse,) if nurse)
        yield from ((piece, "use", presence) for piece in visit.equipment)
        return
    for seat, stay in _stays(visit):
        yield seat, "seat", _touched(visit, [stay.span])
    if visit.nurse:
        yield visit.nurse, "watch", _touched(visit, shape.watch)
        yield visit.nurse, "attention", _touched(visit, shape.attention)
    if visit.prescriber:
        yield visit.prescriber, "with-patient", _touched(visit, shape.with_patient)
    for piece in visit.equipment:
        asked = [span for word, spans in shape.equipment if word in features[piece] for span in spans]
        yield piece, "use", _touched(visit, asked or [(0, shape.presence)])


def _unnamed(visit: BookedVisit, whoever: FirstFree) -> Iterator[Use]:
    """What the visit takes of whoever and whatever is free."""
    shape = visit.shape
    if shape is None:
        return
    if shape.with_patient and visit.prescriber is None:
        spans = _touched(visit, shape.with_patient)
        if (found := whoever.prescriber(spans)) is not None:
            yield found, "with-patient", spans
    for word, wanted in () if visit.equipment else shape.equipment:
        spans = _touched(visit, wanted)
        if (piece := whoever.equipment(word, spans)) is not None:
            yield piece, "use", spans


def _stays(visit: BookedVisit) -> Iterator[tuple[str, Stay]]:
    """The chair for the whole visit, or the chair and then the bay where the visit names one."""
    shape = visit.shape
    if shape is None:
        return
    in_bay = shape.bay if visit.bay else None
    chair = shape.before_bay if in_bay else shape.seat
    if visit.chair and chair:
        yield visit.chair, chair
    if visit.bay and in_bay:
        yield visit.bay, in_bay


def _seated(visit: BookedVisit, now: datetime) -> Iterator[Seated]:
    """The stay in a chair; a visit that is pinned or has begun keeps its own."""
    may_move = not visit.pinned and visit.start > now
    if visit.shape is None and visit.chair:
        yield Seated(visit.id, visit.chair, *_presence(visit), may_move=may_move)
    for seat, stay in _stays(visit):
        if seat == visit.chair:
            [(first, after)] = _touched(visit, [stay.span])
            yield Seated(visit.id, seat, first, after, stay.features, may_move)
