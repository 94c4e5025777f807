"""A questionnaire as it stands on a page: the published words, what was marked so far, what a form sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scheduling.questionnaires.asking import Asking
from scheduling.questionnaires.instruments import POINTS
from scheduling.questionnaires.scoring import Answers, missing, needs_clinician
from scheduling.questionnaires.wording import Wording

MARKS = {str(points): points for points in POINTS}


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be marked."""

    points: int
    words: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its four answers. `is_missed`: it was left out when the sheet was sent."""

    number: int
    words: str
    options: Sequence[Option]
    is_missed: bool = False


@dataclass(frozen=True)
class Sheet:
    """One asking in one language, with the answers marked so far. `is_sent`: what is missing is said."""

    asking: Asking
    wanted_language: str
    answers: Answers = ()
    is_sent: bool = False
    words: Wording = field(init=False)
    language: str = field(init=False)

    def __post_init__(self) -> None:
        language, words = self.asking.instrument.words_in(self.wanted_language)
        object.__setattr__(self, "language", language)
        object.__setattr__(self, "words", words)
        if not self.answers:
            object.__setattr__(self, "answers", (None,) * self.asking.instrument.questions)

    @classmethod
    def from_post(cls, asking: Asking, posted: Mapping[str, str], language: str) -> Sheet:
        """What a form sent; what is none of the four answers counts as not answered."""
        numbers = range(1, asking.instrument.questions + 1)
        answers = tuple(MARKS.get(posted.get(f"q{number}", "")) for number in numbers)
        return cls(asking, posted.get("language") or language, answers, is_sent=True)

    @property
    def missing(self) -> list[int]:
        """The questions that are not answered yet."""
        return missing(self.answers)

    @property
    def is_empty(self) -> bool:
        return len(self.missing) == len(self.answers)

    def waits_for_more(self, posted: Mapping[str, str]) -> bool:
        """Whether the person is shown what is missing before anything is kept: not where they said that this is all,
        and not where a clinician has to look at once, for who closes the page now is never asked again."""
        if self.is_empty:
            return True
        is_all = "as_it_is" in posted or needs_clinician(self.asking.instrument, self.answers)
        return bool(self.missing) and not is_all

    @property
    def questions(self) -> list[Question]:
        """As they stand on the page."""
        left_out = set(self.missing) if self.is_sent else set()
        return [
            Question(number, words, self._options(number), number in left_out)
            for number, words in enumerate(self.words.questions, start=1)
        ]

    def _options(self, number: int) -> list[Option]:
        marked = self.answers[number - 1]
        return [Option(points, words, points == marked) for points, words in enumerate(self.words.options)]


def sent_fields(posted: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a form sent of a sheet, to be carried through another page: nothing that was marked is lost."""
    kept = ("asked", "language", "as_it_is")
    return [(name, value) for name, value in posted.items() if name in kept or (name[:1] == "q" and value in MARKS)]
