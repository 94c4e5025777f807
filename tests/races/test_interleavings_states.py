"""An order paused or stopped while somebody works on its visits: every order of statements with one change of side.

More changes of side run in the faults lane (tests/faults/test_every_interleaving.py).
"""

from __future__ import annotations

from unittest.mock import patch

import pytest

from scheduling import changing_orders
from scheduling.models import Order
from tests.counts import say
from tests.databases import Committed
from tests.races.pairs import Two, run_all
from tests.races.stage import Stage, set_up
from tests.races.state_pairs import STATE_PAIRS
from tests.races.stepping import at_most


@pytest.mark.parametrize("two", STATE_PAIRS, ids=[two.name for two in STATE_PAIRS])
def test_with_one_change_of_side(stage: Stage, two: Two) -> None:
    say(f"one change: {run_all(stage, two, at_most(1))}")


def unlocked(order: Order) -> None:
    """In place of `lock_visits`."""


def test_control_without_the_visits_locked_one_is_confirmed_during_a_pause(committed_database: Committed) -> None:
    [two] = [two for two in STATE_PAIRS if two.name == "confirm / order paused"]
    with (
        set_up(committed_database) as stage,
        patch.object(changing_orders, "lock_visits", unlocked),
        pytest.raises(AssertionError),
    ):
        run_all(stage, two, at_most(2))
