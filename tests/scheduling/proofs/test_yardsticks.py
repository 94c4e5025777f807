from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bench import yardsticks
from scheduling.series_search import propose
from tests.counts import count
from tests.scheduling import checker

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = date(2027, 1, 4)
SPARSE, DENSE = 0.7, 0.9


@pytest.mark.parametrize(
    ("seed", "occupied"), [*((seed, SPARSE) for seed in range(1, 21)), *((seed, DENSE) for seed in range(1, 9))]
)
def test_the_ten_best_are_those_of_the_yardstick(seed: int, occupied: float) -> None:
    """The same finish days, distances from the wished time and dates as the solver that was written apart."""
    made = yardsticks.make_instance(seed, occupied=occupied)
    best = yardsticks.solvers().bitset(made)
    clinic, terms = yardsticks.snapshot_of(made, FIRST), yardsticks.series_terms()
    patient, wish = yardsticks.patient_times(made), yardsticks.wish_of(made)
    result = propose(clinic, terms, patient, wish, LONG_AGO, 10, deadline_seconds=60)
    found = [
        (days[-1], proposal.minutes_off_wish // yardsticks.QUARTER, days)
        for proposal in result.proposals
        for days in [tuple((visit.start.date() - FIRST).days for visit in proposal.visits)]
    ]
    count("clinics of the yardstick with the same ten best" if found else "clinics of the yardstick with no series")
    assert found == best
    for proposal in result.proposals:
        assert checker.broken(clinic, terms, patient, wish, LONG_AGO, proposal) == []
