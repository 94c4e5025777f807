"""What was said so far of when a patient can come, clause by clause, so that one that says no can be taken back."""

from __future__ import annotations

from copy import copy
from datetime import date, time
from typing import Any

from scheduling.can_come import ANY_TIME, CanCome, Hours
from scheduling.can_come_cursor import Cursor
from scheduling.can_come_words import BOUNDARIES, FILLING, JOINTS, LEADING, NOT, Piece, typed
from scheduling.clinic_time import WEEKDAYS


class SoFar(Cursor):
    """What was understood, and what was not."""

    def __init__(self, pieces: list[Piece], today: date, *, day_first: bool) -> None:
        super().__init__(pieces, today, day_first=day_first)
        self.weekdays: set[str] = set()
        self.out: set[str] = set()
        self.hours: dict[str, Hours] = {}
        self.general = ANY_TIME
        self.group: list[str] = []
        self.group_has_hours = False
        self.best: time | None = None
        self.not_on: set[date] = set()
        self.first: date | None = None
        self.last: date | None = None
        # Days of which nothing else is said, as first, last and typed.
        self.lone: list[tuple[date, date, str]] = []
        self.how_many: int | None = None
        self.lost: list[str] = []
        self.lost_in_clause = False
        self._clauses: list[tuple[int, dict[str, Any]]] = []
        self.begin_clause()

    @property
    def can(self) -> CanCome:
        days = self.weekdays or (set(WEEKDAYS) if self.out or self.hours else set())
        wished = frozenset(days - self.out) if days else None
        of_day = {
            key: self.hours.get(key, ANY_TIME).and_also(self.general)
            for key in (WEEKDAYS if wished is None else wished)
        }
        hours = {key: one for key, one in of_day.items() if one != ANY_TIME}
        return CanCome(wished, hours, self.best, frozenset(self.not_on), self.first, self.last, self.how_many)

    def narrow(self, hours: Hours) -> bool:
        """Hours for the weekdays named before, or for all."""
        for day in self.group:
            self.hours[day] = self.hours.get(day, ANY_TIME).and_also(hours)
        if not self.group:
            self.general = self.general.and_also(hours)
        self.group_has_hours = bool(self.group)
        return True

    def lose(self, begun: int, *, goes_on: bool = False) -> None:
        """Not understood, from a place to this one."""
        words = typed(self.pieces[begun : self.at])
        self.lost = [*self.lost[:-1], f"{self.lost[-1]} {words}"] if goes_on else [*self.lost, words]
        self.lost_in_clause = True

    def begin_clause(self) -> None:
        """From here on until the next comma: what can be taken back."""
        self.lost_in_clause = False
        kept = {name: copy(value) for name, value in vars(self).items() if name not in ("pieces", "_clauses", "at")}
        self._clauses.append((self.at, kept))

    def lose_clause(self) -> None:
        """The whole clause is not understood. One that says nothing but no means the one before or the one behind."""
        begun, before = self._clauses[-1]
        self._go_to_boundary()
        if {one.bare for one in self.pieces[begun : self.at]} <= NOT | LEADING | FILLING | JOINTS:
            begun, before = self._clauses[-2] if len(self._clauses) > 1 else self._clauses[-1]
            self.skip(BOUNDARIES)
            self._go_to_boundary()
        vars(self).update({name: copy(value) for name, value in before.items()})
        words = typed(self.pieces[begun : self.at])
        self.lost = [*self.lost, words.replace(" ,", ",").strip(" ,;.")]
        self.lost_in_clause = True

    def lose_rest(self) -> None:
        """From here to the end of the clause nothing is understood."""
        begun = self.at
        self._go_to_boundary()
        self.lose(begun)

    def _go_to_boundary(self) -> None:
        while self.word() and self.word() not in BOUNDARIES:
            self.at += 1

    def settle_lone(self) -> None:
        """A day or a week of which nothing is said is when they come, where it is the only one and nothing that was
        said differs; else it is given back: it may be the first day, or one of several."""
        [only] = self.lone if len(self.lone) == 1 and self.first is None and self.last is None else [None]
        if only is None or (only[0] == only[1] and not self._is_wished(only[0])):
            self.lost += [words for _first, _last, words in self.lone]
        else:
            self.first, self.last, _words = only

    def _is_wished(self, day: date) -> bool:
        key = WEEKDAYS[day.weekday()]
        return (not self.weekdays or key in self.weekdays) and key not in self.out
