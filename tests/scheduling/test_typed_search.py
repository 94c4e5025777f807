"""What is read from one line of a search."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.typed_search import MOST_PARTS, Part, one_slip, one_too_few, read_search

TODAY = date(2026, 11, 27)
LETTERS = st.text("abcdefgh", min_size=4, max_size=9)


def parts(text: str) -> tuple[Part, ...]:
    return read_search(text, today=TODAY).parts


@pytest.mark.parametrize(
    ("typed", "words"),
    [("mar ol", ("mar", "ol")), ("Olsen, Maria", ("Olsen", "Maria")), ("O'Brien-Smith", ("OBrien", "Smith")),
     ("dob mar", ("mar",)), ("A1042", ("A",)), ("A77", ("A77",)), ("ol 12", ("ol", "12")), ("  ", ()), ("-- ,.", ())],
)  # fmt: skip
def test_words_stand_between_punctuation(typed: str, words: tuple[str, ...]) -> None:
    assert read_search(typed, today=TODAY).words == words


@pytest.mark.parametrize("typed", ["212 555 0123", "(212) 555-0123", "212.555.0123", "2125550123", "tel 212-555-01 23"])
def test_digits_are_read_in_any_grouping(typed: str) -> None:
    assert [part.digits for part in parts(typed)] == ["2125550123"]
    assert read_search(typed, today=TODAY).phone == "2125550123"


def test_names_date_and_last_digits_are_told_apart_in_one_line() -> None:
    sought = read_search("maria 4 mar 1985 olsen 0123", today=TODAY)
    assert sought.words == ("maria", "olsen")
    assert (sought.born, sought.rest) == (date(1985, 3, 4), "maria olsen")
    assert Part(digits="0123", typed="0123") in sought.parts


def test_mar_is_a_month_only_beside_a_day_and_a_year() -> None:
    assert read_search("mar 1985", today=TODAY).words == ("mar",)
    assert read_search("mario 4 1985", today=TODAY).born is None


def test_eight_digits_are_a_date_or_a_number() -> None:
    days = (date(1985, 3, 4), date(1985, 4, 3))
    assert parts("03041985") == (Part(digits="03041985", dates=days, typed="03041985"),)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_and_no_line_asks_for_too_much(text: str) -> None:
    sought = read_search(text, today=TODAY)
    assert len(sought.parts) <= MOST_PARTS
    for word in sought.words:
        for pattern in one_slip(word):
            re.compile(pattern)


@given(LETTERS, st.data())
def test_one_slip_is_forgiven(meant: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(meant) - 2))
    other = data.draw(st.sampled_from("xyz"))
    swapped = meant[:at] + meant[at + 1] + meant[at] + meant[at + 2 :]
    for typed in (swapped, meant[:at] + other + meant[at + 1 :], meant[: at + 1] + other + meant[at + 1 :]):
        assert any(re.fullmatch(pattern, meant) for pattern in one_slip(typed)), typed
    # One missing: of what is left enough is typed to tell.
    if len(meant) > 4:
        missing = meant[: at + 1] + meant[at + 2 :]
        assert any(re.fullmatch(pattern, meant) for pattern in one_slip(missing)) or at + 2 == len(meant)


def test_short_words_and_numbers_have_no_slips() -> None:
    assert one_slip("ol") == one_slip("h102") == []
    assert one_slip("jno") == ["njo", "jon"]


def test_a_name_of_four_letters_may_lack_one_inside() -> None:
    assert one_too_few("Hrt") == ["h.rt", "hr.t"]
    assert one_too_few("ha") == one_too_few("hart") == one_too_few("h12") == []
