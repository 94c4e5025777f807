"""The instruments that may be asked, as data: published words, answers, ranges. No Django.

Their words are the authors'. They are shown as they stand; a change of them is another instrument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scheduling.questionnaires import gad_7, phq_9
from scheduling.questionnaires.wording import Wording

# Each of the questions is answered with one of these numbers, by the option of that place.
POINTS: Final = range(4)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument. `ranges` are the published ranges of its sum, low and high counted; they are shown as numbers.

    `version` is that of the words kept here; `recall_days`: how far back it asks. `looked_at_once` is the question
    whose answer asks for a clinician where it is not 0, counted from 1.
    """

    code: str
    name: str
    version: str
    recall_days: int
    words: Mapping[str, Wording]
    ranges: tuple[tuple[int, int], ...]
    ranges_from: str
    looked_at_once: int | None = None

    @property
    def questions(self) -> int:
        """How many it has."""
        return len(self.words["en"].questions)

    @property
    def most(self) -> int:
        """The highest sum there is."""
        return self.questions * POINTS[-1]

    def words_in(self, language: str) -> tuple[str, Wording]:
        """The language it is asked in, and its words: English where it has none in `language`."""
        base = language.lower().replace("_", "-").partition("-")[0]
        known = base if base in self.words else "en"
        return known, self.words[known]


INSTRUMENTS: Final[Mapping[str, Instrument]] = {
    "phq-9": Instrument(
        code="phq-9",
        name="PHQ-9",
        version="1",
        recall_days=14,
        words=phq_9.WORDS,
        ranges=((0, 4), (5, 9), (10, 14), (15, 19), (20, 27)),
        ranges_from="Kroenke, Spitzer, Williams. J Gen Intern Med 2001; 16: 606-613",
        looked_at_once=9,
    ),
    "gad-7": Instrument(
        code="gad-7",
        name="GAD-7",
        version="1",
        recall_days=14,
        words=gad_7.WORDS,
        ranges=((0, 4), (5, 9), (10, 14), (15, 21)),
        ranges_from="Spitzer, Kroenke, Williams, Löwe. Arch Intern Med 2006; 166: 1092-1097",
    ),
}
