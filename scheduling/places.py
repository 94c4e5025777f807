"""Which numbered place of a resource a claim gets: bookkeeping, since capacity was counted before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduling.intervals import Interval


class NoPlaceLeft(Exception):
    """More claims overlap than the resource has places."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A claim that stands (`claim_id`) or is being written (None), and its place."""

    claim_id: int | None
    period: Interval
    place: int


def first_fit(standing: Sequence[Numbered], wanted: Sequence[Interval], places: int) -> list[Numbered] | None:
    """The lowest number free throughout each wanted period, in their order; None where one has none.

    Each instant may have a free place and yet not the same one: then `deal_anew` helps.
    """
    dealt: list[Numbered] = []
    for period in wanted:
        used = {one.place for one in (*standing, *dealt) if one.period.overlaps(period)}
        free = next((place for place in range(1, places + 1) if place not in used), None)
        if free is None:
            return None
        dealt.append(Numbered(None, period, free))
    return dealt


def deal_anew(standing: Sequence[Numbered], wanted: Sequence[Interval], places: int) -> list[Numbered]:
    """Numbers for all claims from left to right: those of `wanted` in their order, then of each standing claim that
    changes its number.

    Never needs more numbers than claims that overlap. `standing` must have every claim that overlaps one of them, for
    a claim that is not in it keeps its number. Refuses with NoPlaceLeft.
    """
    claims = [(one.period, one.claim_id, one.place, -1) for one in standing]
    claims += [(period, None, 0, index) for index, period in enumerate(wanted)]
    until: dict[int, datetime] = {}
    fresh: dict[int, Numbered] = {}
    moved: list[Numbered] = []
    for period, claim_id, old, index in sorted(claims, key=lambda claim: (claim[0].start, claim[0].end, claim[3])):
        free = [place for place in range(1, places + 1) if place not in until or until[place] <= period.start]
        if not free:
            raise NoPlaceLeft
        place = old if old in free else free[0]
        until[place] = period.end
        if claim_id is None:
            fresh[index] = Numbered(None, period, place)
        elif place != old:
            moved.append(Numbered(claim_id, period, place))
    return [fresh[index] for index in range(len(wanted))] + moved
