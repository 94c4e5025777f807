"""Names that are easily taken for one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.alike_names import alike

NAMES = st.text("abcdeé", min_size=3, max_size=10)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Gonzalez", "González"), ("Gonzalez", "Gonzales"), ("Alex", "Alexandra"), ("Jon", "John"), ("Olsen", "Olsne"),
     ("Li", "LI"), ("Sara", "Sarah"), ("Hannah", "Hanah")],
)  # fmt: skip
def test_names_are_alike(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("Olsen", "Olafsen"), ("Li", "Lee"), ("Ana", ""), ("", ""), ("Maria", "Peter")]
)
def test_names_are_not_alike(one: str, other: str) -> None:
    assert not alike(one, other)
    assert not alike(other, one)


@given(NAMES, NAMES)
def test_being_alike_is_mutual_and_every_name_is_like_itself(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)
    assert alike(one, one)


@given(NAMES, st.data())
def test_two_letters_swapped_are_one_slip(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 2))
    assert alike(name, name[:at] + name[at + 1] + name[at] + name[at + 2 :])
