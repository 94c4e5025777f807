"""What the benchmarks share: taking turns, quantiles, and the lines of the table."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

Side = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Must:
    """What DESIGN 9 asks of a line: a side of its ratio, or of our own number."""

    of: str
    side: str
    value: float

    def __str__(self) -> str:
        return f"{self.of} {self.side} {self.value:g}"

    def holds(self, line: Line) -> bool:
        number = line.ratio if self.of == "ratio" else line.ours
        return number <= self.value if self.side == "<=" else number >= self.value


def ratio_at_most(value: float) -> Must:
    return Must("ratio", "<=", value)


def ratio_at_least(value: float) -> Must:
    return Must("ratio", ">=", value)


def ours_at_most(value: float) -> Must:
    return Must("ours", "<=", value)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: the yardstick's number, ours, and ours as a multiple of the yardstick's.

    `ratio` is the median of the ratios of turns where turns were paired, else the ratio of the two numbers.
    `detail` goes to the JSON file alone.
    """

    case: str
    unit: str
    yardstick: float
    ours: float
    ratio: float
    must: tuple[Must, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Whether all that is asked holds; empty where nothing is."""
        return "" if not self.must else "holds" if all(one.holds(self) for one in self.must) else "MISSED"

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"must": [str(one) for one in self.must], "verdict": self.verdict}


def take_turns(yardstick: Side, ours: Side, turns: int) -> tuple[list[float], list[float]]:
    """Seconds of each in every turn. Who goes first changes from turn to turn; one turn before is not counted."""
    taken: tuple[list[float], list[float]] = ([], [])
    yardstick()
    ours()
    gc.collect()
    for turn in range(turns):
        for index in (0, 1) if turn % 2 else (1, 0):
            began = time.perf_counter()
            (yardstick, ours)[index]()
            taken[index].append(time.perf_counter() - began)
    return taken


def milliseconds(case: str, yardstick: Sequence[float], ours: Sequence[float], *must: Must, **detail: Any) -> Line:
    """The line of paired turns: medians in milliseconds, and the median of the turns' ratios."""
    ratio = median(b / a for a, b in zip(yardstick, ours, strict=True))
    spread = {"yardstick_ms": spread_of(yardstick), "ours_ms": spread_of(ours)}
    return Line(case, "ms", median(yardstick) * 1e3, median(ours) * 1e3, ratio, must, spread | detail)


def over_seeds(case: str, lines: list[Line], *must: Must) -> Line:
    """The medians over seeds; each seed's own numbers stay in the detail."""
    return Line(
        f"{case} ({len(lines)} seeds)",
        "ms",
        median(line.yardstick for line in lines),
        median(line.ours for line in lines),
        median(line.ratio for line in lines),
        must,
        {"worst_ratio": max(line.ratio for line in lines), "seeds": {line.case: line.as_data() for line in lines}},
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def spread_of(seconds: Sequence[float]) -> dict[str, float]:
    """Of durations in seconds, in milliseconds."""
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(quantile(seconds, share) * 1e3, 3) for name, share in shares.items()} | {"count": len(seconds)}


def table(benchmarks: dict[str, list[Line]]) -> str:
    """All lines, aligned, under the names of their benchmarks."""
    head = ("", "unit", "yardstick", "ours", "ratio", "must", "")
    rows: list[tuple[str, ...]] = [head]
    for name, lines in benchmarks.items():
        rows.append((name.upper(), *("",) * (len(head) - 1)))
        rows += [
            (
                f"  {line.case}",
                line.unit,
                _short(line.yardstick),
                _short(line.ours),
                f"{line.ratio:.2f}",
                ", ".join(str(one) for one in line.must),
                line.verdict,
            )
            for line in lines
        ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    right = {2, 3, 4}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"
