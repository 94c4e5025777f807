"""The parts of a visit under way, and how a step or an overrun moves those that are still to come.

Times stay on 5-minute steps: what is recorded less than five minutes off its plan moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from scheduling.capacity import STEP_MINUTES, STEP_SECONDS, Phase, Role
from scheduling.intervals import Interval

STEP: Final = timedelta(minutes=STEP_MINUTES)
INFUSE: Final = "infuse"
RECOVER: Final = frozenset({"recover", "observe"})


@dataclass(frozen=True, slots=True)
class Part:
    """A phase of a visit: what it needs, when it is meant to be, and when it began and ended in truth."""

    phase: Phase
    period: Interval
    began: datetime | None = None
    ended: datetime | None = None

    def needs(self, role: Role) -> bool:
        if role == "seat":
            return self.phase.chair
        if role == "with-patient":
            return self.phase.prescriber == role
        return self.phase.nurse == role

    def shifted(self, shift: timedelta) -> Part:
        return replace(self, period=Interval(self.period.start + shift, self.period.end + shift))


Parts = tuple[Part, ...]


def present(parts: Parts) -> Parts:
    """The parts in which the patient is there."""
    return tuple(part for part in parts if not part.phase.is_turnover)


def which_infuses(parts: Sequence[tuple[str, timedelta]]) -> int:
    """Of the parts of a visit, by name and length, the one in which it infuses: that of the name, else the longest."""
    names = [name for name, _length in parts]
    if INFUSE in names:
        return names.index(INFUSE)
    return max(range(len(parts)), key=lambda index: parts[index][1])


def infuse_part(parts: Parts) -> int:
    """Which part of a visit under way the infusion is."""
    return which_infuses([(part.phase.name, part.period.length) for part in present(parts)])


def recover_part(parts: Parts) -> int | None:
    """The part of recovery after the infusion, where the order has one."""
    after = range(infuse_part(parts) + 1, len(present(parts)))
    return next((index for index in after if parts[index].phase.name in RECOVER), None)


def begun(parts: Parts, index: int, at: datetime) -> Parts:
    """This part began then: what follows moves with it, and what came before ends there."""
    planned = parts[index].period.start
    shift = whole_steps(at - planned)
    start = planned + shift
    before = list(parts[:index])
    if shift and before:
        before[-1] = replace(before[-1], period=Interval(min(before[-1].period.start, start - STEP), start))
    # An early beginning leaves each part before it at least one step.
    for position in range(index - 2, -1, -1):
        end = before[position + 1].period.start
        before[position] = replace(
            before[position], period=Interval(min(before[position].period.start, end - STEP), end)
        )
    return (*before, *(part.shifted(shift) for part in parts[index:]))


def begun_early(parts: Parts, at: datetime) -> Parts:
    """The patient took the chair before the plan: the first part is longer, the others stay."""
    first = parts[0]
    shift = min(whole_steps(at - first.period.start), timedelta(0))
    return (replace(first, period=Interval(first.period.start + shift, first.period.end)), *parts[1:])


def ending(parts: Parts, index: int, until: datetime) -> Parts:
    """The patient is there until then, because part `index` takes longer, or shorter but never nothing."""
    part = parts[index]
    shift = max(step_after(until) - present(parts)[-1].period.end, STEP - part.period.length)
    longer = replace(part, period=Interval(part.period.start, part.period.end + shift))
    return (*parts[:index], longer, *(one.shifted(shift) for one in parts[index + 1 :]))


def starting(parts: Parts, at: datetime) -> Parts:
    """All parts, with the first one beginning then."""
    return tuple(part.shifted(at - parts[0].period.start) for part in parts)


def reached(parts: Parts, index: int, at: datetime) -> Parts:
    """Part `index` began then, and whatever had begun before it ended."""
    before = over(parts[:index], at)
    return (*before, replace(parts[index], began=at, ended=None), *parts[index + 1 :])


def over(parts: Parts, at: datetime) -> Parts:
    """Whatever of these had begun and not ended ended then."""
    return tuple(replace(part, ended=at) if part.began and not part.ended else part for part in parts)


def step_before(instant: datetime) -> datetime:
    """The last whole step at or before an instant."""
    return datetime.fromtimestamp(instant.timestamp() // STEP_SECONDS * STEP_SECONDS, UTC)


def step_after(instant: datetime) -> datetime:
    """The first whole step at or after an instant."""
    return datetime.fromtimestamp(-(-instant.timestamp() // STEP_SECONDS) * STEP_SECONDS, UTC)


def whole_steps(off: timedelta) -> timedelta:
    """Whole steps, towards zero."""
    return int(off / STEP) * STEP
