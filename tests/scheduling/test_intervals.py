from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.intervals import (
    Interval,
    InvalidInterval,
    any_overlap,
    covers,
    merge,
    subtract,
)

START = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)


def minute(count: int) -> datetime:
    return START + timedelta(minutes=count)


def between(first: int, after: int) -> Interval:
    return Interval(minute(first), minute(after))


def minutes_of(intervals: list[Interval]) -> set[int]:
    """The set of minutes covered: the plain model that the algebra is held against."""
    return {count for count in range(61) if any(interval.contains(minute(count)) for interval in intervals)}


LISTS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 10)).map(lambda pair: between(pair[0], sum(pair))), max_size=6
)


def test_an_interval_is_not_empty_and_not_turned_round() -> None:
    for end in (minute(0), minute(-1)):
        with pytest.raises(InvalidInterval, match="is not after start"):
            Interval(minute(0), end)


def test_an_interval_refuses_times_without_offset() -> None:
    with pytest.raises(InvalidInterval, match=r"start .* has no UTC offset"):
        Interval(datetime(2026, 1, 1, 9, 0), minute(1))  # noqa: DTZ001 -- that is what is refused


def test_an_interval_is_kept_in_utc_so_that_its_length_is_elapsed_time() -> None:
    zone = ZoneInfo("America/New_York")
    night = Interval(datetime(2026, 3, 8, 1, 0, tzinfo=zone), datetime(2026, 3, 8, 4, 0, tzinfo=zone))
    assert night.minutes == 120
    assert night.start.tzinfo is UTC


def test_intervals_that_touch_do_not_overlap() -> None:
    assert not between(0, 10).overlaps(between(10, 20))
    assert between(0, 10).overlaps(between(9, 20))
    assert not between(0, 10).contains(minute(10))


@settings(deadline=None)
@given(LISTS)
def test_merge_keeps_the_instants_sorted_and_apart(intervals: list[Interval]) -> None:
    merged = merge(intervals)
    assert minutes_of(merged) == minutes_of(intervals)
    assert all(earlier.end < later.start for earlier, later in pairwise(merged))
    assert merge(merged) == merged


@settings(deadline=None)
@given(LISTS, LISTS)
def test_subtract_leaves_the_instants_that_are_not_taken(intervals: list[Interval], taken: list[Interval]) -> None:
    assert minutes_of(subtract(intervals, taken)) == minutes_of(intervals) - minutes_of(taken)


@settings(deadline=None)
@given(LISTS, st.integers(0, 50), st.integers(1, 10))
def test_covers_and_any_overlap_agree_with_minutes(intervals: list[Interval], first: int, length: int) -> None:
    period, wanted = between(first, first + length), set(range(first, first + length))
    assert covers(intervals, period) == (wanted <= minutes_of(intervals))
    assert any_overlap(intervals, period) == bool(wanted & minutes_of(intervals))
