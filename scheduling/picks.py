"""What was picked for an order: infusions and the reviews between them, each with the start chosen for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scheduling.models import Appointment
from scheduling.problems import Refused, because, out_of_time


class BookingRefused(Refused):
    """The visits can't be had as asked; nothing was written. `problems` say why."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One infusion of an order and the start chosen for it. Refuses an instant without an offset (ValueError)."""

    number: int
    start: datetime

    def __post_init__(self) -> None:
        _needs_offset(self.start)


@dataclass(frozen=True, slots=True)
class ReviewPick:
    """The review visit between infusion `after` and the next, and the start chosen for it. Refuses as `Pick` does."""

    after: int
    start: datetime

    def __post_init__(self) -> None:
        _needs_offset(self.start)


AnyPick = Pick | ReviewPick


def sound_picks(picks: Sequence[AnyPick], *, now: datetime) -> list[AnyPick]:
    """The picks in order of time, in UTC. Refuses with BookingRefused what can be told before any lock: none, one
    picked twice, one out of all time."""
    if not picks:
        raise BookingRefused([because("nothing_picked")])
    counts = Counter((type(pick), number_of(pick)) for pick in picks)
    wrong = [because("picked_twice", number) for (_, number), count in counts.items() if count > 1]
    wrong += [because(rule, number_of(pick)) for pick in picks if (rule := out_of_time(pick.start, now=now))]
    if wrong:
        raise BookingRefused(wrong)
    return sorted((replace(pick, start=pick.start.astimezone(UTC)) for pick in picks), key=lambda pick: pick.start)


def number_of(pick: AnyPick) -> int:
    """The infusion, or the one before the review."""
    return pick.number if isinstance(pick, Pick) else pick.after


def pick_of(visit: Appointment, start: datetime | None = None) -> AnyPick:
    """What an order's visit was picked as, at its own start or another. Refuses with BookingRefused any other visit."""
    start, number = start or visit.period.lower, visit.dose_number or visit.kept_for_number
    if number is not None:
        return Pick(number, start)
    if visit.review_after is not None:
        return ReviewPick(visit.review_after, start)
    raise BookingRefused([because("not_offered")])


def as_said(picks: Sequence[AnyPick]) -> list[list[object]]:
    """The picks as plain data, by which a repeated request is known."""
    return [[type(pick).__name__, number_of(pick), pick.start.isoformat()] for pick in picks]


def _needs_offset(start: datetime) -> None:
    if start.tzinfo is None:
        raise ValueError("a start needs an offset")
