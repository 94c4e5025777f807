"""Hours of fasting as times on the clock: hours that pass, in every zone, on every day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.notice_facts import ChannelName, Preparation
from notifications.preparing import prepare
from notifications.said_times import say_until
from tests.fakes.shared_inputs import read_json

ZONES = read_json("real/time/dst_2024_2030.json")["zones"]
NEW_YORK = ZoneInfo("America/New_York")
SIX_AND_TWO = {"fasting": {"solids_hours": 6, "clear_liquids_hours": 2}, "ride_home": True}


def test_fasting_hours_become_times_before_the_start() -> None:
    start = datetime(2026, 12, 3, 15, 0, tzinfo=UTC)
    found = prepare(SIX_AND_TWO, start)
    assert found is not None
    assert (found.food_until, found.drinks_until, found.needs_ride) == (
        start - timedelta(hours=6), start - timedelta(hours=2), True,
    )  # fmt: skip


@pytest.mark.parametrize("content", [{}, {"ride_home": False}, {"fasting": None, "ride_home": False}])
def test_an_order_that_asks_for_nothing_gives_nothing(content: dict[str, object]) -> None:
    assert prepare(content, datetime(2026, 12, 3, 15, 0, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (datetime(2026, 12, 3, 10, 0, tzinfo=NEW_YORK), ("4:00 AM", "8:00 AM")),
        # The clocks go forward at 2 and back at 2: six hours are five or seven on the clock.
        (datetime(2027, 3, 14, 7, 0, tzinfo=NEW_YORK), ("12:00 AM", "5:00 AM")),
        (datetime(2026, 11, 1, 6, 0, tzinfo=NEW_YORK), ("1:00 AM", "4:00 AM")),
        (datetime(2026, 12, 3, 5, 0, tzinfo=NEW_YORK), ("Wed Dec 2, 11:00 PM", "3:00 AM")),
    ],
)
def test_times_are_said_on_the_clinics_clock_and_with_the_day_where_it_is_another(
    start: datetime, said: tuple[str, str]
) -> None:
    found = prepare(SIX_AND_TWO, start.astimezone(UTC))
    assert found is not None
    visit = (start.astimezone(UTC), NEW_YORK)
    times = (found.food_until, found.drinks_until)
    assert tuple(say_until(at, visit, "en", ChannelName.SMS) for at in times) == said


quarters = st.integers(0, 96).map(lambda quarter: quarter / 4)


@given(st.sampled_from(sorted(ZONES)), st.integers(0, 6 * 366 * 96), quarters, quarters)
def test_as_many_hours_pass_as_were_ordered_in_every_zone(name: str, step: int, solids: float, liquids: float) -> None:
    """On the wall clock too: the times said, read back in the zone, are so many elapsed hours before the start."""
    zone = ZoneInfo(name)
    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * step)
    content = {"fasting": {"solids_hours": solids, "clear_liquids_hours": liquids}}
    found = prepare(content, start) or Preparation()
    for hours, until in ((solids, found.food_until), (liquids, found.drinks_until)):
        if until is None:
            assert not hours
            continue
        wall, wall_start = until.astimezone(zone), start.astimezone(zone)
        assert wall_start.astimezone(UTC) - wall.astimezone(UTC) == timedelta(hours=hours)
