"""A visit under way with who and what it uses when: whoever has it keeps it while its times move, unless said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from scheduling.capacity import Busy, Role
from scheduling.intervals import Interval, covers, merge
from scheduling.visit_parts import Part, Parts, ending, present, starting, step_after

Roles = tuple[Role, ...]
# Since when somebody or something has the visit, in order.
Turns = list[tuple[datetime, str]]
SEAT: Final[Roles] = ("seat",)
NURSE: Final[Roles] = ("watch", "attention")
# Each is filled by one at a time; equipment (role "use") is told apart by the piece.
GROUPS: Final[tuple[Roles, ...]] = (SEAT, NURSE, ("with-patient",))


@dataclass(frozen=True, slots=True)
class Course:
    """The parts of one visit in order, and its uses of chairs, nurses, prescribers and equipment. `bays` are the ids
    of those seats that are recovery bays. What is over keeps its uses as history; they bind nobody."""

    parts: Parts
    uses: tuple[Busy, ...]
    bays: frozenset[str] = frozenset()
    is_over: bool = False

    @property
    def present(self) -> Parts:
        return present(self.parts)

    @property
    def presence(self) -> Interval:
        """From the first to the last part in which the patient is there."""
        return Interval(self.parts[0].period.start, self.present[-1].period.end)

    @property
    def span(self) -> Interval:
        """From the first to the last instant in which anything is used or meant to happen."""
        periods = [part.period for part in self.parts] + [use.period for use in self.uses]
        return Interval(min(one.start for one in periods), max(one.end for one in periods))

    @property
    def is_covered(self) -> bool:
        """Whether every part has the chair, nurse, prescriber and equipment it needs (as the database asks)."""
        equipped = all(
            covers([use.period for use in self.uses if use.role == "use"], part.period)
            for part in self.parts
            if part.phase.equipment
        )
        return equipped and all(self.covers(roles) for roles in GROUPS)

    def covers(self, roles: Roles) -> bool:
        """Whether somebody fills these roles in every part that needs them."""
        return all(
            covers([use.period for use in self.uses if use.role == role], part.period)
            for role in roles
            for part in self.parts
            if part.needs(role)
        )

    def last(self, roles: Roles) -> str | None:
        """Who or what fills these roles last."""
        turns = self._turns(roles)
        return turns[-1][1] if turns else None

    def at(self, roles: Roles, instant: datetime) -> str | None:
        """Who or what fills these roles at an instant, or is the next to."""
        return _who(self._turns(roles), instant)

    def with_parts(self, parts: Parts) -> Course:
        """New times: whoever has the visit keeps it, for as long as it takes now. A part that had nobody still has
        nobody."""
        moved = replace(self, parts=parts)
        uses: list[Busy] = []
        for roles in GROUPS:
            if self.covers(roles):
                uses += moved._uses_of(roles, self._rebound(roles, parts))
            else:
                uses += [use for use in self.uses if use.role in roles]
        return replace(moved, uses=(*uses, *self._equipment(parts)))

    def given(
        self, roles: Roles, resource: str, since: datetime | None = None, until: datetime | None = None
    ) -> Course:
        """Another chair, nurse or prescriber since then (else throughout), until `until` if said: then the one who had
        it before comes back."""
        turns = self._turns(roles)
        if since and not self.covers(roles):
            # Who it was since the last one who is known is not known, so it is taken to have been this one.
            since = min([since, *(use.period.end for use in self.uses if use.role in roles)])
        if since and until and until <= since:
            # For less than a step: by the plan nobody changes.
            return self
        needed = [part.period.start for part in self.parts if any(map(part.needs, roles))]
        if not needed:
            return self
        kept = [turn for turn in turns if since and turn[0] < since]
        began = since if since and kept else min(needed)
        back = [(until, _who(turns, until) or resource)] if until else []
        back += [turn for turn in turns if until and turn[0] > until]
        others = [use for use in self.uses if use.role not in roles]
        return replace(self, uses=(*self._uses_of(roles, [*kept, (began, resource), *back]), *others))

    def starting(self, at: datetime, uses: Iterable[Busy]) -> Course:
        """The same parts from another start on, with other uses."""
        return replace(self, parts=starting(self.parts, at), uses=tuple(uses))

    def cut(self, at: datetime) -> Course:
        """Ended then: what was used until then stays, the rest is gone."""
        end = step_after(at)
        course = self
        if end > self.presence.end:
            course = self.with_parts(ending(self.parts, len(self.present) - 1, end))
        return replace(self, uses=tuple(_until(course.uses, end)), is_over=True)

    def going_on(self) -> Course:
        """What was cut goes on after all: whoever or whatever had a part has it to its planned end."""
        uses = [use for roles in GROUPS for use in self._uses_of(roles, self._turns(roles))]
        pieces = {
            Busy(use.resource_id, "use", part.period)
            for part in self.parts
            for use in self.uses
            if use.role == "use" and part.phase.equipment and part.period.overlaps(use.period)
        }
        return replace(self, uses=(*uses, *sorted(pieces, key=lambda piece: piece.period)), is_over=False)

    def leaves(self, seat: Busy) -> datetime:
        """When the patient leaves this chair or bay; what it is kept for after that is its turnover."""
        later = [since for since, who in self._turns(SEAT) if since > seat.period.start and who != seat.resource_id]
        return min([*later, self.presence.end, seat.period.end])

    def giving_way(self, seat: Busy, since: datetime) -> Course | None:
        """With a turnover that gives way to somebody who is in the chair since then; None while the patient is in
        it."""
        if since < self.leaves(seat):
            return None
        uses = (*(use for use in self.uses if use != seat), *_until([seat], since))
        last = self.parts[-1]
        if last.period.start < since < last.period.end == seat.period.end:
            return replace(
                self, uses=uses, parts=(*self.parts[:-1], replace(last, period=Interval(last.period.start, since)))
            )
        return replace(self, uses=uses)

    def without_seat(self, since: datetime) -> Course:
        """Where the patient is since then is not known."""
        seats = [use for use in self.uses if use.role == "seat"]
        others = [use for use in self.uses if use.role != "seat"]
        return replace(self, uses=(*_until(seats, since), *others))

    def _needed(self, role: Role) -> list[Interval]:
        periods = [part.period for part in self.parts if part.needs(role)]
        if role == "seat" and periods:
            # The chair is kept from the first part that needs one to the last.
            return [Interval(min(one.start for one in periods), max(one.end for one in periods))]
        return merge(periods)

    def _uses_of(self, roles: Roles, turns: Turns) -> list[Busy]:
        """The spans these roles are needed in, each with who has its turn then."""
        uses = [
            Busy(who, role, Interval(start, end))
            for role in roles
            for span in self._needed(role)
            for start, end in pairwise([span.start, *_inside(span, turns), span.end])
            if (who := _who(turns, start)) is not None
        ]
        return self._turned_over(uses) if roles == SEAT else uses

    def _turned_over(self, seats: list[Busy]) -> list[Busy]:
        """A chair that is left is turned over, unless the patient comes back to it meanwhile."""
        turnover = self.parts[-1].period.end - self.presence.end
        kept = []
        for index, seat in enumerate(seats):
            back = [later.period.start for later in seats[index + 1 :] if later.resource_id == seat.resource_id]
            end = min([seat.period.end + turnover, *back]) if index + 1 < len(seats) else seat.period.end
            kept.append(replace(seat, period=Interval(seat.period.start, end)))
        return kept

    def _turns(self, roles: Roles) -> Turns:
        """Who goes on is named once."""
        turns: Turns = []
        for use in sorted((use for use in self.uses if use.role in roles), key=lambda use: use.period):
            if not turns or turns[-1][1] != use.resource_id:
                turns.append((use.period.start, use.resource_id))
        return turns

    def _rebound(self, roles: Roles, parts: Parts) -> Turns:
        """The turns after the parts have moved: a planned change to a bay moves with its part, all else stays."""
        bound = {old.period.start: new.period.start for old, new in zip(self.parts, parts, strict=True)}
        turns = [
            (bound.get(since, since) if index and resource in self.bays else since, resource)
            for index, (since, resource) in enumerate(self._turns(roles))
        ]
        return [turn for turn, after in pairwise([*turns, None]) if turn and (after is None or turn[0] < after[0])]

    def _equipment(self, parts: Parts) -> list[Busy]:
        """Each piece goes with the parts it was used in."""
        found: list[Busy] = []
        for piece in sorted({use.resource_id for use in self.uses if use.role == "use"}):
            periods = [use.period for use in self.uses if use.role == "use" and use.resource_id == piece]
            kept = [new.period for old, new in zip(self.parts, parts, strict=True) if _goes_with(old, periods)]
            found += [Busy(piece, "use", period) for period in merge(kept)]
        return found


def _goes_with(part: Part, periods: Sequence[Interval]) -> bool:
    return bool(part.phase.equipment) and covers(periods, part.period)


def _who(turns: Turns, instant: datetime) -> str | None:
    """Who has the turn at an instant: the last who took it by then, else the first."""
    taken = [who for since, who in turns if since <= instant]
    return taken[-1] if taken else (turns[0][1] if turns else None)


def _inside(span: Interval, turns: Turns) -> list[datetime]:
    """Where the visit changes hands. Whoever has the first turn has it from the beginning."""
    return [since for since, _ in turns[1:] if span.start < since < span.end]


def _until(uses: Iterable[Busy], end: datetime) -> list[Busy]:
    return [
        replace(use, period=Interval(use.period.start, min(use.period.end, end)))
        for use in uses
        if use.period.start < end
    ]
