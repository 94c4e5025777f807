"""What is called a contradiction has no days at all, and what is not has some: tried against every calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.clinic_time import ClinicTime
from scheduling.gap_contradictions import contradicting_infusion
from scheduling.spacing import Back, Spacing, broken_rules

CLOCK = ClinicTime("UTC")
FIRST = datetime(2027, 1, 4, 9, tzinfo=UTC)
sides = st.tuples(st.integers(0, 4), st.integers(1, 5)).map(lambda pair: (min(pair), max(pair)))


@st.composite
def rules(draw: st.DrawFn) -> Spacing:
    number = draw(st.sampled_from(["each", 2, 3, 4]))
    anchors: list[object] = ["previous", "first"]
    if isinstance(number, int):
        anchors += [Back(1), *range(1, number)]
    least, most = draw(sides)
    soft = draw(st.sampled_from([frozenset(), frozenset({"max"}), frozenset({"min"})]))
    return Spacing(number, draw(st.sampled_from(anchors)), min=least, max=most, soft=soft)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(spacings=st.lists(rules(), max_size=3), doses=st.integers(2, 4), within=st.one_of(st.none(), st.integers(2, 9)))
def test_contradiction_is_that_no_days_can_be_found(spacings: list[Spacing], doses: int, within: int | None) -> None:
    def can_be_kept(count: int) -> bool:
        for gaps in product(range(1, 6), repeat=count - 1):
            days = [0]
            for gap in gaps:
                days.append(days[-1] + gap)
            starts = {number: FIRST + timedelta(days=day) for number, day in enumerate(days, start=1)}
            if not [rule for rule in broken_rules(starts, spacings, CLOCK, within_days=within) if not rule.soft]:
                return True
        return False

    found = contradicting_infusion(spacings, doses, within)
    # No rule here needs infusions further apart than five days.
    assert (found is None) == can_be_kept(doses)
    if found is not None:
        assert not can_be_kept(found)


@pytest.mark.parametrize(
    ("spacings", "number"),
    [
        ([Spacing("each", "previous", min=3), Spacing(3, "first", max=5)], 3),
        ([Spacing("each", "previous", min=3), Spacing(3, "first", max=5, soft=frozenset({"max"}))], None),
        ([Spacing("each", "previous", min=72, unit="hours"), Spacing(4, "first", max=4)], 4),
        ([Spacing("each", "previous", min=48, unit="hours"), Spacing(3, "first", max=4)], None),
        ([Spacing("each", "previous", min=3, unit="open_days"), Spacing(2, 1, max=2)], 2),
        ([Spacing(3, 1, min=9), Spacing(3, 2, max=2), Spacing(2, 1, max=3)], 3),
    ],
)  # fmt: skip
def test_first_infusion_that_can_not_be_placed_is_named(spacings: list[Spacing], number: int | None) -> None:
    assert contradicting_infusion(spacings, 4) == number
