"""Where each thing that a visit needs beforehand stands on the visit's day: there, ended, used up, missing. No Django.

Days are those of the clinic where the visit is; hours before a start are hours that pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from scheduling.clinic_time import ClinicTime
from scheduling.protocol_parts import Prerequisite
from scheduling.readiness_texts import BOOKING_TEXTS, STANDING_TEXTS
from scheduling.why_not import WhyNot, Words

Where = Literal[
    "there", "waived", "missing", "withdrawn", "not_yet", "runs_out", "used_up", "late", "overdue",
]  # fmt: skip
READY: Final = frozenset({"there", "waived"})


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of one prerequisite. `number` rises with time; `visit_id` where it is about one visit alone;
    good on clinic-local days `first` to `last`, both counted, for so many `visits`."""

    number: int
    code: str
    answer: Literal["met", "waived", "withdrawn"]
    first: date
    last: date | None
    visits: int | None
    visit_id: int | None
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Needing:
    """A visit that needs what its order asks for; one that is only thought of has no id."""

    visit_id: int | None
    start: datetime
    clock: ClinicTime

    @property
    def day(self) -> date:
        return self.clock.local_day(self.start)


@dataclass(frozen=True, slots=True)
class Stands:
    """Where one prerequisite of a visit stands. `said` is the word that counts, None where there is none; `used` how
    many visits before this one it was used for."""

    needs: Prerequisite
    where: Where
    visit: Needing
    said: Said | None = None
    used: int = 0

    @property
    def is_ready(self) -> bool:
        return self.where in READY

    @property
    def stands_in_the_way(self) -> bool:
        """Whether the visit may not start."""
        return self.needs.stops_start and not self.is_ready

    def is_chased_on(self, today: date) -> bool:
        """Whether somebody has to run after it on this clinic-local day: from `chase_days` before the visit on."""
        return not self.is_ready and today >= self.visit.day - timedelta(days=self.needs.chase_days)

    @property
    def words(self) -> Words:
        """Labs: there until Tue 3 Mar 2026."""
        return Words(STANDING_TEXTS[self._text()], self._values())

    def warning(self, number: int) -> WhyNot:
        """Labs: ends Tue 3 Mar 2026, before infusion 5."""
        values = {"number": number, **self._values()}
        return WhyNot("prerequisite", number, None, BOOKING_TEXTS[self.where], values)

    def _text(self) -> str:
        if self.said is None or self.where not in READY:
            return self.where
        if self.where == "waived":
            once = self.said.visit_id is not None
            return "waived_once" if once else "waived_until" if self.said.last else "waived"
        parts = ["there", *(["until"] if self.said.last else []), *(["for"] if self.said.visits else [])]
        return "_".join(parts)

    def _values(self) -> dict[str, object]:
        by = self.visit.clock.local(due_at(self.needs, self.visit))
        hours = f"{self.needs.hours_before:g}"
        values: dict[str, object] = {"name": self.needs.name, "hours": hours, "day": by.date(), "time": by}
        if self.said:
            values |= {"first": self.said.first, "last": self.said.last, "visits": self.said.visits, "used": self.used}
        return values


def due_at(needs: Prerequisite, visit: Needing) -> datetime:
    """When it has to be there."""
    return visit.start - timedelta(hours=needs.hours_before)


def stand(
    prerequisites: Iterable[Prerequisite],
    visit: Needing,
    said: Sequence[Said],
    counted: Sequence[Needing],
    *,
    now: datetime,
) -> tuple[Stands, ...]:
    """Where each prerequisite of the visit stands, in the plan's order.

    `said` is all that was said of the order's prerequisites; `counted` the order's visits that use one up: booked or
    given, those that are only thought of included, and none that was cancelled or missed.
    """
    return tuple(_stands(one, visit, said, counted, now) for one in prerequisites)


def word_that_counts(code: str, visit: Needing, said: Iterable[Said]) -> Said | None:
    """The word that counts on the visit's day: the last that has begun by then.

    So one that begins later, such as the next authorisation, leaves the present one as it is until that day. What was
    said of this visit alone goes before what was said of all, unless it was taken back, or all was withdrawn since.
    """
    begun = [one for one in said if one.code == code and one.first <= visit.day]
    of_all = _last(one for one in begun if one.visit_id is None)
    own = _last(one for one in begun if one.visit_id is not None and one.visit_id == visit.visit_id)
    if own is None or own.answer == "withdrawn":
        return of_all
    if of_all and of_all.answer == "withdrawn" and of_all.number > own.number:
        return of_all
    return own


def _stands(
    needs: Prerequisite, visit: Needing, said: Sequence[Said], counted: Sequence[Needing], now: datetime
) -> Stands:
    word = word_that_counts(needs.code, visit, said)
    if word is None:
        return _unsaid(needs, visit, said, now)
    used = _used_before(word, visit, said, counted) if word.visits is not None else 0
    return Stands(needs, _where(needs, visit, word, used), visit, word, used)


def _unsaid(needs: Prerequisite, visit: Needing, said: Sequence[Said], now: datetime) -> Stands:
    later = [one for one in said if one.code == needs.code and one.visit_id is None and one.answer == "met"]
    if later:
        return Stands(needs, "not_yet", visit, min(later, key=lambda one: one.first))
    is_past = needs.hours_before > 0 and now > due_at(needs, visit)
    return Stands(needs, "overdue" if is_past else "missing", visit)


def _where(needs: Prerequisite, visit: Needing, word: Said, used: int) -> Where:
    if word.answer == "withdrawn":
        return "withdrawn"
    if word.last is not None and word.last < visit.day:
        return "runs_out"
    if word.answer == "waived":
        return "waived"
    if word.visits is not None and used >= word.visits:
        return "used_up"
    return "late" if _is_late(needs, visit, word) else "there"


def _used_before(word: Said, visit: Needing, said: Sequence[Said], counted: Sequence[Needing]) -> int:
    """How many visits before this one it was used for: not those that another word counts for, such as a waiver."""
    before = (one for one in counted if one.start < visit.start)
    return sum(word_that_counts(word.code, one, said) == word for one in before)


def _is_late(needs: Prerequisite, visit: Needing, word: Said) -> bool:
    """Whether it came too near to the start; what is good from a day before that was there, whenever it was noted."""
    by = due_at(needs, visit)
    return needs.hours_before > 0 and word.said_at > by and word.first >= visit.clock.local_day(by)


def _last(said: Iterable[Said]) -> Said | None:
    return max(said, key=lambda one: one.number, default=None)
