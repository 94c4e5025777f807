"""Planes of 5-minute steps as integers: bit i is step i. A plane of -1 has every step."""

from __future__ import annotations

from collections.abc import Iterable

# First step and step after.
Span = tuple[int, int]
# Planes of free steps, each with the spans in which a visit wants them, counted from its start.
Needs = tuple[tuple[int, tuple[Span, ...]], ...]


def bits(start: int, end: int) -> int:
    """The plane of steps [start, end)."""
    return ((1 << (end - start)) - 1) << start if end > start else 0


def room_for(plane: int, steps: int) -> int:
    """The starts from which that many steps of the plane are set."""
    have = 1
    while have < steps and plane:
        more = min(have, steps - have)
        plane &= plane >> more
        have += more
    return plane


def room_for_needs(needs: Needs) -> int:
    """The starts from which each span of each need is set in its plane; -1 when nothing is asked."""
    found = -1
    for plane, spans in needs:
        for start, end in spans:
            found &= room_for(plane, end - start) >> start
    return found


def steps_set(plane: int) -> list[int]:
    found = []
    while plane:
        low = plane & -plane
        found.append(low.bit_length() - 1)
        plane ^= low
    return found


def at_least(planes: Iterable[int], count: int) -> int:
    """The steps that are set in `count` or more of the planes."""
    levels = [-1] + [0] * count
    for plane in planes:
        for level in range(count, 0, -1):
            levels[level] |= levels[level - 1] & plane
    return levels[count]


def any_of(planes: Iterable[int]) -> int:
    found = 0
    for plane in planes:
        found |= plane
    return found
