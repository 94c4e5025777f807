"""An attempt to break a guarantee: SQL, and how the database must refuse it."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
import pytest

from tests.guarantees.statements import EVENTS
from tests.guarantees.world import World

TAKEN, REFERENCE, TWICE, CHECK, EMPTY, GENERATED = "23P01", "23503", "23505", "23514", "23502", "428C9"
NO_RIGHT, NOT_PRESCRIBER, NOT_SIGNED, NOT_ACTIVE, NOT_CURRENT, NOT_THIS_SITE = (
    "42501", "ID001", "ID002", "ID003", "ID004", "ID005",
)  # fmt: skip
NUMBER_ORDER, REVIEW, NOT_COVERED, NO_EVENT, OLD_SNAPSHOT = "ID006", "ID007", "ID008", "ID009", "ID010"
CLOSED_RECORD, NOT_APPROVED, STAYS, NOT_THAT_DAY, NOT_SO, NOT_ANSWERS = (
    "ID011", "ID012", "ID013", "ID014", "ID015", "ID016",
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """`rule`: the constraint that speaks, where one does (`*`: one whose name Django made).

    `events`: an event for everything is written before the commit.
    """

    name: str
    sql: str
    state: str
    rule: str = ""
    events: bool = True


def cases(attempts: tuple[Attempt, ...]) -> pytest.MarkDecorator:
    """Parametrises a test with attempts, under their names."""
    return pytest.mark.parametrize("attempt", attempts, ids=[attempt.name for attempt in attempts])


def refusal(world: World, sql: str, *, events: bool = True) -> psycopg.Error:
    """What the database says to the application's statements and commit; fails when it lets them pass."""
    try:
        world.run(sql)
        if events:
            world.run(EVENTS)
        world.connection.commit()
    except psycopg.Error as refused:
        world.connection.rollback()
        return refused
    pytest.fail(f"the database accepted: {sql}")


def assert_refused(world: World, attempt: Attempt) -> None:
    refused = refusal(world, attempt.sql, events=attempt.events)
    rule = refused.diag.constraint_name or ""
    assert (refused.sqlstate, "*" if attempt.rule == "*" else rule) == (attempt.state, attempt.rule), str(refused)


def assert_passes(world: World, attempt: Attempt) -> None:
    """For a control, where a guard that speaks at once is off: no commit, so the next attempt finds the same world."""
    world.run(attempt.sql)
    world.connection.rollback()
