from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduling.clinic_time import ClinicTime
from scheduling.refused_distance import why_not_in_series
from scheduling.spacing import Back, BrokenRule, OpenDays, OpenDaysUnknown, Spacing, Unit, broken_rules
from scheduling.why_not import Words
from tests.scheduling.small_clinics import MONDAY, ZONE, at

CLOCK = ClinicTime(ZONE)
DAYS = [MONDAY + timedelta(days=index) for index in range(-30, 60)]
OPEN = OpenDays(DAYS[0], DAYS[-1], tuple(day for day in DAYS if day.weekday() < 5))
APART = Spacing("each", "previous", 2, 3, 4)


def on(offset: int, wall: str = "10:00") -> datetime:
    return at(MONDAY + timedelta(days=offset), wall)


def said(number: int, start: datetime, others: Mapping[int, datetime], *spacings: Spacing, **rules: Any) -> list[str]:
    return [one.message for one in why_not_in_series(number, start, others, spacings, CLOCK, **rules)]


def test_too_near_to_the_one_before_names_the_first_day() -> None:
    assert said(4, on(1), {3: on(0)}, APART) == [
        "Infusion 4 needs at least 2 days after infusion 3 (Mon 5 Jan 2026); Wed 7 Jan 2026 is the first day."
    ]


def test_too_far_from_the_one_before_names_the_last_day() -> None:
    assert said(4, on(7), {3: on(0)}, APART) == [
        "Infusion 4 may come at most 4 days after infusion 3 (Mon 5 Jan 2026); Fri 9 Jan 2026 is the last day."
    ]


def test_a_later_infusion_that_stands_is_named_with_the_day_that_it_leaves() -> None:
    assert said(3, on(3), {2: on(0), 4: on(4)}, APART) == [
        "Infusion 4 (Fri 9 Jan 2026) needs at least 2 days after infusion 3; Wed 7 Jan 2026 is the last day."
    ]
    assert said(3, on(2), {2: on(0), 4: on(8)}, APART) == [
        "Infusion 4 (Tue 13 Jan 2026) may come at most 4 days after infusion 3; Fri 9 Jan 2026 is the first day."
    ]


def test_where_the_others_leave_no_day_that_is_said() -> None:
    assert said(3, on(1), {2: on(0), 4: on(3)}, APART)[0] == (
        "Infusion 3 needs at least 2 days after infusion 2 (Mon 5 Jan 2026); no day keeps all rules."
    )


def test_hours_and_open_days_are_said_in_their_own_unit() -> None:
    hours = Spacing("each", "previous", 48, None, 72, "hours")
    assert said(2, on(2, "09:00"), {1: on(0)}, hours) == [
        "Infusion 2 needs at least 48 hours after infusion 1 (Mon 5 Jan 2026); Wed 7 Jan 2026 at 10:00 is the earliest."
    ]
    assert said(1, on(0, "08:00"), {2: on(3)}, hours)[0].endswith("; Mon 5 Jan 2026 at 10:00 is the earliest.")
    working = Spacing("each", "previous", 2, unit="open_days")
    assert said(2, on(6), {1: on(4)}, working, open_days=OPEN) == [
        "Infusion 2 needs at least 2 open days after infusion 1 (Fri 9 Jan 2026); Tue 13 Jan 2026 is the first day."
    ]


def test_open_days_that_are_not_known_are_refused() -> None:
    with pytest.raises(OpenDaysUnknown):
        said(2, on(1), {1: on(0)}, Spacing("each", "previous", 2, unit="open_days"))


def test_the_order_of_infusions_is_kept() -> None:
    assert said(2, on(0), {1: on(1), 3: on(-1)}) == [
        "Infusion 2 comes after infusion 1 (Tue 6 Jan 2026).",
        "Infusion 2 comes before infusion 3 (Sun 4 Jan 2026).",
    ]


def test_the_series_and_the_week_are_full() -> None:
    assert said(3, on(9), {1: on(0), 2: on(2)}, within_days=7) == [
        "The series may take 7 days: infusion 3 can be from Thu 1 Jan 2026 to Sun 11 Jan 2026."
    ]
    (week,) = said(3, on(4), {1: on(0), 2: on(2)}, per_week=2)
    assert week.startswith("The calendar week from Mon 5 Jan 2026 has as many infusions as are allowed (2);")
    assert week.endswith("the next week begins on Mon 12 Jan 2026.")


def test_soft_sides_do_not_refuse() -> None:
    assert said(2, on(1), {1: on(0)}, Spacing("each", "previous", 2, soft=frozenset({"min"}))) == []


# ---------------------------------------------------------------------------------------------- against broken_rules


ANCHORS: list[Literal["previous", "first"] | Back] = ["previous", "first", Back(2)]


@st.composite
def rules(draw: st.DrawFn) -> Spacing:
    units: list[Unit] = ["days", "days", "open_days"]
    least = draw(st.integers(0, 4))
    return Spacing(
        "each",
        draw(st.sampled_from(ANCHORS)),
        least,
        None,
        least + draw(st.integers(1, 6)),
        draw(st.sampled_from(units)),
    )


@settings(max_examples=200, deadline=None)
@given(
    spacings=st.lists(rules(), max_size=3),
    number=st.integers(1, 5),
    offsets=st.lists(st.integers(0, 20), min_size=4, max_size=4, unique=True).map(sorted),
    wished=st.integers(-3, 24),
    within_days=st.sampled_from([None, None, 10, 25]),
    per_week=st.sampled_from([None, None, 1, 2]),
)
def test_the_rules_named_are_those_broken_and_the_days_keep_them(
    spacings: list[Spacing],
    number: int,
    offsets: list[int],
    wished: int,
    within_days: int | None,
    per_week: int | None,
) -> None:
    numbers = [one for one in range(1, 6) if one != number]
    others = dict(zip(numbers, map(on, offsets), strict=True))

    def broken(offset: int) -> list[BrokenRule]:
        starts = {**others, number: on(offset, "11:00")}
        found = broken_rules(starts, spacings, CLOCK, within_days=within_days, per_week=per_week, open_days=OPEN)
        return [one for one in found if one.rule in ("order", "spacing") and number in (one.number, one.anchor)]

    found = why_not_in_series(
        number,
        on(wished, "11:00"),
        others,
        spacings,
        CLOCK,
        within_days=within_days,
        per_week=per_week,
        open_days=OPEN,
    )
    now = broken(wished)
    assert sum(one.rule == "spacing" for one in found) == sum(one.rule == "spacing" for one in now)
    assert {one.rule for one in found} >= {one.rule for one in now}
    keeps = [offset for offset in range(-25, 45) if not any(one.rule == "spacing" for one in broken(offset))]
    for one in found:
        then = one.values.get("then")
        if not isinstance(then, Words):
            continue
        event(then.text)
        day = then.values.get("day")
        if isinstance(day, date):
            is_first = "first" in then.text
            assert (day - MONDAY).days == (min(keeps) if is_first else max(keeps))
        else:
            assert keeps == []
