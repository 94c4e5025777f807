"""The published words stay as they were published: whoever changes one changes a number here, and has to say why."""

from __future__ import annotations

import hashlib
import json

import pytest

from scheduling.protocol_schema import INSTRUMENTS as PLANNED
from scheduling.protocol_schema import LANGUAGES
from scheduling.questionnaires.instruments import INSTRUMENTS, POINTS

# Over instruction, questions and options, by instrument, version and language. A new wording is a new version.
AS_PUBLISHED = {
    ("phq-9", "1", "en"): "a6d44a38b0c6396f",
    ("phq-9", "1", "es"): "ca240a6eceb716ac",
    ("gad-7", "1", "en"): "f9681767f15c98d7",
    ("gad-7", "1", "es"): "a3896e57e6cdcf8f",
}


def fingerprint(code: str, language: str) -> str:
    words = INSTRUMENTS[code].words[language]
    text = json.dumps([words.instruction, words.questions, words.options], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_the_words_are_those_that_were_published() -> None:
    found = {
        (code, one.version, language): fingerprint(code, language)
        for code, one in INSTRUMENTS.items()
        for language in one.words
    }

    assert found == AS_PUBLISHED


def test_a_plan_can_name_exactly_what_there_is_in_every_language() -> None:
    assert set(PLANNED) == set(INSTRUMENTS)
    assert all(set(one.words) == set(LANGUAGES) for one in INSTRUMENTS.values())


@pytest.mark.parametrize("code", list(INSTRUMENTS))
def test_each_language_asks_the_same_number_of_questions_with_four_answers(code: str) -> None:
    instrument = INSTRUMENTS[code]

    for words in instrument.words.values():
        assert len(words.questions) == instrument.questions == len(set(words.questions))
        assert len(words.options) == len(POINTS)
        assert words.licence
        assert words.source


def test_a_spanish_text_that_was_not_compared_with_the_form_says_so() -> None:
    assert [code for code, one in INSTRUMENTS.items() if one.words["es"].needs_reviewer] == ["gad-7"]


def test_a_language_without_published_words_is_asked_in_english() -> None:
    assert INSTRUMENTS["phq-9"].words_in("vi")[0] == "en"
    assert INSTRUMENTS["phq-9"].words_in("es-MX")[0] == "es"
