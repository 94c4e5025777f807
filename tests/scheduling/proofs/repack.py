"""Starts by repack, said the slow way: every way to give the day's movable visits chairs is tried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from scheduling.capacity import Chair, ClinicSnapshot, Phase, Seated
from tests.scheduling.proofs.day_starts import Clinic, span, touch, ways_to_sit


def repack_starts(snapshot: ClinicSnapshot, day: date, phases: tuple[Phase, ...], now: datetime) -> dict[datetime, int]:
    """The starts of a day that are not direct, with the fewest visits that must change their chair for each."""
    way = ways_to_sit(phases)[0]
    if snapshot.seated is None or not way or has_opened(snapshot, day, now):
        return {}
    clinic = Clinic(snapshot)
    direct = set(clinic.direct_starts(day, phases))
    left = {
        start.timestamp(): start
        for start in clinic.grid_starts(day)
        if start not in direct and clinic.allows_but_for_seats(day, start, phases)
    }
    seated = [one for one in snapshot.seated() if snapshot.clock.local_day(one.period.start) == day]
    movable = [one for one in seated if one.may_move]
    if not left or not movable:
        return {}
    fixed = Clinic(snapshot, [(one.chair, span(one.period)) for one in movable])
    fewest: dict[datetime, int] = {}
    for chairs in dealings(fixed, movable):
        moves = sum(one.chair != chair.id for one, chair in zip(movable, chairs, strict=True))
        for at, start in left.items():
            held = (at + way[0].first, at + way[0].after)
            if moves < fewest.get(start, len(movable) + 1) and any(
                way[0].features <= chair.features
                and fixed.is_free(chair, "seat", held)
                and not any(
                    its.id == chair.id and touch(span(one.period), held)
                    for one, its in zip(movable, chairs, strict=True)
                )
                for chair in snapshot.chairs
            ):
                fewest[start] = moves
    return fewest


def has_opened(snapshot: ClinicSnapshot, day: date, now: datetime) -> bool:
    hours = snapshot.open.get(day, ())
    return snapshot.clock.local_day(now) == day and bool(hours) and now >= min(one.start for one in hours)


def dealings(fixed: Clinic, movable: list[Seated], dealt: tuple[Chair, ...] = ()) -> Iterator[tuple[Chair, ...]]:
    """Every way to give each visit a chair: its own, or one that has its features, works and is free then."""
    if len(dealt) == len(movable):
        yield dealt
        return
    one = movable[len(dealt)]
    taken = {chair.id for other, chair in zip(movable, dealt, strict=False) if other.period.overlaps(one.period)}
    for chair in fixed.snapshot.chairs:
        fits = one.features <= chair.features and fixed.is_free(chair, "seat", span(one.period))
        if chair.id not in taken and (fits or chair.id == one.chair):
            yield from dealings(fixed, movable, (*dealt, chair))
