"""A place in a sentence, and what may stand there: a word, a time of day, a date, weekdays."""

from __future__ import annotations

from datetime import date

from scheduling.can_come_dates import read_date
from scheduling.can_come_words import TO, WEEKDAY_WORDS, WEEKEND, WORKING_DAYS, Piece, minutes_of
from scheduling.clinic_time import WEEKDAYS


class Cursor:
    """One text on its way. What reads something goes on behind it; what finds nothing stays where it is."""

    def __init__(self, pieces: list[Piece], today: date, *, day_first: bool) -> None:
        self.pieces, self.today, self.day_first, self.at = pieces, today, day_first, 0

    def word(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.pieces[place].bare if place < len(self.pieces) else ""

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
        said = minutes_of(self.word())
        if said is None and self.word() in ("noon", "mediodia", "midday"):
            said = (12 * 60, True)
        if said is None or (surely and not said[1]):
            self.at = begun
            return None
        self.at += 1
        return said[0]

    def day(self, *, loosely: bool = False) -> date | None:
        found = read_date(self.pieces, self.at, today=self.today, day_first=self.day_first, loosely=loosely)
        if found is None:
            return None
        self.at = found[1]
        return found[0]

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
