"""Numbers on a page that a phone dials: written as people do, dialled without a space; emergency numbers too."""

from __future__ import annotations

import pytest

from web.telephones import dialled, with_calls


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("+1 212 555 0100", "+12125550100"),
        ("(212) 555-0100", "+12125550100"),
        ("212.555.0100 ext. 7", "+12125550100"),
        ("+44 20 7946 0018", "+442079460018"),
        ("911", "911"),
        ("call us", ""),
        ("", ""),
    ],
)
def test_number_is_dialled_without_a_space(phone: str, number: str) -> None:
    assert dialled(phone) == number


def test_emergency_numbers_in_a_clinics_words_are_dialled() -> None:
    words = "In an emergency call 911. In a crisis call or text 988, day or night."
    assert with_calls(words) == (
        'In an emergency call <a href="tel:911">911</a>. In a crisis call or text <a href="tel:988">988</a>, day or'
        " night."
    )


@pytest.mark.parametrize("words", ["212 988 0100", "+1 (911) 555-0100", "212-555-0911", "1988", "988-1234", "911b"])
def test_part_of_another_number_is_none(words: str) -> None:
    assert with_calls(words) == words


def test_words_stay_words() -> None:
    assert with_calls("<b>911</b> & you\n988") == (
        '&lt;b&gt;<a href="tel:911">911</a>&lt;/b&gt; &amp; you\n<a href="tel:988">988</a>'
    )
