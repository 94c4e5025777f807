"""A clinic at night, through both changes of the clocks: whatever is done to it in any order, against a model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from scheduling.events import events_committed
from tests.counts import say
from tests.databases import Committed
from tests.races.night_clinic import build
from tests.races.night_machine import NightMachine
from tests.races.put_back import kept

STEPS = 50
RUNS, MORE_RUNS = 12, 40
# A failing run is printed as it was: making it shorter takes many minutes.
SETTINGS = settings(
    stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True,
    phases=[Phase.reuse, Phase.generate],
)  # fmt: skip


@pytest.mark.parametrize("runs", [RUNS, pytest.param(MORE_RUNS, marks=pytest.mark.faults)])
def test_whatever_is_asked_in_whatever_order(committed_database: Committed, runs: int) -> None:
    NightMachine.night = build()
    with (
        kept(committed_database.name) as NightMachine.kept,
        patch.object(events_committed, "receivers", []),
        telling_its_steps(),
    ):
        run_state_machine_as_test(NightMachine, settings=settings(SETTINGS, max_examples=runs))
    say(said())


@contextmanager
def telling_its_steps() -> Iterator[None]:
    """What the failing run did last stands below its error, wherever the rest is lost."""
    try:
        yield
    except BaseException as error:
        error.add_note("The last steps, the latest below:\n" + "\n".join(NightMachine.steps))
        raise


def test_a_run_that_fails_tells_its_steps() -> None:
    """Control."""
    NightMachine.steps.append("2026-10-29 04:00:00Z move")
    with pytest.raises(AssertionError) as failure, telling_its_steps():
        raise AssertionError
    assert "2026-10-29 04:00:00Z move" in failure.value.__notes__[0]


def said() -> str:
    asked, refused = NightMachine.asked, NightMachine.refused
    verbs = ", ".join(f"{verb} {count}" for verb, count in sorted(asked.items()))
    rules = ", ".join(f"{rule} {count}" for rule, count in sorted(refused.items()))
    return f"{asked.total()} verbs asked: {verbs}; refused: {rules}"
