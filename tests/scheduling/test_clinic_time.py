from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.clinic_time import (
    AmbiguousTime,
    ClinicTime,
    NonexistentTime,
    UnknownZone,
    WallRange,
    merge_ranges,
    minutes_between,
    week_start,
    weekday_key,
)

NEW_YORK = ClinicTime("America/New_York")
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
ZONES = st.sampled_from(
    ["America/New_York", "Europe/Paris", "Australia/Lord_Howe", "Asia/Kolkata", "America/Havana", "UTC"]
)


def test_an_unknown_zone_is_refused_by_name() -> None:
    for name in ("Mars/Base", "", "../etc/passwd"):
        with pytest.raises(UnknownZone, match="is not an IANA time zone"):
            ClinicTime(name)


def test_a_time_in_the_skipped_hour_does_not_exist() -> None:
    with pytest.raises(NonexistentTime, match="2026-03-08 02:30 does not exist"):
        NEW_YORK.at_wall(SPRING, time(2, 30))
    assert NEW_YORK.at_wall(SPRING, time(3, 0)) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_a_time_in_the_doubled_hour_is_ambiguous_until_it_is_said_which() -> None:
    with pytest.raises(AmbiguousTime, match="2026-11-01 01:30 happens twice"):
        NEW_YORK.at_wall(AUTUMN, time(1, 30))
    assert NEW_YORK.at_wall(AUTUMN, time(1, 30), which="first") == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert NEW_YORK.at_wall(AUTUMN, time(1, 30), which="second") == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_local_days_are_23_24_or_25_hours_long() -> None:
    lengths = [NEW_YORK.day_bounds(day).minutes // 60 for day in (SPRING, date(2026, 6, 1), AUTUMN)]
    assert lengths == [23, 24, 25]


def test_a_day_may_begin_at_one_o_clock() -> None:
    sao_paulo = ClinicTime("America/Sao_Paulo")
    bounds = sao_paulo.day_bounds(date(2018, 11, 4))
    assert (bounds.start, bounds.minutes) == (datetime(2018, 11, 4, 3, 0, tzinfo=UTC), 23 * 60)
    assert sao_paulo.minute_of_day(bounds.start) == 60


def test_a_day_that_a_zone_left_out_has_no_bounds() -> None:
    with pytest.raises(NonexistentTime, match="2011-12-30 does not exist"):
        ClinicTime("Pacific/Apia").day_bounds(date(2011, 12, 30))


@settings(deadline=None)
@given(ZONES, st.dates(date(2010, 1, 1), date(2035, 1, 1)))
def test_days_follow_each_other_without_gap(zone: str, day: date) -> None:
    clock = ClinicTime(zone)
    bounds = clock.day_bounds(day)
    assert bounds.end == clock.day_bounds(day + timedelta(days=1)).start
    assert clock.local_day(bounds.start) == clock.local_day(bounds.end - timedelta(seconds=1)) == day


@settings(deadline=None)
@given(ZONES, st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1)), st.integers(-400, 400))  # noqa: DTZ001 -- wall
def test_adding_days_keeps_the_wall_time_or_refuses(zone: str, wall: datetime, days: int) -> None:
    clock = ClinicTime(zone)
    try:
        start = clock.at_wall(wall.date(), wall.time())
        moved = clock.add_local_days(start, days)
    except (NonexistentTime, AmbiguousTime):
        return
    assert clock.local(moved).replace(tzinfo=None) == wall + timedelta(days=days)


def test_adding_days_is_not_adding_24_hours() -> None:
    friday = NEW_YORK.at_wall(date(2026, 3, 6), time(9, 0))
    assert NEW_YORK.add_local_days(friday, 14) - friday == timedelta(days=14, hours=-1)
    with pytest.raises(NonexistentTime):
        NEW_YORK.add_local_days(NEW_YORK.at_wall(date(2026, 3, 7), time(2, 30)), 1)


def test_elapsed_minutes_and_wall_minutes_differ_when_clocks_change() -> None:
    start, end = NEW_YORK.at_wall(SPRING, time(1, 30)), NEW_YORK.at_wall(SPRING, time(3, 30))
    assert minutes_between(start, end) == 60
    assert NEW_YORK.minute_of_day(end) - NEW_YORK.minute_of_day(start) == 120


def test_weekdays_and_weeks() -> None:
    assert weekday_key(SPRING) == "sun"
    assert NEW_YORK.weekday(datetime(2026, 3, 9, 3, 0, tzinfo=UTC)) == "sun"
    assert week_start(SPRING) == date(2026, 3, 2)


def test_opening_hours_on_a_changed_day_are_never_longer_than_said() -> None:
    night = WallRange.from_text("02:30-05:00")
    spring = NEW_YORK.on_day(SPRING, night)
    assert spring is not None
    assert (spring.start, spring.minutes) == (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), 120)
    assert NEW_YORK.on_day(SPRING, WallRange.from_text("02:00-03:00")) is None
    into_the_gap = NEW_YORK.on_day(SPRING, WallRange.from_text("00:00-02:30"))
    assert into_the_gap is not None
    assert into_the_gap.end == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    from_the_fold = NEW_YORK.on_day(AUTUMN, WallRange.from_text("01:30-24:00"))
    assert from_the_fold is not None
    assert from_the_fold.start == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_midnight_at_the_end_of_a_day_is_1440() -> None:
    whole = NEW_YORK.on_day(AUTUMN, WallRange.from_text("00:00-24:00"))
    assert whole == NEW_YORK.day_bounds(AUTUMN)
    assert NEW_YORK.at_minute(SPRING, 1440) == NEW_YORK.day_bounds(SPRING).end


@pytest.mark.parametrize(
    "text", ["8:00-9:00", "08:00", "09:00-08:00", "08:00-08:00", "08:60-09:00", "08:00-24:30", "", "a-b"]
)
def test_a_wall_range_refuses_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"time range|minutes past 59"):
        WallRange.from_text(text)


def test_wall_ranges_that_touch_are_one() -> None:
    parts = [WallRange.from_text(text) for text in ("13:00-15:00", "08:00-12:00", "12:00-13:00", "16:00-17:00")]
    assert [str(one) for one in merge_ranges(parts)] == ["08:00-15:00", "16:00-17:00"]


def test_times_without_offset_are_refused() -> None:
    with pytest.raises(ValueError, match="has no UTC offset"):
        NEW_YORK.local_day(datetime(2026, 1, 1, 9, 0))  # noqa: DTZ001 -- that is what is refused
