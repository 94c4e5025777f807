"""The last food and drink as instants, also over a night in which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.preparing import Preparing, preparing_for

NEW_YORK = ZoneInfo("America/New_York")
LONG_AGO = datetime(2024, 1, 1)  # noqa: DTZ001 -- Hypothesis wants it without a zone
QUARTERS = st.integers(0, 96).map(lambda quarters: quarters / 4)


def signed(solids: float, liquids: float, *, ride: bool = False) -> dict[str, object]:
    return {"fasting": {"solids_hours": solids, "clear_liquids_hours": liquids}, "ride_home": ride}


@pytest.mark.parametrize(
    ("day", "food", "drinks"),
    [
        ((2027, 1, 7, 10), "04:00", "08:00"),
        # Six hours have to pass: at two the clock jumps to three, so the last food is at one by the clock before it.
        ((2027, 3, 14, 8), "01:00", "06:00"),
        ((2027, 3, 14, 10), "04:00", "08:00"),
        ((2027, 11, 7, 7), "01:00", "05:00"),
        ((2027, 11, 7, 6), "01:00", "04:00"),
    ],
)
def test_six_and_two_hours_on_the_clinics_clock(day: tuple[int, int, int, int], food: str, drinks: str) -> None:
    found = preparing_for(datetime(*day, tzinfo=NEW_YORK).astimezone(UTC), signed(6, 2))
    assert found.solids_until is not None
    assert found.liquids_until is not None
    said = [f"{at.astimezone(NEW_YORK):%H:%M}" for at in (found.solids_until, found.liquids_until)]
    assert said == [food, drinks]


@given(at=st.datetimes(min_value=LONG_AGO, timezones=st.just(UTC)), solids=QUARTERS, liquids=QUARTERS)
def test_so_many_hours_really_pass(at: datetime, solids: float, liquids: float) -> None:
    found = preparing_for(at, signed(solids, liquids))
    for until, hours in ((found.solids_until, solids), (found.liquids_until, liquids)):
        assert (until is None) == (hours == 0)
        assert until is None or at - until == timedelta(hours=hours)
    assert found.has_fasting == bool(solids or liquids)


def test_plan_that_says_nothing_asks_for_nothing() -> None:
    start = datetime(2027, 1, 7, 15, tzinfo=UTC)
    assert preparing_for(start, {}) == Preparing()
    assert preparing_for(start, {"ride_home": True}) == Preparing(needs_ride=True)
