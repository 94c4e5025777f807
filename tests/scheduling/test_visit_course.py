"""The course of a visit under way, as algebra: whatever is said of it, its parts and uses stay whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.capacity import Busy, Phase
from scheduling.crowding import clash
from scheduling.intervals import Interval
from scheduling.visit_course import NURSE, SEAT, Course
from scheduling.visit_parts import (
    STEP,
    Part,
    begun,
    begun_early,
    ending,
    infuse_part,
    present,
    reached,
    recover_part,
    step_after,
    step_before,
    which_infuses,
)

NINE = datetime(2027, 1, 5, 14, tzinfo=UTC)
PHASES = (
    Phase("arrive", 10, nurse="watch"),
    Phase("set up", 15, nurse="attention", prescriber="present"),
    Phase("infuse", 40, nurse="watch", equipment=frozenset({"pump"})),
    Phase("recover", 45, nurse="watch", place="bay"),
    Phase("discharge", 10, nurse="attention", chair=False),
    Phase("turnover", 15),
)
BAYS = frozenset({"bay"})


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def span(start: int, end: int) -> Interval:
    return Interval(at(start), at(end))


def course(*, bay: bool = False, phases: tuple[Phase, ...] = PHASES) -> Course:
    """As it is booked: chair 1, nurse 1 and a pump; with `bay` the recovery is spent there."""
    parts, minute = [], 0
    for phase in phases:
        parts.append(Part(phase, span(minute, minute + phase.minutes)))
        minute += phase.minutes
    seats = [Busy("chair 1", "seat", span(0, 80)), Busy("bay", "seat", span(65, 135))]
    uses = [
        *(seats if bay else [Busy("chair 1", "seat", span(0, 135))]),
        *(Busy("nurse 1", "watch", period) for period in (span(0, 10), span(25, 110))),
        *(Busy("nurse 1", "attention", period) for period in (span(10, 25), span(110, 120))),
        Busy("pump", "use", span(25, 65)),
    ]
    return Course(tuple(parts), tuple(uses), BAYS)


def said(one: Course, *roles: str) -> list[tuple[str, int, int]]:
    """Uses in these roles in minutes after nine."""
    uses = sorted((use for use in one.uses if use.role in roles), key=lambda use: use.period)
    return [(use.resource_id, _minute(use.period.start), _minute(use.period.end)) for use in uses]


def _minute(instant: datetime) -> int:
    return int((instant - NINE).total_seconds() // 60)


def test_nothing_said_changes_nothing() -> None:
    for one in (course(), course(bay=True)):
        assert one.is_covered
        assert set(one.with_parts(one.parts).uses) == set(one.uses)


def test_a_late_start_stretches_the_part_before_and_moves_the_rest_with_pump_and_bay() -> None:
    one = course(bay=True)
    late = one.with_parts(begun(one.parts, 2, at(45)))
    assert [_minute(part.period.start) for part in late.parts] == [0, 10, 45, 85, 130, 140]
    assert said(late, "use") == [("pump", 45, 85)]
    assert said(late, "seat") == [("chair 1", 0, 100), ("bay", 85, 155)]
    assert said(late, "attention") == [("nurse 1", 10, 45), ("nurse 1", 130, 140)]
    assert late.is_covered


def test_a_patient_who_went_to_a_bay_of_their_own_accord_stays_there_when_the_infusion_takes_longer() -> None:
    one = course(bay=True).given(SEAT, "bay", at(50))
    assert said(one, "seat") == [("chair 1", 0, 65), ("bay", 50, 135)]
    longer = one.with_parts(ending(one.parts, 2, at(150)))
    assert said(longer, "seat") == [("chair 1", 0, 65), ("bay", 50, 165)]


def test_an_early_beginning_leaves_each_part_before_it_a_step() -> None:
    one = course()
    early = begun(one.parts, 3, at(5))
    assert [_minute(part.period.start) for part in early] == [-10, -5, 0, 5, 50, 60]
    assert said(one.with_parts(early), "seat") == [("chair 1", -10, 75)]


def test_a_hand_over_for_lunch_comes_back_and_stays_where_it_was_said_when_times_move() -> None:
    one = course().given(NURSE, "nurse 2", at(40), at(70))
    assert said(one, "watch") == [
        ("nurse 1", 0, 10), ("nurse 1", 25, 40), ("nurse 2", 40, 70), ("nurse 1", 70, 110),
    ]  # fmt: skip
    longer = one.with_parts(ending(one.parts, 2, at(140)))
    assert said(longer, "watch")[2:] == [("nurse 2", 40, 70), ("nurse 1", 70, 130)]
    assert longer.at(NURSE, at(60)) == "nurse 2"
    assert longer.last(NURSE) == "nurse 1"


def test_a_hand_over_for_less_than_a_step_changes_nobody() -> None:
    assert course().given(NURSE, "nurse 2", at(40), at(40)) == course()


def test_whoever_has_nobody_is_given_nobody_by_a_longer_visit() -> None:
    lost = course().without_seat(at(30))
    longer = lost.with_parts(ending(lost.parts, 2, at(200)))
    assert said(longer, "seat") == [("chair 1", 0, 30)]
    assert not longer.is_covered
    found = longer.given(SEAT, "chair 2", at(60))
    assert said(found, "seat") == [("chair 1", 0, 45), ("chair 2", 30, 215)]
    assert found.is_covered


def test_a_turnover_gives_way_and_a_patient_does_not() -> None:
    one = course()
    [seat] = [use for use in one.uses if use.role == "seat"]
    assert one.giving_way(seat, at(110)) is None
    shorter = one.giving_way(seat, at(125))
    assert shorter is not None
    assert said(shorter, "seat") == [("chair 1", 0, 125)]
    assert shorter.is_covered
    gone = one.giving_way(seat, at(120))
    assert gone is not None
    assert not gone.is_covered


def test_an_end_keeps_what_was_used() -> None:
    assert said(course().cut(at(52)), "seat", "use") == [("chair 1", 0, 55), ("pump", 25, 55)]
    assert said(course().cut(at(160)), "seat") == [("chair 1", 0, 160)]
    assert said(course().cut(at(-30)), "seat") == []


def test_the_infusion_is_the_part_of_that_name_or_the_longest() -> None:
    spray = (Phase("arrive", 10), Phase("observe", 120), Phase("discharge", 10), Phase("turnover", 240))
    parts = course(phases=spray).parts
    assert (infuse_part(parts), recover_part(parts)) == (1, None)
    assert (infuse_part(course().parts), recover_part(course().parts)) == (2, 3)


minutes = st.integers(-200, 400)
CHANGES: dict[str, Callable[[Course, int, int], Course]] = {
    "begun": lambda one, index, minute: one.with_parts(
        reached(begun(one.parts, index % 4, at(minute)), index % 4, at(minute))
    ),
    "early": lambda one, _index, minute: one.with_parts(begun_early(one.parts, at(minute))),
    "ending": lambda one, index, minute: one.with_parts(ending(one.parts, index % 5, at(minute))),
    "chair": lambda one, index, minute: one.given(SEAT, f"chair {index}", step_before(at(minute))),
    "nurse": lambda one, index, minute: one.given(NURSE, f"nurse {index}", step_before(at(minute))),
    "lunch": lambda one, index, minute: one.given(NURSE, f"nurse {index}", at(minute), at(minute + 35)),
    "sip": lambda one, index, minute: one.given(NURSE, f"nurse {index}", at(minute), at(minute + 5 * (index % 2))),
}


@pytest.mark.parametrize(
    ("parts", "which"),
    [
        ([("arrive", 10), ("infuse", 40), ("recover", 90)], 1),
        ([("set up", 15), ("observe", 120), ("discharge", 10)], 1),
        ([("a", 30), ("b", 30)], 0),
    ],
)
def test_the_infusion_is_the_part_of_its_name_else_the_longest(parts: list[tuple[str, int]], which: int) -> None:
    assert which_infuses([(name, timedelta(minutes=length)) for name, length in parts]) == which


@given(st.booleans(), st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 5), minutes), max_size=8))
def test_whatever_is_said_parts_follow_one_another_and_every_need_is_met(
    bay: bool, changes: list[tuple[str, int, int]]
) -> None:
    one = course(bay=bay)
    for name, index, minute in changes:
        one = CHANGES[name](one, index, 5 * (minute // 5) if name in ("lunch", "sip") else minute)
        assert all(before.period.end == after.period.start for before, after in pairwise(one.parts))
        assert all(part.period.length >= STEP for part in one.parts)
        assert one.is_covered
        # The database has a place used once, by the same visit too.
        assert all(not clash(use, other) for use, other in combinations(one.uses, 2))
        edges = [edge for use in one.uses for edge in (use.period.start, use.period.end)]
        assert all(edge == step_before(edge) == step_after(edge) for edge in edges)
    # Nobody is in two chairs but for the turnover of the one that was left; nobody has two nurses.
    stays = sorted((use for use in one.uses if use.role == "seat"), key=lambda use: use.period)
    assert all(one.leaves(stay) <= after.period.start for stay, after in pairwise(stays))
    nurses = sorted(use.period for use in one.uses if use.role in NURSE)
    assert all(before.end <= after.start for before, after in pairwise(nurses))
    cut = one.cut(one.present[-1].period.start)
    assert all(use.period.end <= step_after(present(one.parts)[-1].period.start) for use in cut.uses)
