"""A visit under way: its parts with their times, and who and what it uses when; how a step or an overrun shifts both.

Times stay on 5-minute steps: a step recorded less than five minutes off its plan shifts nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from scheduling.capacity import STEP_MINUTES, STEP_SECONDS, TURNOVER, Busy, Phase, Role
from scheduling.intervals import Interval, covers, merge

STEP: Final = timedelta(minutes=STEP_MINUTES)
INFUSE: Final = "infuse"
RECOVER: Final = frozenset({"recover", "observe"})
NURSE_ROLES: Final = ("watch", "attention")
# Roles that one resource fills for a visit at a time; equipment (role "use") is told apart by the piece.
GROUPS: Final[tuple[tuple[Role, ...], ...]] = (("seat",), ("watch", "attention"), ("with-patient",))


@dataclass(frozen=True, slots=True)
class Part:
    """A phase of a visit: what it needs, when it is meant to be, and when it began and ended in truth."""

    phase: Phase
    period: Interval
    began: datetime | None = None
    ended: datetime | None = None

    @property
    def is_turnover(self) -> bool:
        return self.phase.name == TURNOVER

    def needs(self, role: Role) -> bool:
        if role == "seat":
            return self.phase.chair
        if role in NURSE_ROLES:
            return self.phase.nurse == role
        return role == "with-patient" and self.phase.prescriber == "with-patient"


@dataclass(frozen=True, slots=True)
class Course:
    """The parts of one visit in order, and its uses of chairs, nurses, prescribers and equipment. `bays` are the ids
    of those seats that are recovery bays."""

    parts: tuple[Part, ...]
    uses: tuple[Busy, ...]
    bays: frozenset[str] = frozenset()

    @property
    def present(self) -> tuple[Part, ...]:
        """The parts in which the patient is there."""
        return tuple(part for part in self.parts if not part.is_turnover)

    @property
    def presence(self) -> Interval:
        return Interval(self.present[0].period.start, self.present[-1].period.end)

    @property
    def span(self) -> Interval:
        """From the first to the last instant in which anything is used or meant to happen."""
        periods = [part.period for part in self.parts] + [use.period for use in self.uses]
        return Interval(min(one.start for one in periods), max(one.end for one in periods))

    @property
    def is_covered(self) -> bool:
        """Whether every part has the chair, nurse, prescriber and equipment it needs (as the database asks)."""
        return all(self._covers(group) for group in GROUPS) and self._covers_equipment()

    def resource(self, role: Role) -> str | None:
        """Who or what fills this role last."""
        turns = self._turns((role,))
        return turns[-1][1] if turns else None

    def nurse(self) -> str | None:
        turns = self._turns(("watch", "attention"))
        return turns[-1][1] if turns else None

    def nurse_at(self, instant: datetime) -> str | None:
        return _who(self._turns(("watch", "attention")), instant)

    @property
    def infuse(self) -> int:
        """Which part the infusion is: the one of that name, else the longest."""
        names = [part.phase.name for part in self.present]
        if INFUSE in names:
            return names.index(INFUSE)
        return max(range(len(names)), key=lambda index: self.present[index].period.length)

    @property
    def recover(self) -> int | None:
        """The part of recovery after the infusion, where the order has one."""
        after = range(self.infuse + 1, len(self.present))
        return next((index for index in after if self.parts[index].phase.name in RECOVER), None)

    def begun(self, index: int, at: datetime) -> Course:
        """This part began then: what follows shifts with it, and what came before ends there."""
        planned = self.parts[index].period.start
        start = planned + _whole_steps(at - planned)
        shift = start - planned
        if not shift:
            return self
        moved = [_shifted(part, shift) for part in self.parts[index:]]
        before = list(self.parts[:index])
        end = start
        for position in range(index - 1, -1, -1):
            begins = min(before[position].period.start, end - STEP)
            before[position] = replace(before[position], period=Interval(begins, end))
            end = begins
            if shift > timedelta(0):
                break
        return self._with_parts((*before, *moved))

    def begun_early(self, at: datetime) -> Course:
        """The patient took the chair before the plan: the first part is longer, the others stay."""
        first = self.parts[0]
        shift = _whole_steps(at - first.period.start)
        if shift >= timedelta(0):
            return self
        longer = replace(first, period=Interval(first.period.start + shift, first.period.end))
        return self._with_parts((longer, *self.parts[1:]))

    def ending(self, index: int, until: datetime) -> Course:
        """The patient is there until then, because part `index` takes that much longer, or shorter, never nothing."""
        part = self.parts[index]
        shift = step_after(until) - self.presence.end
        shift = max(shift, STEP - part.period.length)
        if not shift:
            return self
        longer = replace(part, period=Interval(part.period.start, part.period.end + shift))
        rest = [_shifted(one, shift) for one in self.parts[index + 1 :]]
        return self._with_parts((*self.parts[:index], longer, *rest))

    def starting(self, at: datetime) -> Course:
        """All parts with the first one beginning then; uses are dropped, for they are found anew."""
        shift = at - self.parts[0].period.start
        return replace(self, parts=tuple(_shifted(part, shift) for part in self.parts), uses=())

    def given(
        self, roles: tuple[Role, ...], resource: str, at: datetime | None, until: datetime | None = None
    ) -> Course:
        """Another chair, nurse or prescriber from `at` on (None: throughout), until `until` where the old one comes
        back."""
        turns = self._turns(roles)
        if at and not self._covers(roles):
            # Where the patient was since then is not known, so it is taken to have been there.
            at = min([at, *(use.period.end for use in self.uses if use.role in roles)])
        first = at if at and turns and turns[0][0] < at else None
        kept = [turn for turn in turns if first and turn[0] < first]
        began = first or min([part.period.start for part in self.parts if any(map(part.needs, roles))], default=None)
        if began is None:
            return self
        back = [(until, _who(turns, until) or resource)] if until and turns else []
        back += [turn for turn in turns if until and turn[0] > until]
        return self._using(roles, [*kept, (began, resource), *back])

    def cut(self, at: datetime) -> Course:
        """Ended then: what was used until then stays, the rest is gone."""
        end = step_after(at)
        last = len(self.present) - 1
        course = self if end <= self.presence.end else self.ending(last, end)
        uses = [use for use in course.uses if use.period.start < end]
        return replace(
            self, uses=tuple(replace(use, period=Interval(use.period.start, min(use.period.end, end))) for use in uses)
        )

    def without(self, roles: tuple[Role, ...], since: datetime) -> Course:
        """These roles are no longer known from then on."""
        kept = [use for use in self.uses if use.role not in roles or use.period.start < since]
        cut = [
            replace(use, period=Interval(use.period.start, since))
            if use.role in roles and use.period.end > since
            else use
            for use in kept
        ]
        return replace(self, uses=tuple(cut))

    def reached(self, index: int, at: datetime) -> Course:
        """Part `index` began then, and the one before it ended."""
        course = self.reached_end_of(index - 1, at) if index else self
        return course.stamped(index, began=at)

    def reached_end_of(self, last: int, at: datetime) -> Course:
        """Every part up to `last` that had begun is over."""
        course = self
        for index in range(last + 1):
            if course.parts[index].began and not course.parts[index].ended:
                course = course.stamped(index, ended=at)
        return course

    def stamped(self, index: int, *, began: datetime | None = None, ended: datetime | None = None) -> Course:
        """With what is known of a part's real times; an end without a beginning is not kept."""
        parts = list(self.parts)
        part = parts[index]
        known = began or part.began
        parts[index] = replace(part, began=known, ended=(ended or part.ended) if known else None)
        return replace(self, parts=tuple(parts))

    def _with_parts(self, parts: tuple[Part, ...]) -> Course:
        """New times: whoever has the visit keeps it, for as long as it takes now."""
        moved = replace(self, parts=parts)
        uses: list[Busy] = []
        for roles in GROUPS:
            old = [use for use in self.uses if use.role in roles]
            uses += moved._uses_of(roles, self._rebound(roles, parts)) if old and self._covers(roles) else old
        return replace(moved, uses=(*uses, *self._equipment(parts)))

    def _using(self, roles: tuple[Role, ...], turns: list[tuple[datetime, str]]) -> Course:
        others = [use for use in self.uses if use.role not in roles]
        return replace(self, uses=(*self._uses_of(roles, turns), *others))

    def _uses_of(self, roles: tuple[Role, ...], turns: Sequence[tuple[datetime, str]]) -> list[Busy]:
        """The spans these roles are needed in, each with who has its turn then."""
        return [
            Busy(resource, role, piece)
            for role in roles
            for span in self._needed(role)
            for piece, resource in _pieces(span, turns)
        ]

    def _needed(self, role: Role) -> list[Interval]:
        periods = [part.period for part in self.parts if part.needs(role)]
        if role == "seat" and periods:
            # The chair is kept from the first part that needs one to the last.
            return [Interval(min(one.start for one in periods), max(one.end for one in periods))]
        return merge(periods)

    def _covers(self, roles: tuple[Role, ...]) -> bool:
        return all(
            covers([use.period for use in self.uses if use.role == role], part.period)
            for role in roles
            for part in self.parts
            if part.needs(role)
        )

    def _covers_equipment(self) -> bool:
        held = [use.period for use in self.uses if use.role == "use"]
        return all(covers(held, part.period) for part in self.parts if part.phase.equipment)

    def _turns(self, roles: tuple[Role, ...]) -> list[tuple[datetime, str]]:
        """Since when who fills these roles, in order; someone who goes on is named once."""
        turns: list[tuple[datetime, str]] = []
        for use in sorted((use for use in self.uses if use.role in roles), key=lambda use: use.period):
            if not turns or turns[-1][1] != use.resource_id:
                turns.append((use.period.start, use.resource_id))
        return turns

    def _rebound(self, roles: tuple[Role, ...], parts: tuple[Part, ...]) -> list[tuple[datetime, str]]:
        """The turns after the parts have moved: a planned change to a bay moves with its part, all else stays."""
        bound = {old.period.start: new.period.start for old, new in zip(self.parts, parts, strict=True)}
        turns = [
            (bound.get(start, start) if index and resource in self.bays else start, resource)
            for index, (start, resource) in enumerate(self._turns(roles))
        ]
        return [turn for index, turn in enumerate(turns) if index + 1 == len(turns) or turn[0] < turns[index + 1][0]]

    def _equipment(self, parts: tuple[Part, ...]) -> list[Busy]:
        """Each piece goes with the parts it was used in."""
        found: list[Busy] = []
        pieces = {use.resource_id for use in self.uses if use.role == "use"}
        for piece in sorted(pieces):
            periods = [use.period for use in self.uses if use.role == "use" and use.resource_id == piece]
            kept = [
                new.period
                for old, new in zip(self.parts, parts, strict=True)
                if old.phase.equipment and covers(periods, old.period)
            ]
            found += [Busy(piece, "use", period) for period in merge(kept)]
        return found


def step_before(instant: datetime) -> datetime:
    """The last whole step at or before an instant."""
    return datetime.fromtimestamp(instant.timestamp() // STEP_SECONDS * STEP_SECONDS, UTC)


def step_after(instant: datetime) -> datetime:
    """The first whole step at or after an instant."""
    return datetime.fromtimestamp(-(-instant.timestamp() // STEP_SECONDS) * STEP_SECONDS, UTC)


def _whole_steps(off: timedelta) -> timedelta:
    """Whole steps, towards zero."""
    return int(off / STEP) * STEP


def _shifted(part: Part, shift: timedelta) -> Part:
    return replace(part, period=Interval(part.period.start + shift, part.period.end + shift))


def _who(turns: Sequence[tuple[datetime, str]], instant: datetime) -> str | None:
    """Who has the turn at an instant: the last who took it by then, else the first."""
    taken = [who for since, who in turns if since <= instant]
    return taken[-1] if taken else (turns[0][1] if turns else None)


def _pieces(span: Interval, turns: Sequence[tuple[datetime, str]]) -> Iterable[tuple[Interval, str]]:
    edges = [span.start, *(since for since, _ in turns if span.start < since < span.end), span.end]
    for start, end in itertools.pairwise(edges):
        who = _who(turns, start)
        if who is not None and start < end:
            yield Interval(start, end), who


Change = Callable[[Course], Course]
