"""The published sum of an instrument, and nothing that is made of it. No Django."""

from __future__ import annotations

from collections.abc import Sequence

from scheduling.questionnaires.instruments import POINTS, Instrument

# One number a question, None where it was not answered.
Answers = Sequence[int | None]


class NotItsAnswers(Exception):
    """There are more or fewer answers than questions, or one that is none of the four."""


def check_answers(instrument: Instrument, answers: Answers) -> None:
    """Refuses with NotItsAnswers what this instrument can't have been answered with."""
    known = all(answer is None or answer in POINTS for answer in answers)
    if len(answers) != instrument.questions or not known:
        raise NotItsAnswers


def missing(answers: Answers) -> list[int]:
    """The questions that were not answered, counted from 1."""
    return [number for number, answer in enumerate(answers, start=1) if answer is None]


def score(instrument: Instrument, answers: Answers) -> int | None:
    """The sum; None where a question was not answered, since no rule for that was published here."""
    check_answers(instrument, answers)
    given = [answer for answer in answers if answer is not None]
    return sum(given) if len(given) == instrument.questions else None


def needs_clinician(instrument: Instrument, answers: Answers) -> bool:
    """Whether a clinician has to look at the answers at once: a flag, which says nothing of what they mean."""
    check_answers(instrument, answers)
    number = instrument.looked_at_once
    return number is not None and bool(answers[number - 1])
