"""Whatever a message is for, goes by or came to, the ledger has plain words for it, not the program's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest
from django.db.models import TextChoices
from django.utils.functional import Promise

from notifications import reasons
from notifications.channels.outcomes import REASONS
from notifications.ledger import sentence
from notifications.models import NoticeState
from notifications.models.notice import PURPOSES as CHOICES
from notifications.notice_facts import ChannelName, Purpose
from notifications.rendering import template_names
from notifications.sending_again import WhyNotAgain
from notifications.wording import texts_there_are
from web.messages_sent import CHANNELS, PURPOSES, STATES, WHY_NOT_AGAIN

WORDS_OF_THE_LEDGER: list[tuple[Iterable[str], Mapping[str, str | Promise]]] = [
    (Purpose, PURPOSES),
    (ChannelName, CHANNELS),
    (NoticeState, {state: words for state, (_, _, words) in STATES.items()}),
]


class Program(StrEnum):
    """Two kinds, as a program knows them."""

    KNOWN = "known_kind"
    NEW = "new_kind"


def without_words(kinds: Iterable[str], words: Mapping[str, str | Promise]) -> list[str]:
    """The kinds that a person would see by the program's own name, or not at all."""
    return [kind for kind in kinds if not str(words.get(kind, "")).strip() or "_" in str(words[kind])]


@pytest.mark.parametrize(("kinds", "words"), WORDS_OF_THE_LEDGER, ids=["purposes", "channels", "states"])
def test_ledger_has_plain_words_for_every_kind(
    kinds: type[StrEnum] | type[TextChoices], words: Mapping[str, str | Promise]
) -> None:
    assert without_words(kinds, words) == []
    assert set(words) == set(kinds)


def test_the_check_sees_a_new_kind() -> None:
    assert without_words(Program, {Program.KNOWN: "Known"}) == [Program.NEW]
    assert without_words(Program, {Program.KNOWN: "Known", Program.NEW: "new_kind"}) == [Program.NEW]


def test_no_two_purposes_are_called_the_same() -> None:
    assert len({str(words) for words in PURPOSES.values()}) == len(Purpose)


def test_each_purpose_may_stand_in_a_row_and_each_with_texts_is_worded() -> None:
    assert {value for value, _ in CHOICES} == set(Purpose)
    assert {purpose for purpose, *_ in texts_there_are()} == {name.split("/")[0] for name in template_names()}


def test_every_reason_has_a_sentence() -> None:
    words = {value for name, value in vars(reasons).items() if name.isupper() and isinstance(value, str)}
    assert len(words) > 10
    assert [word for word in sorted(words | set(REASONS)) if not sentence(word)] == []


def test_everything_that_keeps_a_message_from_going_again_is_said() -> None:
    assert [why for why in WhyNotAgain if not str(WHY_NOT_AGAIN[why])] == []
