from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from scheduling.series_search import LEFT_FOR_NARROW, propose
from tests.scheduling import checker
from tests.scheduling.proofs.counts import count
from tests.scheduling.proofs.hard_questions import QUESTIONS, Question
from tests.scheduling.small_clinics import NOW

LIMIT, LATE = 0.5, 0.3


@pytest.mark.parametrize("make", QUESTIONS, ids=lambda make: make.__name__)
def test_a_hard_question_is_answered_in_time_with_what_was_found(make: Callable[[], Question]) -> None:
    """Time is the thread's own, so that a busy machine takes nothing away."""
    one = make()
    began = time.thread_time()
    result = propose(
        one.clinic, one.terms, one.patient, one.wish, NOW, one.count, deadline_seconds=LIMIT, clock=time.thread_time
    )
    took = time.thread_time() - began
    rules = {problem.rule for problem in result.problems}
    count("hard questions answered in time")
    assert took <= LIMIT + LATE
    assert (took >= LIMIT * (1 - LEFT_FOR_NARROW)) == bool(rules & {"time_limit", "time_limit_nothing"})
    assert bool(result.proposals) != bool(rules - {"time_limit"})
    for proposal in result.proposals[:1]:
        assert checker.broken(one.clinic, one.terms, one.patient, one.wish, NOW, proposal) == []
