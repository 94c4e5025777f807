"""Whole numbers from outside."""

from __future__ import annotations

import pytest

from scheduling.typed_numbers import MOST_DIGITS, read_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("9" * MOST_DIGITS, 10**MOST_DIGITS - 1)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert read_number(text) == number
    assert number < 2**63


@pytest.mark.parametrize("text", ["", " 7", "-1", "+1", "1.0", "1_0", "1e3", "²", "٣", "x", "\x00", "9" * 5000])
def test_anything_else_is_none(text: str) -> None:
    assert read_number(text) is None


def test_a_number_longer_than_it_may_be_is_none() -> None:
    assert read_number("9" * (MOST_DIGITS + 1)) is None
    assert read_number("999", digits=3) == 999
    assert read_number("0999", digits=3) is None
