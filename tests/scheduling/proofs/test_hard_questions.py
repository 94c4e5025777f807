from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Iterator

import pytest

from scheduling.series_search import LEFT_FOR_NARROW, SearchResult, propose
from tests.counts import count
from tests.scheduling import checker
from tests.scheduling.proofs.hard_questions import QUESTIONS, Question
from tests.scheduling.proofs.medium_clinics import SHAPES, asked
from tests.scheduling.small_clinics import NOW

LIMIT, LATE = 0.5, 0.3


@pytest.fixture
def only_its_own_litter() -> Iterator[None]:
    """What thousands of tests left in this process is not walked through on this search's time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("only_its_own_litter")
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


@pytest.mark.parametrize("seed", range(len(SHAPES)), ids=lambda seed: SHAPES[seed].__name__)
def test_a_search_cut_short_anywhere_gives_sound_series_and_says_so(seed: int) -> None:
    """The clock strikes once each time it is looked at, so that the search ends after so many looks."""
    one = asked(seed)

    def cut(looks: int) -> SearchResult:
        ticks = itertools.count()
        return propose(
            one.clinic, one.terms, one.patient, one.wish, one.now, 5, deadline_seconds=looks, clock=lambda: next(ticks)
        )

    whole = cut(10**9)
    for looks in (0, 1, 2, 5, 12, 30, 80, 200, 500, 1200):
        result = cut(looks)
        count("searches cut short")
        rules = {problem.rule for problem in result.problems}
        if not rules & {"time_limit", "time_limit_nothing"}:
            assert result.proposals == whole.proposals  # the reasons why not may be fewer
        for proposal in result.proposals:
            assert checker.broken(one.clinic, one.terms, one.patient, one.wish, one.now, proposal) == []
