"""Birth dates as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.typed_dates import MONTHS, OLDEST, is_no_day, matches, read_birth_date, readings

TODAY = date(2026, 11, 27)
BORN = date(1985, 3, 4)
DAYS = st.dates(date(OLDEST, 1, 1), TODAY)


@pytest.mark.parametrize(
    "typed",
    [
        "3/4/1985", "03/04/1985", "3-4-1985", "3/4/85", "3 4 1985", "03041985", "1985-03-04", "1985/3/4", "19850304",
        "4.3.1985", "4 mar 1985", "4mar1985", "4-Mar-85",
        "4th of March 1985", "mar 4 1985", "March 4, 1985", "MAR. 4 85",
        "4 de marzo de 1985", " 3/4/1985 ",
    ],
)  # fmt: skip
def test_the_fourth_of_march_is_typed_in_many_ways(typed: str) -> None:
    assert read_birth_date(typed, today=TODAY) == BORN


@pytest.mark.parametrize(
    "typed",
    ["", "3/4", "1985", "march", "30/2/1980", "3/4/1899", "3/4/2090", "4 mario 1985", "3/4/1985 x"],
)
def test_what_is_no_birth_date_or_not_yet_is_none(typed: str) -> None:
    assert read_birth_date(typed, today=TODAY) is None


@pytest.mark.parametrize("typed", ["31.2.1980", "31.2.", "30 feb 1980", "2/29/1981", "1980-02-31", "31 de abril 1980"])
def test_a_day_that_there_is_not_is_told_from_a_year_that_can_not_be(typed: str) -> None:
    assert is_no_day(typed)


@pytest.mark.parametrize("typed", ["2/29/1980", "2090-01-01", "4 mar", "31.1.", "rosa", "", "12", "3/13/1980"])
def test_what_may_be_a_day_is_one(typed: str) -> None:
    assert not is_no_day(typed)


def test_a_year_of_two_digits_is_never_ahead() -> None:
    assert read_birth_date("3/4/26", today=TODAY) == date(2026, 3, 4)
    assert read_birth_date("3/4/27", today=TODAY) == date(1927, 3, 4)


def test_a_day_past_twelve_can_be_no_month() -> None:
    assert read_birth_date("31/1/1985", today=TODAY) == read_birth_date("1/31/1985", today=TODAY) == date(1985, 1, 31)


def test_both_readings_are_offered_the_countrys_own_first() -> None:
    [match] = matches("3/4/1985")
    assert list(readings(match, today=TODAY)) == [date(1985, 3, 4), date(1985, 4, 3)]


@given(DAYS, st.sampled_from(("%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d", "%B %d, %Y", "%d %b %Y", "%Y%m%d", "%m%d%Y")))
def test_every_date_is_read_as_it_was_written(born: date, written: str) -> None:
    assert read_birth_date(born.strftime(written), today=TODAY) == born


@given(DAYS)
def test_every_month_is_known_in_spanish(born: date) -> None:
    month = MONTHS[born.month - 1][1]
    assert read_birth_date(f"{born.day} de {month} de {born.year}", today=TODAY) == born


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    born = read_birth_date(text, today=TODAY)
    assert born is None or date(OLDEST, 1, 1) <= born <= TODAY
