"""Words and boxes of one wish: what was done last counts, and the words never say what does not."""

from __future__ import annotations

from datetime import date, time

import pytest

from scheduling.can_come import ALL, CanCome
from scheduling.can_come_reader import read_words
from scheduling.said_and_ticked import Ticked, contradicts, number_of, said_last, ticked_last

OFFERED = frozenset({"mon", "tue", "wed", "thu", "fri"})
MON_WED, MON, WED = frozenset({"mon", "wed"}), frozenset({"mon"}), frozenset({"wed"})
LEFT = 6


def heard(words: str) -> CanCome:
    return read_words(words, today=date(2026, 11, 27)).can


def test_new_words_hold_beside_what_was_ticked_by_hand() -> None:
    can = said_last(heard("mon"), CanCome(), Ticked(WED, time(9), 2), LEFT)
    assert (can.weekdays, can.at, can.how_many) == (MON_WED, time(9), 2)


def test_new_words_take_back_what_the_boxes_only_showed_of_the_words_before() -> None:
    shown = Ticked(MON_WED, time(10), LEFT)
    assert said_last(heard("wed"), heard("mon wed at 10, all"), shown, LEFT) == CanCome(WED)


def test_boxes_that_were_changed_after_the_words_count() -> None:
    said = heard("mon wed am at 10, all")
    can = ticked_last(said, Ticked(MON, None, 3), LEFT, OFFERED)
    assert (can.weekdays, can.at, can.how_many, set(can.hours)) == (MON, None, 3, {"mon"})
    assert contradicts(said, can)
    assert ticked_last(said, Ticked(None, time(10), LEFT), LEFT, OFFERED).hours == {}


@pytest.mark.parametrize("words", ["mon wed am at 10, all", "am", "not fri", "sun am, first 9", "3 visits", ""])
def test_boxes_as_they_were_drawn_change_nothing(words: str) -> None:
    said = heard(words)
    drawn = Ticked((said.weekdays or frozenset()) & OFFERED, said.at, number_of(said, LEFT) or 3)
    can = ticked_last(said, drawn, LEFT, OFFERED)
    assert (can.weekdays, can.at, can.hours) == (said.weekdays, said.at, said.hours)
    assert number_of(can, LEFT) == drawn.how_many
    assert not contradicts(said, can)


def test_what_was_ticked_beside_the_words_is_no_contradiction() -> None:
    assert not contradicts(heard("mon"), ticked_last(heard("mon"), Ticked(MON_WED, time(9), 2), LEFT, OFFERED))


def test_all_is_as_many_as_are_left() -> None:
    assert [number_of(CanCome(how_many=count), LEFT) for count in (None, ALL, 2, 9)] == [None, 6, 2, 6]
