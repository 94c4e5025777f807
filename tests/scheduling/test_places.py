"""Numbers for claims: first fit, and dealt anew where numbers are fragmented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.intervals import Interval
from scheduling.places import NoPlaceLeft, Numbered, deal_anew, first_fit

DAY = datetime(2027, 1, 4, tzinfo=UTC)


def at(start: int, end: int) -> Interval:
    return Interval(DAY + timedelta(minutes=start), DAY + timedelta(minutes=end))


def test_first_fit_takes_the_lowest_number_free_throughout() -> None:
    standing = [Numbered(1, at(0, 60), 1), Numbered(2, at(30, 90), 2)]
    assert first_fit(standing, [at(60, 120), at(0, 30)], 3) == [
        Numbered(None, at(60, 120), 1),
        Numbered(None, at(0, 30), 2),
    ]


def test_deal_anew_helps_where_no_single_number_is_free_throughout() -> None:
    standing = [Numbered(1, at(0, 60), 1), Numbered(2, at(60, 120), 2)]
    assert first_fit(standing, [at(0, 120)], 2) is None
    assert deal_anew(standing, [at(0, 120)], 2) == [Numbered(None, at(0, 120), 2), Numbered(2, at(60, 120), 1)]


def test_deal_anew_refuses_when_more_overlap_than_there_are_places() -> None:
    with pytest.raises(NoPlaceLeft):
        deal_anew([Numbered(1, at(0, 60), 1)], [at(30, 90)], 1)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=14), st.integers(1, 4))
def test_whatever_is_counted_as_free_gets_a_number_and_no_two_overlap(
    spans: list[tuple[int, int]], places: int
) -> None:
    standing: dict[int, Numbered] = {}
    for claim_id, (start, length) in enumerate(spans):
        period = at(start * 5, (start + length) * 5)
        overlapping = [
            sum(other.period.contains(period.start + timedelta(minutes=5 * step)) for other in standing.values())
            for step in range(length)
        ]
        if max(overlapping) >= places:
            continue
        before = list(standing.values())
        fresh, *moved = first_fit(before, [period], places) or deal_anew(before, [period], places)
        standing[claim_id] = Numbered(claim_id, period, fresh.place)
        for one in moved:
            assert one.claim_id is not None
            standing[one.claim_id] = one
        for left in standing.values():
            assert 1 <= left.place <= places
            assert not any(
                left.place == right.place and left.period.overlaps(right.period)
                for right in standing.values()
                if right.claim_id != left.claim_id
            )
