"""Every word on a page is marked for translation."""

from __future__ import annotations

import re

import pytest

from tests.project.sources import name, page_templates

# What a block named for a class holds is for style sheets.
BLOCKS = re.compile(
    r"{%\s*block \w*class\w*\s*%}.*?{%\s*endblock\b.*?%}|"
    r"{%-?\s*(comment|blocktranslate|blocktrans)\b.*?{%\s*end\1\s*%}|{#.*?#}|<!--.*?-->|<(style|script|svg)\b.*?</\2>",
    re.DOTALL,
)
TAGS = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(
    r"""\b(?:alt|title|placeholder|aria-label|aria-description)\s*=\s*(["'])(.*?)\1""", re.DOTALL
)
ELEMENT = re.compile(r"<[^>]*>", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
ENTITY = re.compile(r"&\w+;")
# Names are the same in every language.
NAMES = re.compile(r"Infusion Desk|English|Español")


def unmarked(source: str) -> list[str]:
    """Words a person would read that stand outside a translation tag."""
    text = TAGS.sub(" ", BLOCKS.sub(" ", source))
    spoken = [match[2] for match in SPOKEN_ATTRIBUTE.finditer(text)]
    text = ELEMENT.sub("\n", text)
    pieces = [NAMES.sub(" ", ENTITY.sub(" ", piece)).strip() for piece in [*spoken, *text.split("\n")]]
    return [piece for piece in pieces if WORD.search(piece)]


def test_every_word_in_templates_is_marked_for_translation() -> None:
    assert {name(path): words for path in page_templates() if (words := unmarked(path.read_text()))} == {}


@pytest.mark.parametrize("source", ["<p>Hello</p>", '<img alt="A chair">', "{% if x %}Yes{% endif %}"])
def test_the_check_sees_a_bare_word(source: str) -> None:
    assert len(unmarked(source)) == 1


@pytest.mark.parametrize(
    "source", ['{% translate "Hello" %}', "{% blocktranslate %}Hello {{ who }}{% endblocktranslate %}"]
)
def test_the_check_lets_a_marked_word_pass(source: str) -> None:
    assert unmarked(source) == []
