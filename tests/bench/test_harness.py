from __future__ import annotations

import pytest

from bench.harness import Line, milliseconds, ours_at_most, quantile, ratio_at_least, ratio_at_most, table, take_turns


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (1.0, 100), (0.001, 1)])
def test_a_quantile_is_a_value_that_occurred(share: float, expected: int) -> None:
    assert quantile(list(range(100, 0, -1)), share) == expected


def test_who_goes_first_changes_from_turn_to_turn() -> None:
    order: list[str] = []
    yardstick, ours = take_turns(lambda: order.append("yardstick"), lambda: order.append("ours"), 2)
    assert order == ["yardstick", "ours", "ours", "yardstick", "yardstick", "ours"]
    assert (len(yardstick), len(ours)) == (2, 2)


def test_the_ratio_is_the_median_of_the_turns() -> None:
    line = milliseconds("case", [0.001, 0.001, 0.010], [0.002, 0.004, 0.050])
    assert line.ratio == pytest.approx(4)
    assert line.ours == pytest.approx(4)


@pytest.mark.parametrize(
    ("must", "verdict"),
    [
        ((), ""),
        ((ratio_at_most(2),), "holds"),
        ((ratio_at_least(2), ours_at_most(20)), "holds"),
        ((ratio_at_most(1.9),), "MISSED"),
        ((ratio_at_most(2), ours_at_most(19)), "MISSED"),
    ],
)
def test_a_line_holds_when_all_that_is_asked_holds(must: tuple[object, ...], verdict: str) -> None:
    assert Line("case", "ms", 10, 20, 2, must).verdict == verdict  # type: ignore[arg-type]


def test_the_table_names_each_benchmark_over_its_lines() -> None:
    said = table({"searching": [Line("seed 1", "ms", 1, 250.4, 250.4, (ratio_at_most(2),))]}).splitlines()
    assert said[1] == "SEARCHING"
    assert said[2].split() == ["seed", "1", "ms", "1.00", "250", "250.40", "ratio", "<=", "2", "MISSED"]
