"""The ten best series on a clinic in memory: the floor, OR-tools where it is installed, and our search."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from bench import yardsticks
from bench.harness import Line, milliseconds, ours_at_most, over_seeds, ratio_at_most, take_turns
from scheduling.series_search import propose
from scheduling.series_terms import SearchResult

MONDAY = date(2027, 1, 4)
NOW = yardsticks.at(MONDAY, 0, -8)
COUNT = 10


def run(*, seeds: Sequence[int], turns: int, solver_seeds: Sequence[int], solver_seconds: float) -> list[Line]:
    """Every seed gives the same finish days and minutes off on both sides, or this fails."""
    found: list[Line] = []
    nothing: list[Line] = []
    for seed in seeds:
        line = _against_the_floor(seed, turns)
        (found if line.detail["found"] else nothing).append(line)
    musts = (ratio_at_most(6), ours_at_most(15))
    lines = [over_seeds("floor, where there are proposals", found, *musts)] if found else []
    if nothing:
        lines.append(over_seeds("floor, where there are none (ours says why)", nothing))
    if solver_seeds and importlib.util.find_spec("ortools"):
        lines.append(_against_or_tools(solver_seeds, solver_seconds))
    return lines


def _our_search(instance: Any) -> SearchResult:
    terms, patient, wish = (
        yardsticks.series_terms(),
        yardsticks.patient_times(instance),
        yardsticks.wish_of(instance),
    )
    return propose(yardsticks.snapshot_of(instance, MONDAY), terms, patient, wish, NOW, COUNT)


def _against_the_floor(seed: int, turns: int) -> Line:
    instance, floor = yardsticks.make_instance(seed), yardsticks.solvers().bitset
    snapshot, terms = yardsticks.snapshot_of(instance, MONDAY), yardsticks.series_terms()
    patient, wish = yardsticks.patient_times(instance), yardsticks.wish_of(instance)

    def ours() -> SearchResult:
        return propose(snapshot, terms, patient, wish, NOW, COUNT)

    theirs = yardsticks.ranks_of_floor(floor(instance))
    yardsticks.same_or_fail(seed, theirs, yardsticks.ranks(ours().proposals, MONDAY))
    times = take_turns(lambda: floor(instance), ours, turns)
    return milliseconds(f"seed {seed}", *times, found=len(theirs))


def _against_or_tools(seeds: Sequence[int], seconds: float) -> Line:
    """One best series by CP-SAT with the whole clinic in its model, against our ten."""
    solve, theirs, ours = yardsticks.solvers().cpsat, [], []
    proven = 0
    for seed in seeds:
        instance = yardsticks.make_instance(seed)
        began = time.perf_counter()
        best, _, _ = solve(instance, mode="full", limit=seconds, k=1)
        theirs.append(time.perf_counter() - began)
        began = time.perf_counter()
        found = yardsticks.ranks(_our_search(instance).proposals, MONDAY)[:1]
        ours.append(time.perf_counter() - began)
        if best and best[0][3]:  # proven, not only the best within the time
            proven += 1
            yardsticks.same_or_fail(seed, yardsticks.ranks_of_floor(best), found)
    return milliseconds(f"OR-tools, best series only ({len(seeds)} seeds)", theirs, ours, proven_best=proven)
