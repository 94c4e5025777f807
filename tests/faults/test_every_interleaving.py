"""Two verbs of which one works on a series: every order up to the first lock, after it those with few changes of side.

Up to three for the pairs that meet every day, up to two for the others; with INFUSION_ALL_ORDERS=1 three for all, which
takes much longer.
"""

from __future__ import annotations

import os
from typing import Final

import pytest

from tests.counts import say
from tests.races.pairs import Two, run_all
from tests.races.series_pairs import SERIES_PAIRS
from tests.races.stage import Stage
from tests.races.state_pairs import STATE_PAIRS
from tests.races.stepping import at_most

pytestmark = pytest.mark.faults

EVERY_DAY: Final = frozenset(
    {
        "book / book",
        "book / book, one day of two",
        "book / book, one order",
        "book / the same again",
        "book / move",
        "book / cancel",
        "hold / book",
        "book / absence",
        "book / order paused",
    }
)


ALL: Final = (*SERIES_PAIRS, *STATE_PAIRS)


@pytest.mark.parametrize("two", ALL, ids=[two.name for two in ALL])
def test_orders_with_few_changes_of_side(stage: Stage, two: Two) -> None:
    changes = 3 if two.name in EVERY_DAY or os.environ.get("INFUSION_ALL_ORDERS") else 2
    say(f"up to {changes} changes: {run_all(stage, two, at_most(changes))}")


def test_the_pairs_of_every_day_are_among_them() -> None:
    assert {two.name for two in SERIES_PAIRS} >= EVERY_DAY
