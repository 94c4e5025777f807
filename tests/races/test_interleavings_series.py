"""A control for the orders in which two series verbs can meet: without lock and constraint some of them double-book.

All orders run in the faults lane (tests/faults/test_every_interleaving.py).
"""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import psycopg
import pytest

from scheduling import fresh_look
from tests.databases import Committed
from tests.races.pairs import run_all
from tests.races.series_pairs import SERIES_PAIRS
from tests.races.stage import set_up
from tests.races.stepping import at_most


def unlocked(**keys: Any) -> None:
    """In place of `lock_for`."""


def test_control_without_lock_and_constraint_some_order_books_a_place_twice(committed_database: Committed) -> None:
    [two] = [two for two in SERIES_PAIRS if two.name == "book / book"]
    with psycopg.connect(committed_database.owner_url) as owner:
        owner.execute("ALTER TABLE scheduling_claim DROP CONSTRAINT place_used_once")
    with (
        set_up(committed_database) as stage,
        patch.object(fresh_look, "lock_for", unlocked),
        pytest.raises(AssertionError, match=r"done=True.*done=True"),
    ):
        run_all(stage, two, at_most(1))
