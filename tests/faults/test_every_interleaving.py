"""Two verbs of which one works on a series: every order up to the first lock, and all with up to three changes of side.

`make test` runs the short ones (tests/races/test_interleavings_*.py) with the controls.
"""

from __future__ import annotations

import pytest

from tests.races.pairs import Two, run_all
from tests.races.series_pairs import SERIES_PAIRS
from tests.races.stage import Stage
from tests.races.stepping import at_most

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("two", SERIES_PAIRS, ids=[two.name for two in SERIES_PAIRS])
def test_orders_with_up_to_three_changes_of_side(stage: Stage, two: Two) -> None:
    print(run_all(stage, two, at_most(3)))
