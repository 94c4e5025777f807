"""What is no time for a patient: "not the 14th", "any day but friday", "can't do mornings". A no that is not understood
takes its whole clause with it: it never becomes the opposite."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

from scheduling.can_come import ANY_TIME, Hours
from scheduling.can_come_cursor import NOON_WORDS
from scheduling.can_come_dates import ARTICLES, written_until
from scheduling.can_come_so_far import SoFar
from scheduling.can_come_words import (
    AFTER,
    ALL_WORDS,
    AT,
    BEFORE,
    BETWEEN,
    BOUNDARIES,
    EXCEPT,
    EXCEPT_PHRASES,
    FILLING,
    FROM,
    LEADING,
    NOT,
    OTHER_HALF,
    OVER,
    PARTS_OF_DAY,
    PLAIN_NOT,
    TO,
    UNIVERSAL,
    UNREAD_NO,
    UNTIL,
    VISIT_WORDS,
    WEEKDAY_WORDS,
    WEEKEND,
    WORKING_DAYS,
    YES,
    minutes_of,
)

MOST_DAYS = 62
BUT = frozenset(("but", "pero"))
BETWEEN_WORDS = ARTICLES | {"in", "la", "las", "los", "por", "en", "de", "of"}
Said = TypeVar("Said")


class Negated(SoFar):
    """Reads what is out."""

    def negated(self) -> bool:
        """What is out, or a clause that says no and is not understood."""
        begun = self.at
        is_odd = self.word(-1) in ("if", "si", "why", "al", "lo")
        if not self._negation():
            self.at = begun
            if self._is_unread_no():
                self.lose_clause()
            elif self.word() == "but":
                self.lose_rest()
            return self.at > begun
        if is_odd or not self._not_that() or self._goes_on():
            self.lose_clause()
        return True

    def _is_unread_no(self) -> bool:
        return self.word() in UNREAD_NO and not (self.word() in OVER and self.word(1) in BEFORE | UNTIL)

    def _negation(self) -> bool:
        """Goes behind the words that turn round what follows."""
        begun = self.at
        is_span = self.word(-1) in WORKING_DAYS | WEEKEND or (
            self.word(-1) in WEEKDAY_WORDS and self.word(-2) in TO and self.word(-3) in WEEKDAY_WORDS
        )
        self.skip(UNIVERSAL)
        is_universal = self.at > begun
        if self.word() in BUT and self.word(1) in NOT:
            self.at += 1
        elif self.word() in ("but", "than") and (is_universal or is_span):
            self.at += 1
            return True
        elif is_universal and self.word() not in EXCEPT and self.word(-1) in ALL_WORDS:
            # All of the infusions, and not on some day.
            self.at = begun
        for phrase in EXCEPT_PHRASES:
            if self.words(len(phrase)) == phrase:
                self.at += len(phrase)
                return True
        if self.at == begun:
            self.skip(LEADING)
        if self.word() not in NOT:
            return self.back(begun)
        self.at += 1
        if self.word() in ("never", "nunca", "jamas"):
            self.at += 1
        return True

    def _not_that(self) -> bool:
        is_plain = self.word(-1) in PLAIN_NOT
        # All but 2, all except 2: so many, and no day.
        is_no_count = self.word(-1) not in BUT | {"than"} and self.word(-2) not in UNIVERSAL
        self.skip(FILLING)
        if self.word() in BOUNDARIES or (self.word(-1) in ("la", "las") and minutes_of(self.word())):
            return False
        if self.word() in AFTER | BEFORE or (is_plain and self.word() in UNTIL - {"by"}):
            return self._not_beyond()
        return self._not_on_dates(loosely=is_no_count) or self._not_on_weekdays() or self._not_then()

    def _goes_on(self) -> bool:
        """Whether something follows that may be said of what is out: not fri at 10, not mon this week."""
        begun = self.at
        self.skip(BETWEEN_WORDS)
        word, is_limit = self.word(), self.word() in AFTER | BEFORE | FROM | UNTIL
        if word in PARTS_OF_DAY or word in BETWEEN | AT | OVER | NOON_WORDS | YES or self.week() or self.day():
            return not self.back(begun)
        is_number = minutes_of(word) is not None or bool(word[:1].isdecimal())
        if (is_number and self.word(1) not in VISIT_WORDS) or written_until(self.pieces, self.at):
            return not self.back(begun)
        self.at += is_limit
        self.skip(BETWEEN_WORDS | {"a"})
        is_of_hours = is_limit and not (self.week() or self.day())
        self.at = begun
        return is_of_hours

    def _not_beyond(self) -> bool:
        """Not before 9, not until 5 dec, not after the 20th."""
        is_before = self.word() not in AFTER
        self.at += 1
        self.skip(frozenset(("de", "del")))
        if week := self.week():
            self.first, self.last = (week[0], self.last) if is_before else (self.first, week[1])
            return True
        if (day := self.day()) is not None:
            self.first, self.last = (day, self.last) if is_before else (self.first, day)
            return True
        minute = self.minute()
        if minute is None:
            return False
        return self.narrow(Hours(first=minute) if is_before else Hours(before=minute))

    def _not_then(self) -> bool:
        self.skip(BETWEEN_WORDS)
        part = PARTS_OF_DAY.get(self.word())
        if part is None:
            return False
        self.at += 1
        return self.narrow(OTHER_HALF[part])

    def _not_on_weekdays(self) -> bool:
        days: list[str] = []
        while more := self._in_a_list(self.weekday_span):
            days += more
        if not days:
            return False
        hours = self._other_hours()
        if hours is None:
            self.out |= {*days}
            return True
        for day in days:
            self.hours[day] = self.hours.get(day, ANY_TIME).and_also(hours)
        return True

    def _other_hours(self) -> Hours | None:
        """What is left of a weekday that is out in part: not fri pm, not fri after 3."""
        begun = self.at
        self.skip(BETWEEN_WORDS)
        word = self.word()
        self.at += 1
        if part := PARTS_OF_DAY.get(word):
            return OTHER_HALF[part]
        self.skip(frozenset(("de",)))
        if word in AFTER | BEFORE and self.day() is None and (minute := self.minute()) is not None:
            return Hours(first=minute) if word in BEFORE else Hours(before=minute)
        self.at = begun
        return None

    def _not_on_dates(self, *, loosely: bool) -> bool:
        found = False
        while days := self._in_a_list(lambda: self._dates(loosely=loosely)):
            self.not_on |= {*days}
            found = True
        return found

    def _in_a_list(self, read: Callable[[], list[Said]]) -> list[Said]:
        """The next of several, behind a comma or "or"; nothing is skipped where none follows."""
        begun = self.at
        self.skip(frozenset((",", "and", "or", "y", "o", "ni", "&", "+", "nor", "/")))
        behind = self.at
        found = read()
        if not found:
            self.at = behind
            self.skip(ARTICLES | {"los", "las"})
            found = read()
        if not found:
            self.at = begun
        return found

    def _dates(self, *, loosely: bool) -> list[date]:
        if self.word(1) in VISIT_WORDS:
            return []
        span = self.week() or self.span(loosely=loosely)
        if span is None or span[1] - span[0] > timedelta(days=MOST_DAYS):
            day = self.day(loosely=loosely)
            return [] if day is None else [day]
        first, last = span
        return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
