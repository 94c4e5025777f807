from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from scheduling.clinic_time import ClinicTime
from scheduling.spacing import (
    Back,
    BrokenRule,
    Gap,
    InvalidFields,
    OpenDays,
    OpenDaysUnknown,
    Spacing,
    Window,
    broken_rules,
    minimum_gap_after,
    rules_for,
    window_for,
)

CLOCK = ClinicTime("America/New_York")


def on(day: date, wall: time = time(9, 0)) -> datetime:
    return CLOCK.at_wall(day, wall)


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def given(*days: date) -> dict[int, datetime]:
    return {number: on(one) for number, one in enumerate(days, 1)}


# ---------------------------------------------------------------------- worked dates: each is the target of the next

INFLIXIMAB = (
    Spacing("each", "previous", 49, 56, 63),
    Spacing(2, "first", 11, 14, 17),
    Spacing(3, "first", 39, 42, 45),
    Spacing(3, "previous", 21),
)
OCRELIZUMAB = (
    Spacing(2, "first", 13, 14, 16),
    Spacing(3, "first", 140, 168),
    Spacing("each", "previous", 140, 168),
    Spacing(3, "previous", 1),
)


@pytest.mark.parametrize(
    ("spacings", "anchors", "number", "target"),
    [
        (INFLIXIMAB, given(day(1, 5)), 2, day(1, 19)),
        (INFLIXIMAB, given(day(1, 5), day(1, 19)), 3, day(2, 16)),
        (INFLIXIMAB, given(day(1, 5), day(1, 19), day(2, 16)), 4, day(4, 13)),
        (INFLIXIMAB, given(day(1, 5), day(1, 19), day(2, 16), day(4, 13)), 5, day(6, 8)),
        (INFLIXIMAB, given(day(1, 5), day(1, 19), day(2, 21)), 4, day(4, 18)),
        ((Spacing(4, "first", target=98),), given(day(1, 5), day(1, 19), day(2, 21)), 4, day(4, 13)),
        (OCRELIZUMAB, given(day(1, 5)), 2, day(1, 19)),
        (OCRELIZUMAB, given(day(1, 5), day(1, 19)), 3, day(6, 22)),
        (OCRELIZUMAB, given(day(1, 5), day(1, 19), day(7, 6)), 4, day(12, 21)),
    ],
)
def test_window_target_falls_on_the_worked_date(
    spacings: tuple[Spacing, ...], anchors: dict[int, datetime], number: int, target: date
) -> None:
    assert window_for(number, anchors, spacings, CLOCK).target == target


def test_window_edges_of_iron_and_ocrelizumab() -> None:
    first = given(day(1, 5))
    ferumoxytol = window_for(2, first, (Spacing(2, "previous", 3, None, 8),), CLOCK)
    assert (ferumoxytol.earliest, ferumoxytol.latest) == (day(1, 8), day(1, 13))
    carboxymaltose = window_for(2, first, (Spacing(2, "previous", 7),), CLOCK)
    assert (carboxymaltose.earliest, carboxymaltose.latest) == (day(1, 12), None)
    assert window_for(3, given(day(1, 5), day(1, 19)), OCRELIZUMAB, CLOCK).earliest == day(5, 25)


# ---------------------------------------------------------------------- windows


def test_a_window_without_an_anchor_has_no_limits() -> None:
    assert window_for(1, {}, INFLIXIMAB, CLOCK) == Window()


def test_all_rules_on_one_infusion_hold_together() -> None:
    rules = (Spacing(3, "previous", 2, 3, 10), Spacing(3, "first", 7, None, 9))
    window = window_for(3, given(day(1, 5), day(1, 7)), rules, CLOCK)
    assert window == Window(day(1, 12), day(1, 10), day(1, 14))
    assert window_for(3, given(day(1, 5), day(1, 13)), (*rules, Spacing(3, 2, 2)), CLOCK).is_empty


def test_an_entry_for_one_infusion_replaces_each_from_the_same_infusion_only() -> None:
    rules = (
        Spacing("each", "previous", 2, 3, 4),
        Spacing(4, "previous", 2, 3, 9),
        Spacing("each", "first", None, None, 20),
    )
    assert [(rule.anchor, rule.spacing.max) for rule in rules_for(3, rules)] == [(2, 4), (1, 20)]
    assert [(rule.anchor, rule.spacing.max) for rule in rules_for(4, rules)] == [(3, 9), (1, 20)]


def test_a_skipped_infusion_does_not_take_its_spacing_away() -> None:
    window = window_for(4, {1: on(day(1, 5)), 2: on(day(1, 7))}, (Spacing("each", "previous", 2, 3, 4),), CLOCK)
    assert (window.earliest, window.latest) == (day(1, 9), day(1, 11))


def test_soft_sides_can_be_left_out_of_a_window() -> None:
    rules = (Spacing("each", "previous", 2, 3, 4, soft=frozenset({"max"})),)
    assert window_for(2, given(day(1, 5)), rules, CLOCK).latest == day(1, 9)
    assert window_for(2, given(day(1, 5)), rules, CLOCK, hard_only=True).latest is None


def test_days_are_local_days_whatever_the_clocks_do() -> None:
    late = {1: on(day(3, 7), time(23, 30))}  # the next UTC day
    assert window_for(2, late, (Spacing(2, "first", 1, 1, 1),), CLOCK).target == day(3, 8)


def test_hours_are_elapsed_over_the_change_of_clocks() -> None:
    window = window_for(2, {1: on(day(3, 7), time(9, 0))}, (Spacing(2, "first", 24, unit="hours"),), CLOCK)
    assert window.earliest_at == on(day(3, 8), time(10, 0))
    assert window.earliest == day(3, 8)


WEEKDAYS = OpenDays(
    day(1, 1),
    day(1, 31),
    tuple(one for one in (day(1, 1) + timedelta(days=index) for index in range(31)) if one.weekday() < 5),
)


def test_open_days_skip_the_weekend() -> None:
    rules = (Spacing("each", "previous", 1, 1, 2, "open_days"),)
    window = window_for(2, given(day(1, 9)), rules, CLOCK, open_days=WEEKDAYS)
    assert (window.earliest, window.target, window.latest) == (day(1, 12), day(1, 12), day(1, 13))
    assert WEEKDAYS.between(day(1, 9), day(1, 12)) == 1
    assert WEEKDAYS.after(day(1, 30), 1) == day(2, 1)


def test_open_days_outside_the_known_hours_are_refused() -> None:
    rules = (Spacing("each", "previous", 1, unit="open_days"),)
    with pytest.raises(OpenDaysUnknown, match="were not given"):
        window_for(2, given(day(1, 9)), rules, CLOCK)
    with pytest.raises(OpenDaysUnknown, match="known from 2026-01-01"):
        WEEKDAYS.after(date(2025, 12, 1), 1)
    with pytest.raises(OpenDaysUnknown, match="not for"):
        WEEKDAYS.between(day(1, 5), day(2, 3))


# ---------------------------------------------------------------------- the gap that the database guards


def test_minimum_gap_is_the_hard_minimum_to_the_next_infusion() -> None:
    assert minimum_gap_after(1, ()) == Gap(0, 0)
    assert minimum_gap_after(1, (Spacing("each", "previous", 2, 3, 4),)) == Gap(2, 0)
    assert minimum_gap_after(3, (Spacing("each", Back(1), 2), Spacing("each", Back(2), 9))) == Gap(2, 0)
    assert minimum_gap_after(1, INFLIXIMAB) == Gap(11, 0)
    assert minimum_gap_after(2, INFLIXIMAB) == Gap(21, 0)
    assert minimum_gap_after(1, (Spacing(2, 1, 48, unit="hours"), Spacing(2, 1, 2))) == Gap(2, 48 * 60)
    assert minimum_gap_after(1, (Spacing("each", "previous", 3, unit="open_days"),)) == Gap(3, 0)
    assert minimum_gap_after(1, (Spacing("each", "previous", 2, 3, 4, soft=frozenset({"min"})),)) == Gap(0, 0)


# ---------------------------------------------------------------------- whether times keep the rules


def test_broken_rules_names_rule_infusion_anchor_and_side() -> None:
    rules = (Spacing("each", "previous", 2, 3, 4, soft=frozenset({"max"})),)
    starts = given(day(1, 5), day(1, 6), day(1, 12))
    assert broken_rules(starts, rules, CLOCK) == [
        BrokenRule("spacing", 2, 1, "min"),
        BrokenRule("spacing", 3, 2, "max", soft=True),
    ]
    assert broken_rules(given(day(1, 5), day(1, 7), day(1, 10)), rules, CLOCK) == []


def test_47_hours_and_45_minutes_are_not_48_hours() -> None:
    rules = (Spacing(2, 1, 48, None, 72, "hours"),)
    first = on(day(1, 5))
    for minutes, broken in ((47 * 60 + 45, "min"), (48 * 60, None), (72 * 60, None), (72 * 60 + 15, "max")):
        found = broken_rules({1: first, 2: first + timedelta(minutes=minutes)}, rules, CLOCK)
        assert [one.side for one in found] == ([broken] if broken else [])


def test_within_days_counts_both_ends_and_weeks_begin_on_monday() -> None:
    starts = given(day(1, 5), day(1, 11), day(1, 12))
    assert broken_rules(starts, (), CLOCK, within_days=8) == []
    assert broken_rules(starts, (), CLOCK, within_days=7) == [BrokenRule("within_days", 3)]
    assert broken_rules(starts, (), CLOCK, per_week=2) == []
    assert broken_rules(starts, (), CLOCK, per_week=1) == [BrokenRule("per_week", 2)]


def test_infusions_are_in_number_order() -> None:
    assert broken_rules({1: on(day(1, 7)), 2: on(day(1, 5))}, (), CLOCK) == [BrokenRule("order", 2, 1)]


# ---------------------------------------------------------------------- reading and refusing


def test_from_dict_reads_all_anchors_and_units() -> None:
    assert Spacing.list_from(
        [
            {"min": 2, "target": 3, "max": 4},
            {"dose": 3, "after": "first", "min": 7, "soft": ["min"]},
            {"dose": 5, "after": 3, "min": 24, "unit": "hours"},
            {"after": {"back": 2}, "max": 9, "unit": "open_days"},
            {"dose": 2, "min_days": 1, "max_days": 2},
        ]
    ) == (
        Spacing("each", "previous", 2, 3, 4),
        Spacing(3, "first", 7, soft=frozenset({"min"})),
        Spacing(5, 3, 24, unit="hours"),
        Spacing("each", Back(2), max=9, unit="open_days"),
        Spacing(2, "previous", 1, None, 2),
    )


@pytest.mark.parametrize(
    ("entry", "path", "reason"),
    [
        ({}, "spacing[0].min", "one of min, target and max is needed"),
        ({"min": 5, "max": 2}, "spacing[0].min", "5 is more than max 2"),
        ({"min": 5, "target": 4}, "spacing[0].min", "5 is more than target 4"),
        ({"target": 5, "max": 4}, "spacing[0].target", "5 is more than max 4"),
        ({"min": -1}, "spacing[0].min", "is a whole number from 0 to 10000"),
        ({"max": 1.5}, "spacing[0].max", "is a whole number from 0 to 10000"),
        ({"max": 0}, "spacing[0].max", "is 1 or more: two infusions never share a day unless hours say so"),
        ({"min": True}, "spacing[0].min", "is a whole number from 0 to 10000"),
        ({"min": "2"}, "spacing[0].min", "is a whole number from 0 to 10000"),
        ({"min": 1, "unit": "weeks"}, "spacing[0].unit", "is one of days, hours, open_days"),
        ({"min": 1, "soft": ["most"]}, "spacing[0].soft", 'names min, target or max, not "most"'),
        ({"min": 1, "soft": "max"}, "spacing[0].soft", "is a list of min, target, max"),
        ({"min": 1, "extra": 1}, "spacing[0].extra", "is not a known field"),
        ({"min": 1, "min_days": 1}, "spacing[0].min_days", "can't stand beside min or another unit"),
        ({"max_days": 1, "unit": "hours"}, "spacing[0].max_days", "can't stand beside max or another unit"),
        ({"dose": 1, "min": 1}, "spacing[0].dose", 'is "each" or the number of an infusion from 2 on'),
        *[
            (
                {"dose": 3, "after": after, "min": 1},
                "spacing[0].after",
                'is "previous", "first", the number of an earlier infusion, or {"back": n}',
            )
            for after in ("next", 0, 3, {"back": 0}, {"back": 3}, {"forward": 1}, None, 1.5)
        ],
    ],
)
def test_from_dict_names_the_wrong_field(entry: dict[str, Any], path: str, reason: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        Spacing.list_from([entry])
    assert refused.value.errors[path] == reason
    assert f"{path}: {reason}" in str(refused.value)


def test_list_from_names_every_wrong_entry_and_refuses_what_is_no_list() -> None:
    with pytest.raises(InvalidFields) as refused:
        Spacing.list_from([{"min": 1}, {"min": 3, "max": 1}, "daily", {"min": 1, "unit": 1}], "protocols[2].spacing")
    assert sorted(refused.value.errors) == [
        "protocols[2].spacing[1].min",
        "protocols[2].spacing[2]",
        "protocols[2].spacing[3].unit",
    ]
    for data in ("each", None, {"min": 1}):
        with pytest.raises(InvalidFields, match="spacing: is a list"):
            Spacing.list_from(data)


def test_a_rule_in_hours_over_utc_midnight_counts_from_the_start() -> None:
    window = window_for(2, {1: datetime(2026, 1, 6, 3, 0, tzinfo=UTC)}, (Spacing(2, 1, 24, unit="hours"),), CLOCK)
    assert window.earliest == day(1, 6)
