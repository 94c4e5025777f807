"""What stands against a start: chairs and equipment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from scheduling.bit_planes import Span, bits
from scheduling.capacity import Chair
from scheduling.refused_start import RefusedStart
from scheduling.visit_shape import Stay
from scheduling.why_not import WhyNot

TEXTS = {
    "none_suits": "No chair here has what this visit needs.",
    "chair": "%(name)s is in use %(when)s.",
    "chair_out": "%(name)s is out of service %(when)s.",
    "chairs": "All %(count)s chairs are in use %(when)s.",
    "chairs_that_suit": "All %(count)s chairs that suit are in use %(when)s.",
    "some_out": "No chair that suits is free %(when)s.",
    "chairs_out": "No chair that suits is in service %(when)s.",
    "bays": "No recovery bay that suits is free %(when)s.",
    "no_whole_chair": "No chair is free up to %(end)s; %(name)s is free until %(until)s.",
    "no_equipment": "There is no %(word)s here.",
    "equipment": "No %(word)s is free %(when)s.",
    "no_whole_equipment": "No %(word)s is free for the whole visit.",
}


def chairs_against(start: RefusedStart) -> WhyNot:
    """Where the patient could go to a bay, the stay in the chair before it; and the bays where that is free."""
    shape, snapshot = start.shape, start.capacity.snapshot
    assert shape.seat is not None  # noqa: S101 -- a visit without a chair is not refused for chairs
    before = shape.before_bay if snapshot.bays and shape.bay else None
    stay = before or shape.seat
    if before and shape.bay and any(start.capacity.seat_starts(one, before) >> start.at & 1 for one in snapshot.chairs):
        return _bays(start, shape.bay)
    suit = [one for one in snapshot.chairs if stay.features <= one.features]
    if not suit:
        return start.because("chairs", TEXTS["none_suits"])
    all_taken = _all_taken(start, suit)
    step = start.first_in(all_taken, (stay.span,))
    if step is None:
        return _longest_free(start, suit, stay.span)
    when = start.spell(all_taken, step)
    if len(suit) == 1:
        chair, planes = suit[0].id, start.capacity.planes
        out = planes.out[chair] >> step & 1
        when = start.spell(planes.out[chair] if out else planes.seats[chair], step)
        return start.because("chairs", TEXTS["chair_out" if out else "chair"], resource_id=chair, when=when)
    return start.because(
        "chairs", TEXTS[_how_taken(start, suit, start.run(all_taken, step))], count=len(suit), when=when
    )


def _how_taken(start: RefusedStart, suit: Sequence[Chair], meanwhile: Span) -> str:
    """The text that is true of all of several chairs."""
    steps = bits(*meanwhile)
    out = [start.capacity.planes.out[one.id] & steps for one in suit]
    if not any(out):
        return "chairs" if len(suit) == len(start.capacity.snapshot.chairs) else "chairs_that_suit"
    return "chairs_out" if all(one == steps for one in out) else "some_out"


def _all_taken(start: RefusedStart, seats: Sequence[Chair]) -> int:
    planes = start.capacity.planes
    return reduce(int.__and__, (planes.seats[one.id] | planes.out[one.id] for one in seats), -1)


def _longest_free(start: RefusedStart, seats: Sequence[Chair], span: Span) -> WhyNot:
    """Some chair is free at each moment, but none throughout: the one that is free longest."""
    planes = start.capacity.planes
    ends = start.at + span[1]
    found = [(start.first_in(planes.seats[one.id] | planes.out[one.id], (span,)), one.id) for one in seats]
    until, longest = max((ends if step is None else step, one) for step, one in found)
    return start.because(
        "chairs", TEXTS["no_whole_chair"], resource_id=longest, end=start.local(ends), until=start.local(until)
    )


def _bays(start: RefusedStart, stay: Stay) -> WhyNot:
    suit = [one for one in start.capacity.snapshot.bays if stay.features <= one.features]
    all_taken = _all_taken(start, suit)
    step = start.first_in(all_taken, (stay.span,))
    step = start.at + stay.span[0] if step is None else step
    return start.because("chairs", TEXTS["bays"], when=start.spell(all_taken, step))


def equipment_against(start: RefusedStart) -> WhyNot:
    """The first word for which no piece is free."""
    snapshot, planes = start.capacity.snapshot, start.capacity.planes
    for word, spans in start.shape.equipment:
        suit = [one for one in snapshot.equipment if word in one.features]
        if any(start.capacity.equipment_starts(one, word, spans) >> start.at & 1 for one in suit):
            continue
        if not suit:
            return start.because("equipment", TEXTS["no_equipment"], word=word)
        all_taken = reduce(int.__and__, (planes.used[one.id] | planes.out[one.id] for one in suit), -1)
        step = start.first_in(all_taken, spans)
        one = suit[0].id if len(suit) == 1 else None
        if step is None:
            return start.because("equipment", TEXTS["no_whole_equipment"], resource_id=one, word=word)
        return start.because(
            "equipment", TEXTS["equipment"], resource_id=one, word=word, when=start.spell(all_taken, step)
        )
    raise AssertionError("equipment was said to be missing, but each piece is free")
