"""Reads when a patient can come from words as said on the telephone: "mon wed am, not the 14th, from 5 dec"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

from scheduling.can_come import ALL, CanCome, Hours
from scheduling.can_come_dates import no_such_days, says_which, written_until
from scheduling.can_come_negated import Negated
from scheduling.can_come_words import (
    AFTER,
    ALL_WORDS,
    ANY,
    ANY_DAY,
    AT,
    BEFORE,
    BETWEEN,
    BOUNDARIES,
    FIRST_WORDS,
    FROM,
    JOINTS,
    ONLY,
    OVER,
    PARTS_OF_DAY,
    TO,
    UNTIL,
    VISIT_WORDS,
    WEEKDAY_WORDS,
    WEEKEND,
    WORKING_DAYS,
    pieces_of,
    typed,
)
from scheduling.clinic_time import MINUTES_A_DAY


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
    months are the next ones from `today` on (clinic-local); `day_first`: "5/12" is in December. A no that is not
    understood takes its clause with it, so that it never becomes the opposite.
    """
    reader = _Reader(pieces_of(text), today, day_first=day_first)
    reader.read()
    return Heard(reader.can, tuple(reader.lost), no_such_days(text), frozenset(reader.weekdays))


class _Reader(Negated):
    """Reads a whole sentence."""

    def read(self) -> None:
        ways: tuple[Callable[[], bool], ...] = (
            self.negated, self._count, self._from, self._until, self._between, self._lone_days, self._range_of_hours,
            self._some_weekdays, self._part_of_day, self._at,
        )  # fmt: skip
        was_lost = False
        while self.at < len(self.pieces):
            begun = self.at
            if any(way() for way in ways):
                was_lost = False
            elif self.word() in JOINTS | ONLY or self._says_nothing():
                self.at = begun + 1
                if self.word(-1) in BOUNDARIES:
                    self.begin_clause()
            else:
                # A date that is not understood is no hour and no weekday either.
                self.at = written_until(self.pieces, begun) or begun + 1
                self.lose(begun, goes_on=was_lost)
                was_lost = True
        self.settle_lone()

    def _says_nothing(self) -> bool:
        """The first word of "any day", which goes on with the second, and of "every friday"."""
        if self.word() in ANY_DAY:
            return self.word(-1) in ANY
        return self.word() in ANY and self.word(1) in ANY_DAY | WORKING_DAYS | WEEKEND | set(WEEKDAY_WORDS)

    def _some_weekdays(self) -> bool:
        days = self.weekday_span()
        if not days:
            return False
        if self.group_has_hours:
            self.group, self.group_has_hours = [], False
        self.group += days
        self.weekdays |= {*days}
        return True

    def _part_of_day(self) -> bool:
        hours = PARTS_OF_DAY.get(self.word())
        if hours is None:
            return False
        self.at += 1
        return self.narrow(hours)

    def _from(self) -> bool:
        begun = self.at
        self.at += (self.word(), self.word(1)) == ("a", "partir")
        word = self.word()
        if word not in AFTER | FROM:
            return self.back(begun)
        self.at += 1
        self.skip(frozenset(("de", "del", "on", "a")))
        if word in FROM and (span := self.span()):
            self.first, self.last = span
            return True
        if week := self.week():
            self.first = week[1] + timedelta(days=1) if word in AFTER else week[0]
            return True
        if (day := self.day()) is not None:
            self.first = day + timedelta(days=word in AFTER)
            return True
        minute = self.minute()
        if minute is None:
            return self.back(begun)
        until = self.minute() if self.word() in TO and self._skip_one() else None
        return self.narrow(Hours(first=minute, over_by=until or MINUTES_A_DAY))

    def _skip_one(self) -> bool:
        self.at += 1
        return True

    def _until(self) -> bool:
        begun = self.at
        self.skip(OVER)
        word = self.word()
        if word not in BEFORE | UNTIL:
            return self.back(begun)
        self.at += 1
        self.skip(frozenset(("de", "del")))
        if week := self.week():
            # Until next week may be its first day and its last.
            self.last = week[0] - timedelta(days=1) if word in BEFORE else self.last
            if word in UNTIL:
                self.lose(begun)
            return True
        if (day := self.day()) is not None:
            self.last = day - timedelta(days=word in BEFORE)
            return True
        minute = self.minute()
        if minute is None:
            return self.back(begun)
        is_end = word in UNTIL or (begun < self.at and self.pieces[begun].bare in OVER)
        return self.narrow(Hours(over_by=minute) if is_end else Hours(before=minute))

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
        return self.back(begun) if before is None else self.narrow(Hours(first=first, before=before))

    def _lone_days(self) -> bool:
        """A date or a week of which nothing is said; it is not understood behind words that are not, and where it may
        be another one."""
        begun = self.at
        if span := self.week():
            is_sure = True
        else:
            day = None if (span := self.span()) else self.day()
            span = (day, day) if day is not None else span
            is_sure = says_which(self.pieces[begun : self.at])
        if span is None:
            return False
        if is_sure and not self.lost_in_clause and span[1] >= self.today:
            self.lone.append((*span, typed(self.pieces[begun : self.at])))
        else:
            self.lose(begun)
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
        return self.back(begun) if over_by is None else self.narrow(Hours(first=first, over_by=over_by))

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
        elif self.word() in FIRST_WORDS and self._is_count(1) and not written_until(self.pieces, self.at + 1):
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
