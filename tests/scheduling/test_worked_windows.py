"""Where the windows of the field's orders begin and end, and how they move with what was given and what is closed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scheduling.series_search import Wish
from scheduling.spacing import Back, Spacing
from tests.scheduling.one_start_a_day import MON_TO_FRI, dates, exactly, given_on, searched, us_holidays

# 300 mg on days 1 and 15, then every 24 weeks: the first of these counts from infusion 1, and all lie 20 weeks apart.
OCRELIZUMAB = (
    Spacing(2, "first", 14, 14, 21),
    Spacing(3, "first", 140, 168, 182),
    Spacing("each", "previous", 14),
    Spacing(4, "previous", 140, 168, 182),
    Spacing(5, "previous", 140, 168, 182),
)
NATALIZUMAB = (Spacing("each", "previous", 28, 28, 61),)
FERUMOXYTOL = (Spacing(2, "previous", 3, None, 8),)
CHEMO = (exactly(2, 1, 7), exactly(3, 1, 14), Spacing("each", Back(3), 28, 28, 30))


def through(first: str, last: str) -> list[date]:
    """Every day from one to the other, both counted."""
    start, end = dates(f"{first} {last}")
    return [start + timedelta(days=index) for index in range((end - start).days + 1)]


def test_ocrelizumab_third_comes_twenty_weeks_after_the_first_at_the_earliest() -> None:
    assert searched(3, OCRELIZUMAB) == dates("01-05 01-19 05-25")
    assert searched(3, OCRELIZUMAB, closed=through("05-25", "07-05")) == dates("01-05 01-19 07-06")
    assert searched(3, OCRELIZUMAB, given=given_on("01-05 01-19"), closed=through("05-25", "07-06")) is None


def test_ocrelizumab_counts_on_from_a_late_infusion() -> None:
    late = given_on("01-05 01-19 07-06")
    assert searched(4, OCRELIZUMAB, given=late) == dates("11-23")
    assert searched(4, OCRELIZUMAB, given=late, closed=through("11-23", "12-20")) == dates("12-21")


@pytest.mark.parametrize(
    ("closed_until", "expected"),
    [("02-01", "02-02"), ("03-06", "03-07"), ("03-07", None)],
    ids=["at four weeks", "at eight weeks and five days", "too late"],
)
def test_natalizumab_every_four_weeks_up_to_eight_weeks_and_five_days(closed_until: str, expected: str | None) -> None:
    found = searched(2, NATALIZUMAB, given=given_on("01-05"), closed=through("01-06", closed_until))
    assert found == (dates(expected) if expected else None)


def test_natalizumab_given_before_the_clinic_began() -> None:
    found = searched(4, NATALIZUMAB, given=given_on("01-05 02-02"), first=date(2026, 2, 16))
    assert found == dates("03-02 03-30")


@pytest.mark.parametrize(
    ("closed_until", "expected"),
    [("01-07", "01-08"), ("01-12", "01-13"), ("01-13", None)],
    ids=["first day", "last day", "too late"],
)
def test_ferumoxytol_second_three_to_eight_days_after(closed_until: str, expected: str | None) -> None:
    found = searched(2, FERUMOXYTOL, given=given_on("01-05"), closed=through("01-06", closed_until))
    assert found == (dates(expected) if expected else None)


def test_iron_sucrose_five_times_within_fourteen_days_both_ends_counted() -> None:
    assert searched(5, (), within_days=14, weekdays=MON_TO_FRI) == dates("01-05 01-06 01-07 01-08 01-09")
    late = given_on("01-05 01-06 01-16")
    assert searched(5, (), within_days=14, given=late) == dates("01-17 01-18")
    assert searched(5, (), within_days=14, given=late, weekdays=MON_TO_FRI) is None


def test_iron_gluconate_weekly_eight_times() -> None:
    weekly = (Spacing("each", "previous", 7, 7, 7),)
    assert searched(8, weekly) == dates("01-05 01-12 01-19 01-26 02-02 02-09 02-16 02-23")
    assert searched(8, weekly, closed=us_holidays()) == dates("01-06 01-13 01-20 01-27 02-03 02-10 02-17 02-24")


def test_infliximab_needs_tolerance_where_its_weeks_fall_on_holidays() -> None:
    exact = (exactly(2, "first", 14), exactly(3, "first", 42))
    weekdays = Wish(weekdays=frozenset({"mon"}))
    # Martin Luther King Jr. Day and Washington's Birthday are 2 and 6 weeks after the first Monday of 2026.
    assert searched(3, exact, closed=us_holidays(), wish=weekdays, given=given_on("01-05")) is None
    loose = (Spacing(2, "first", 11, 14, 17), Spacing(3, "first", 39, 42, 45))
    found = searched(3, loose, closed=us_holidays(), weekdays=MON_TO_FRI, given=given_on("01-05"))
    assert found == dates("01-16 02-13")
    later = (Spacing(2, "first", 14, 14, 17), Spacing(3, "first", 42, 42, 45))
    found = searched(3, later, closed=us_holidays(), weekdays=MON_TO_FRI, given=given_on("01-05"))
    assert found == dates("01-20 02-17")


def test_chemo_cycles_move_as_a_whole_with_a_late_first_day() -> None:
    assert searched(6, CHEMO) == dates("01-05 01-12 01-19 02-02 02-09 02-16")
    # Day 1 of the second cycle was two days late: its days 8 and 15 follow, each within its own cycle's tolerance.
    late = given_on("01-05 01-12 01-19 02-04")
    assert searched(6, CHEMO, given=late) == dates("02-09 02-16")
    assert searched(6, (*CHEMO, exactly(5, 4, 7), exactly(6, 4, 14)), given=late) == dates("02-11 02-18")


def test_ten_consecutive_open_days_skip_weekends_and_a_holiday() -> None:
    rules = (Spacing("each", "previous", 1, 1, 1, "open_days"),)
    found = searched(10, rules, weekdays=MON_TO_FRI, closed=us_holidays(), first=date(2026, 1, 12))
    assert found == dates("01-12 01-13 01-14 01-15 01-16 01-20 01-21 01-22 01-23 01-26")


def test_three_days_in_a_row_every_four_weeks() -> None:
    """Immunoglobulin: consecutive days, repeated from the first of each course."""
    rules = (exactly(2, 1, 1), exactly(3, 2, 1), Spacing("each", Back(3), 28, 28, 30))
    assert searched(6, rules) == dates("01-05 01-06 01-07 02-02 02-03 02-04")
    given = given_on("01-05 01-06 01-07")
    assert searched(6, rules, given=given, closed=dates("02-02")) == dates("02-03 02-04 02-05")


def test_ketamine_on_mondays_wednesdays_and_fridays_around_a_holiday() -> None:
    rules = (Spacing("each", "previous", 2, 3, 4),)
    wish = Wish(weekdays=frozenset({"mon", "wed", "fri"}))
    found = searched(6, rules, wish=wish, closed=us_holidays(), first=date(2026, 1, 14), within_days=21)
    # The Monday is a holiday, so Friday to Wednesday would be five days: too far apart.
    assert found == dates("01-21 01-23 01-26 01-28 01-30 02-02")
    given = given_on("01-14 01-16")
    assert searched(6, rules, wish=wish, closed=us_holidays(), given=given, first=date(2026, 1, 17)) is None
    anyday = searched(6, rules, closed=us_holidays(), given=given, first=date(2026, 1, 17))
    assert anyday == dates("01-18 01-20 01-22 01-24")


def test_esketamine_twice_a_week_goes_on_weekly_after_a_missed_week() -> None:
    rules = (Spacing("each", "previous", 3), *(Spacing(number, "previous", 7) for number in (9, 10, 11, 12)))
    given = given_on("01-05 01-08 01-12 01-15 01-19 01-22 01-26")
    assert searched(10, rules, per_week=2, given=given, closed=through("01-27", "02-04")) == dates("02-05 02-12 02-19")


def test_what_stays_booked_holds_the_others_apart() -> None:
    rules = (Spacing("each", "previous", 2, None, 6),)
    assert searched(4, rules, booked=given_on("01-12", 3)) == dates("01-05 01-07 01-14")
    assert searched(4, rules, booked=given_on("01-12", 3), closed=dates("01-07")) == dates("01-05 01-08 01-14")
    assert searched(3, rules, booked=given_on("01-08", 3), closed=through("01-05", "01-05")) is None


def test_four_to_eight_in_seven_to_twenty_eight_days() -> None:
    """The outer envelope of a ketamine series: not done before a week is over, and within four."""
    rules = (Spacing("each", "previous", 1), Spacing(6, "first", 6, None, 27))
    assert searched(6, rules) == dates("01-05 01-06 01-07 01-08 01-09 01-11")
