"""A place in a sentence, and what may stand there: a word, a time of day, a date, a week, weekdays."""

from __future__ import annotations

from datetime import date, timedelta

from scheduling.can_come_dates import ARTICLES, read_date, says_which, written_until
from scheduling.can_come_words import TO, WEEKDAY_WORDS, WEEKEND, WORKING_DAYS, Piece, minutes_of
from scheduling.clinic_time import WEEKDAYS

NOON_WORDS = frozenset(("noon", "mediodia", "midday"))
# How many weeks from this one.
WEEKS = {
    ("this", "week"): 0, ("esta", "semana"): 0, ("next", "week"): 1, ("proxima", "semana"): 1,
    ("semana", "proxima"): 1, ("semana", "que", "viene"): 1,
}  # fmt: skip


class Cursor:
    """One text on its way. What reads something goes on behind it; what finds nothing stays where it is."""

    def __init__(self, pieces: list[Piece], today: date, *, day_first: bool) -> None:
        self.pieces, self.today, self.day_first, self.at = pieces, today, day_first, 0

    def word(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.pieces[place].bare if 0 <= place < len(self.pieces) else ""

    def words(self, count: int) -> tuple[str, ...]:
        return tuple(self.word(ahead) for ahead in range(count))

    def skip(self, words: frozenset[str]) -> None:
        while self.word() and self.word() in words:
            self.at += 1

    def back(self, begun: int) -> bool:
        """Not that: nothing was read."""
        self.at = begun
        return False

    def minute(self, *, surely: bool = False) -> int | None:
        """Minutes after midnight; with `surely` only what can be nothing but a time."""
        begun = self.at
        self.skip(frozenset(("at", "the", "las", "la", "a")))
        # The 8 of "8 dec" is no hour.
        said = None if written_until(self.pieces, self.at) else minutes_of(self.word())
        if said is None and self.word() in NOON_WORDS:
            said = (12 * 60, True)
        if said is None or (surely and not said[1]):
            self.at = begun
            return None
        self.at += 1
        return said[0]

    def day(self, *, loosely: bool = False) -> date | None:
        """One day, also with its weekday before it: mon 7 dec; None where that is another weekday."""
        if self.word() in WEEKDAY_WORDS:
            at = self.at + 1 + (self.word(1) == ",")
            found = read_date(self.pieces, at, today=self.today, day_first=self.day_first, loosely=False)
            is_it = found and WEEKDAYS[found[0].weekday()] == WEEKDAY_WORDS[self.word()]
            if found and is_it and says_which(self.pieces[at : found[1]]):
                self.at = found[1]
                return found[0]
        found = read_date(self.pieces, self.at, today=self.today, day_first=self.day_first, loosely=loosely)
        if found is None:
            return None
        self.at = found[1]
        return found[0]

    def span(self, *, loosely: bool = False) -> tuple[date, date] | None:
        """Days from one to another: dec 5 to dec 8, 5-8 dec."""
        begun = self.at
        self.skip(ARTICLES)
        number = self.word().rstrip("stndrh")
        self.at += 1
        if number.isdecimal() and self.word() in TO:
            self.at += 1
            at, last = self.at, self.day()
            if last is not None and says_which(self.pieces[at : self.at]):
                # Of the same month, or of the one before.
                first = last if int(number) <= last.day else last.replace(day=1) - timedelta(days=1)
                if 1 <= int(number) <= first.day:
                    return first.replace(day=int(number)), last
        self.at = begun
        begin = self.day(loosely=loosely)
        if begin is None or self.word() not in TO:
            self.at = begun
            return None
        self.at += 1
        end = self.day(loosely=loosely)
        if end is None or end < begin:
            self.at = begun
            return None
        return begin, end

    def week(self) -> tuple[date, date] | None:
        """What is left of this week, or the next, from Monday to Sunday."""
        begun = self.at
        self.skip(frozenset(("la",)))
        for words, ahead in WEEKS.items():
            if self.words(len(words)) == words:
                self.at += len(words)
                monday = self.today + timedelta(days=7 * ahead - self.today.weekday())
                return max(monday, self.today), monday + timedelta(days=6)
        self.at = begun
        return None

    def weekday_span(self) -> list[str]:
        """One weekday, or from one to another; none where no weekday is next."""
        word = self.word()
        if word in WORKING_DAYS or word in WEEKEND:
            self.at += 1
            return list(WEEKDAYS[:5] if word in WORKING_DAYS else WEEKDAYS[5:])
        first = WEEKDAY_WORDS.get(word)
        if first is None:
            return []
        last = WEEKDAY_WORDS.get(self.word(2)) if self.word(1) in TO else None
        self.at += 3 if last else 1
        begin = WEEKDAYS.index(first)
        count = (WEEKDAYS.index(last) - begin) % 7 + 1 if last else 1
        return [WEEKDAYS[(begin + ahead) % 7] for ahead in range(count)]
