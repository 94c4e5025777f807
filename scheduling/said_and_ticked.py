"""What a patient said of when they can come, beside what was ticked: what counts is what was done last. No Django."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time

from scheduling.can_come import ALL, CanCome


@dataclass(frozen=True, slots=True)
class Ticked:
    """Weekdays, a time of day and how many, as boxes show them; None for none of it."""

    weekdays: frozenset[str] | None = None
    at: time | None = None
    how_many: int | None = None


def number_of(can: CanCome, left: int) -> int | None:
    """How many of the infusions that are left; None where it is not said."""
    if can.how_many is None:
        return None
    return left if can.how_many == ALL else min(can.how_many, left)


def said_last(can: CanCome, before: CanCome, ticked: Ticked, left: int) -> CanCome:
    """New words: what was ticked holds beside them, but for what the boxes only showed of the words `before`."""
    by_hand = (ticked.weekdays or frozenset()) - (before.weekdays or frozenset())
    at = None if ticked.at == before.at else ticked.at
    how_many = None if ticked.how_many == number_of(before, left) else ticked.how_many
    return can.beside(by_hand or None, at, how_many)


def ticked_last(can: CanCome, ticked: Ticked, left: int, offered: frozenset[str]) -> CanCome:
    """The same words, and boxes that may say otherwise by now. Weekdays that are not `offered` have no box."""
    said = can.weekdays or frozenset()
    weekdays = (ticked.weekdays or frozenset()) | (said - offered)
    hours = {day: one for day, one in can.hours.items() if day in weekdays or day not in said}
    how_many = can.how_many if ticked.how_many in (None, number_of(can, left)) else ticked.how_many
    return replace(can, weekdays=weekdays or None, hours=hours, at=ticked.at, how_many=how_many)


def contradicts(said: CanCome, counts: CanCome) -> bool:
    """Whether the words say what does not count any more."""
    if not (said.weekdays or frozenset()) <= (counts.weekdays or frozenset()):
        return True
    return any(getattr(said, name) not in (None, getattr(counts, name)) for name in ("at", "how_many"))
