"""Reads when a patient can come from words as said on the telephone: "mon wed am, not the 14th, from 5 dec"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TypeVar

from scheduling.can_come import ALL, ANY_TIME, CanCome, Hours
from scheduling.can_come_cursor import Cursor
from scheduling.can_come_dates import no_such_days
from scheduling.can_come_words import (
    AFTER,
    ALL_WORDS,
    AT,
    BEFORE,
    BETWEEN,
    FIRST_WORDS,
    FROM,
    JOINTS,
    NOT,
    OTHER_HALF,
    OVER,
    PARTS_OF_DAY,
    TO,
    UNTIL,
    VISIT_WORDS,
    Piece,
    pieces_of,
    typed,
)
from scheduling.clinic_time import MINUTES_A_DAY, WEEKDAYS

MOST_DAYS = 62
Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood, and the pieces that were not, as typed; among them days that there are not. `named`: the
    weekdays that were said, not those that were left of all."""

    can: CanCome
    not_understood: tuple[str, ...] = ()
    no_such_days: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()


def read_words(text: str, *, today: date, day_first: bool = False) -> Heard:
    """When they can come. Nothing is guessed: what is not understood is given back as it was typed.

    Hours belong to the weekdays named before them ("mon wed am, fri pm"), and to all where none was named. Days and
    months are the next ones from `today` on (clinic-local); `day_first`: "5/12" is in December.
    """
    reader = _Reader(pieces_of(text), today, day_first=day_first)
    reader.read()
    return Heard(reader.can, tuple(reader.lost), no_such_days(text), frozenset(reader.weekdays))


class _Reader(Cursor):
    """What was said so far."""

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
        self.how_many: int | None = None
        self.lost: list[str] = []

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

    def read(self) -> None:
        ways: tuple[Callable[[], bool], ...] = (
            self._negated, self._count, self._from, self._until, self._between, self._range_of_hours, self._lone_date,
            self._some_weekdays, self._part_of_day, self._at,
        )  # fmt: skip
        was_lost = False
        while self.at < len(self.pieces):
            begun = self.at
            if any(way() for way in ways):
                was_lost = False
            elif self.pieces[begun].bare in JOINTS:
                self.at = begun + 1
            else:
                self.at = begun + 1
                self._lose(begun, goes_on=was_lost)
                was_lost = True

    def _lose(self, begun: int, *, goes_on: bool = False) -> None:
        words = typed(self.pieces[begun : self.at])
        self.lost = [*self.lost[:-1], f"{self.lost[-1]} {words}"] if goes_on else [*self.lost, words]

    def _some_weekdays(self) -> bool:
        days = self.weekday_span()
        if not days:
            return False
        if self.group_has_hours:
            self.group, self.group_has_hours = [], False
        self.group += days
        self.weekdays |= {*days}
        return True

    def _narrow(self, hours: Hours) -> bool:
        """Hours for the weekdays named before, or for all."""
        for day in self.group:
            self.hours[day] = self.hours.get(day, ANY_TIME).and_also(hours)
        if not self.group:
            self.general = self.general.and_also(hours)
        self.group_has_hours = bool(self.group)
        return True

    def _part_of_day(self) -> bool:
        hours = PARTS_OF_DAY.get(self.word())
        if hours is None:
            return False
        self.at += 1
        return self._narrow(hours)

    def _from(self) -> bool:
        begun = self.at
        self.at += (self.word(), self.word(1)) == ("a", "partir")
        word = self.word()
        if word not in AFTER | FROM:
            return self.back(begun)
        self.at += 1
        self.skip(frozenset(("de", "del", "on", "a")))
        if word in FROM and (day := self._soon()):
            self.first = day
            return True
        if (day := self.day()) is not None:
            self.first = day + timedelta(days=word in AFTER)
            return True
        minute = self.minute()
        if minute is None:
            return self.back(begun)
        until = self.minute() if self.word() in TO and self._skip_one() else None
        return self._narrow(Hours(first=minute, over_by=until or MINUTES_A_DAY))

    def _skip_one(self) -> bool:
        self.at += 1
        return True

    def _soon(self) -> date | None:
        if self.word() == "manana":
            self.at += 1
            return self.today + timedelta(days=1)
        if (self.word(), self.word(1)) != ("next", "week"):
            return None
        self.at += 2
        return self.today + timedelta(days=7 - self.today.weekday())

    def _until(self) -> bool:
        begun = self.at
        self.skip(OVER)
        word = self.word()
        if word not in BEFORE | UNTIL:
            return self.back(begun)
        self.at += 1
        self.skip(frozenset(("de", "del")))
        if (day := self.day()) is not None:
            self.last = day - timedelta(days=word in BEFORE)
            return True
        minute = self.minute()
        if minute is None:
            return self.back(begun)
        is_end = word in UNTIL or (begun < self.at and self.pieces[begun].bare in OVER)
        return self._narrow(Hours(over_by=minute) if is_end else Hours(before=minute))

    def _between(self) -> bool:
        begun = self.at
        if self.word() not in BETWEEN:
            return False
        self.at += 1
        first = self.minute()
        if first is None or self.word() not in TO | {"and", "y"}:
            return self.back(begun)
        self.at += 1
        before = self.minute()
        return self.back(begun) if before is None else self._narrow(Hours(first=first, before=before))

    def _lone_date(self) -> bool:
        """A date of which nothing is said is given back: it may be the first day, or the only one."""
        begun = self.at
        if self.day() is None:
            return False
        self._lose(begun)
        return True

    def _range_of_hours(self) -> bool:
        """9-15, 9 to 3pm, de 9 a 12: there from the one, away by the other."""
        begun = self.at
        self.skip(frozenset(("de",)))
        first = self.minute()
        if first is None or self.word() not in TO:
            return self.back(begun)
        self.at += 1
        over_by = self.minute()
        return self.back(begun) if over_by is None else self._narrow(Hours(first=first, over_by=over_by))

    def _at(self) -> bool:
        """At 10, around 10:30, a las 10, 10am: what suits best, and no limit."""
        begun = self.at
        is_said = self.word() in AT or (self.word(), self.word(1)) in (("a", "las"), ("a", "la"))
        self.skip(AT)
        minute = self.minute(surely=not is_said)
        if minute is None or minute >= MINUTES_A_DAY:
            return self.back(begun)
        self.best = time(minute // 60, minute % 60)
        return True

    def _count(self) -> bool:
        """All; first 3; 3 visits."""
        begun = self.at
        self.skip(frozenset(("the", "las", "los")))
        if self.word() in ALL_WORDS:
            self.at += 1 + self.word(1).isdecimal()
            self.how_many = ALL
        elif self.word() in FIRST_WORDS and self._is_count(1):
            self.how_many = int(self.word(1))
            self.at += 2
        elif self._is_count(0) and self.word(1) in VISIT_WORDS:
            self.how_many = int(self.word())
            self.at += 1
        else:
            return self.back(begun)
        self.skip(VISIT_WORDS | {"of", "de", "them"} if self.how_many == ALL else VISIT_WORDS)
        return True

    def _is_count(self, ahead: int) -> bool:
        word = self.word(ahead)
        return word.isascii() and word.isdecimal() and 1 <= int(word) <= 99

    def _negated(self) -> bool:
        begun = self.at
        if self.word() not in NOT:
            return False
        self.skip(NOT)
        self.skip(frozenset(("on", "in", "por", "en", "la", "las", "los")))
        if self.word() in AFTER | BEFORE:
            return self._not_beyond(begun)
        return self._not_on_dates() or self._not_on_weekdays() or self._not_then() or self.back(begun)

    def _not_beyond(self, begun: int) -> bool:
        """Not before 9, not after the 20th."""
        is_before = self.word() in BEFORE
        self.at += 1
        self.skip(frozenset(("de", "del")))
        if (day := self.day()) is not None:
            self.first, self.last = (day, self.last) if is_before else (self.first, day)
            return True
        minute = self.minute()
        if minute is None:
            return self.back(begun)
        return self._narrow(Hours(first=minute) if is_before else Hours(before=minute))

    def _not_then(self) -> bool:
        part = PARTS_OF_DAY.get(self.word())
        if part is None:
            return False
        self.at += 1
        return self._narrow(OTHER_HALF[part])

    def _not_on_weekdays(self) -> bool:
        days: list[str] = []
        while more := self._in_a_list(self.weekday_span):
            days += more
        if not days:
            return False
        part = PARTS_OF_DAY.get(self.word())
        if part is None:
            self.out |= {*days}
            return True
        self.at += 1
        for day in days:
            self.hours[day] = self.hours.get(day, ANY_TIME).and_also(OTHER_HALF[part])
        return True

    def _not_on_dates(self) -> bool:
        found = False
        while days := self._in_a_list(self._span_of_dates):
            self.not_on |= {*days}
            found = True
        return found

    def _in_a_list(self, read: Callable[[], list[Said]]) -> list[Said]:
        """The next of several, behind a comma or "or"; nothing is skipped where none follows."""
        begun = self.at
        self.skip(frozenset((",", "and", "or", "y", "o", "ni", "&", "+", "nor", "/")))
        found = read()
        if not found:
            self.at = begun
        return found

    def _span_of_dates(self) -> list[date]:
        first = self.day(loosely=True)
        if first is None:
            return []
        last, begun = None, self.at
        if self.word() in TO:
            self.at += 1
            last = self.day(loosely=True)
        if last is None or not timedelta(0) <= last - first <= timedelta(days=MOST_DAYS):
            self.at = begun
            return [first]
        return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
