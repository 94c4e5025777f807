"""The best series of everyday clinics, against a solver that proves its own."""

from __future__ import annotations

import pytest

from scheduling.series_search import propose
from tests.counts import count
from tests.scheduling import checker
from tests.scheduling.proofs.cpsat_model import Model
from tests.scheduling.proofs.medium_clinics import SHAPES, asked

SEEDS = range(4 * len(SHAPES))


@pytest.mark.parametrize("seed", SEEDS, ids=[f"{SHAPES[seed % len(SHAPES)].__name__} {seed}" for seed in SEEDS])
def test_the_best_series_is_the_one_that_a_solver_proves_best(seed: int) -> None:
    one = asked(seed)
    result = propose(one.clinic, one.terms, one.patient, one.wish, one.now, 3, deadline_seconds=60)
    best = Model(one).best(60)
    assert best.is_proven
    count("best series equal to the solver's" if result.proposals else "searches in which the solver finds none either")
    found = None
    if result.proposals:
        proposal = result.proposals[0]
        found = ((proposal.finish_date - min(one.clinic.open)).days, proposal.minutes_off_wish)
    assert found == (None if best.finish is None else (best.finish, best.minutes_off))
    for proposal in result.proposals:
        assert checker.broken(one.clinic, one.terms, one.patient, one.wish, one.now, proposal) == []
