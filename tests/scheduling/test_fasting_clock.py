"""From when somebody who ate could start: hours that pass, on the clinic's clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.clinic_time import ClinicTime
from scheduling.fasting_clock import could_start_from, last_time
from scheduling.protocol_parts import Fasting

NEW_YORK = ClinicTime("America/New_York")
SIX_AND_TWO = Fasting(6, 2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_who_ate_at_seven_could_start_from_one() -> None:
    ate = last_time(time(7), NEW_YORK, at("2027-01-05T08:20-05:00"))
    assert could_start_from(SIX_AND_TWO, ate_at=ate) == at("2027-01-05T13:00-05:00")


def test_the_later_of_food_and_drink_counts() -> None:
    now = at("2027-01-05T12:30-05:00")
    ate, drank = (last_time(wall, NEW_YORK, now) for wall in (time(7), time(12)))
    assert could_start_from(SIX_AND_TWO, ate_at=ate, drank_at=drank) == at("2027-01-05T14:00-05:00")
    assert could_start_from(SIX_AND_TWO) is None


def test_an_evening_that_lies_ahead_was_yesterdays() -> None:
    assert last_time(time(21), NEW_YORK, at("2027-01-05T08:00-05:00")) == at("2027-01-04T21:00-05:00")


@pytest.mark.parametrize(
    ("wall", "now", "ate"),
    [
        # The clocks go forward on March 14: 2:30 was never shown.
        (time(1, 30), "2027-03-14T09:00-04:00", "2027-03-14T01:30-05:00"),
        (time(2, 30), "2027-03-14T09:00-04:00", "2027-03-14T03:30-04:00"),
        # They go back on November 7: 1:30 was there twice, and the later one asks for the longer wait.
        (time(1, 30), "2027-11-07T09:00-05:00", "2027-11-07T01:30-05:00"),
        (time(1, 30), "2027-11-07T01:45-04:00", "2027-11-07T01:30-04:00"),
    ],
)
def test_on_the_nights_the_clocks_change(wall: time, now: str, ate: str) -> None:
    assert last_time(wall, NEW_YORK, at(now)) == at(ate)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 -- made aware below
    st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    st.sampled_from(["America/New_York", "America/Phoenix", "Europe/Berlin", "Asia/Kathmandu"]),
)
def test_the_last_time_is_never_ahead_and_never_a_day_and_an_hour_ago(now: datetime, wall: time, zone: str) -> None:
    instant = last_time(wall, ClinicTime(zone), now.replace(tzinfo=UTC))
    assert timedelta(0) <= now.replace(tzinfo=UTC) - instant <= timedelta(hours=26)
