"""Cutting a letter down to what its writer wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.page_text import text_of_html
from notifications.quoted_text import LONGEST_TEXT, cut_quoted

GMAIL = "1\n\nOn Mon, Jan 4, 2027 at 9:00 AM Harbor Center <desk@harbor.test> wrote:\n\n> Hello,\n> your visit\n"
GMAIL_FOLDED = "Sí, ahí estaré\n\nEl lun, 4 ene 2027 a las 9:00, Harbor\n(<desk@harbor.test>) escribió:\n> Hola:\n"
OUTLOOK = "Please call me\r\n\r\n________________________________\r\nFrom: Harbor\r\nSent: Monday\r\nTo: Rosa\r\n"
OUTLOOK_PLAIN = "Ok\n\nFrom: Harbor Center <desk@harbor.test>\nSent: Monday, January 4, 2027\nSubject: Visit\n\nHello"
ORIGINAL = "yes\n-----Original Message-----\nFrom: Harbor\n"
PHONE = "I'm late\n\nSent from my iPhone\n"
SPANISH_PHONE = "Gracias\n\nEnviado desde mi iPhone\n"
SIGNED = "See you\n-- \nRosa Reyes\nAccountant\n"
NO_QUOTE = "On Monday I wrote to you.\nPlease answer."
INLINE = "> Can you come?\nYes\n> At nine?\nNo, ten\n"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (GMAIL, "1"), (GMAIL_FOLDED, "Sí, ahí estaré"), (OUTLOOK, "Please call me"), (OUTLOOK_PLAIN, "Ok"),
        (ORIGINAL, "yes"), (PHONE, "I'm late"), (SPANISH_PHONE, "Gracias"), (SIGNED, "See you"),
        (INLINE, "Yes\n\nNo, ten"), (NO_QUOTE, NO_QUOTE),
        ("", ""),
    ],
)  # fmt: skip
def test_only_the_writers_own_words_stay(text: str, own: str) -> None:
    assert cut_quoted(text) == own


def test_a_letter_that_is_all_quote_stays_whole() -> None:
    assert cut_quoted("> only this\n") == "> only this"


@given(st.text(max_size=400))
def test_cutting_never_fails_and_adds_nothing(text: str) -> None:
    own = cut_quoted(text)
    assert len(own) <= min(len(text), LONGEST_TEXT)
    assert "\x00" not in own


def test_words_of_html_without_styles_scripts_and_quotes() -> None:
    html = (
        "<html><head><title>x</title><style>p{}</style></head><body><p>Please <b>call</b> me&nbsp;back</p>"
        "<script>alert(1)</script><div>Rosa</div><blockquote>Hello, your visit</blockquote></body></html>"
    )
    assert text_of_html(html) == "Please call me back\n\nRosa"


@given(st.text(max_size=300))
def test_no_html_makes_the_reading_fail(text: str) -> None:
    text_of_html(text)
