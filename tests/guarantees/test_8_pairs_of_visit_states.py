"""Every pair of visit states in SQL: a status is never written alone where what it says has not happened."""

from __future__ import annotations

import itertools

import psycopg
import pytest

from scheduling.models import AFTER_GIVEN, HOLDS_PLACE, Status
from scheduling.models.appointment import MUST_BE_GIVEN
from tests.counts import count
from tests.guarantees.attempts import CHECK
from tests.guarantees.statements import EVENTS
from tests.guarantees.world import World

AT = "timestamptz '2027-02-03 14:00Z'"
CAME = {"arrived_at": AT}
SAT = CAME | {"seated_at": AT}
RAN = SAT | {"given_at": AT}
STOPPED = RAN | {"finished_at": AT}
LEFT = {Status.TRANSFERRED, Status.LEFT_UNCLEARED, Status.TURNED_AWAY}
ENDED_RUN = {Status.COMPLETED, Status.STOPPED_EARLY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}
# What stands in the row of a visit that is in each state. A new state without its columns fails the tests.
COLUMNS: dict[Status, dict[str, str]] = {
    Status.HELD: {"held_until": "timestamptz '2027-02-03 15:00Z'"},
    Status.BOOKED: {},
    Status.ARRIVED: CAME,
    Status.SEATED: SAT,
    Status.INFUSING: RAN,
    Status.RECOVERING: STOPPED,
    Status.COMPLETED: STOPPED | {"left_at": AT},
    Status.STOPPED_EARLY: STOPPED | {"left_at": AT},
    Status.TRANSFERRED: CAME | {"left_at": AT},
    Status.LEFT_UNCLEARED: CAME | {"left_at": AT},
    Status.TURNED_AWAY: CAME | {"left_at": AT},
    Status.NO_SHOW: {},
    Status.RELEASED: {},
    Status.CANCELLED: {"cancelled_at": AT, "cancelled_by": "'patient'", "notice_minutes": "1"},
    Status.ENTERED_IN_ERROR: {},
}
# Where the status alone may be written, because what stands in the row fits both: what was a tap too many is undone so.
ALONE: dict[Status, set[Status]] = {
    Status.HELD: set(),
    Status.BOOKED: {Status.RELEASED, Status.NO_SHOW},
    Status.ARRIVED: set(),
    Status.SEATED: {Status.ARRIVED},
    Status.INFUSING: set(),
    Status.RECOVERING: {Status.INFUSING},
    Status.COMPLETED: {Status.INFUSING, Status.RECOVERING, *ENDED_RUN} - {Status.COMPLETED},
    Status.STOPPED_EARLY: {Status.INFUSING, Status.RECOVERING, *ENDED_RUN} - {Status.STOPPED_EARLY},
    Status.TRANSFERRED: {Status.ARRIVED, *LEFT} - {Status.TRANSFERRED},
    Status.LEFT_UNCLEARED: {Status.ARRIVED, *LEFT} - {Status.LEFT_UNCLEARED},
    Status.TURNED_AWAY: {Status.ARRIVED, *LEFT} - {Status.TURNED_AWAY},
    Status.NO_SHOW: {Status.BOOKED, Status.RELEASED},
    Status.RELEASED: {Status.BOOKED, Status.NO_SHOW},
    Status.CANCELLED: set(),
    Status.ENTERED_IN_ERROR: {Status.BOOKED, Status.RELEASED, Status.NO_SHOW},
}
# Until when it is kept, or by whom it was cancelled, leaves the row with the status; all else may be an error.
SAYS_MORE = {Status.HELD, Status.CANCELLED}
PAIRS = tuple(itertools.permutations(Status, 2))


def write(status: Status, columns: dict[str, str]) -> str:
    said = "".join(f", {column} = {value}" for column, value in columns.items())
    return f"UPDATE scheduling_appointment SET status = '{status}'{said} WHERE id = %(ana_visit_2)s;"


def outcome(world: World, sql: str) -> str:
    """What the database says to it and to its commit; empty where it is taken. Nothing stays."""
    try:
        world.run(sql)
        world.run(EVENTS + "SET CONSTRAINTS ALL IMMEDIATE;")
    except psycopg.Error as refused:
        return refused.sqlstate or "?"
    finally:
        world.connection.rollback()
    return ""


def test_every_state_has_its_columns_and_stands_with_them(world: World) -> None:
    assert COLUMNS.keys() == ALONE.keys() == set(Status)
    assert {status: outcome(world, write(status, columns)) for status, columns in COLUMNS.items()} == dict.fromkeys(
        Status, ""
    )


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=str)
def test_a_status_alone_is_written_only_where_the_row_fits_it(world: World, before: Status, after: Status) -> None:
    refused = outcome(world, write(before, COLUMNS[before]) + write(after, {}))
    count("pairs of visit states in SQL")
    taken = ALONE[before] if before in SAYS_MORE else ALONE[before] | {Status.ENTERED_IN_ERROR}
    if after in taken:
        assert refused == "", f"{before} to {after}"
    else:
        assert refused == CHECK, f"{before} to {after}"
        count("attempts in SQL refused: 8 pairs of visit states")


def test_nothing_becomes_given_by_a_status_alone() -> None:
    """What the table above may never say."""
    given = {status for status, columns in COLUMNS.items() if "given_at" in columns}
    assert {Status.INFUSING, Status.COMPLETED} <= given <= {*HOLDS_PLACE, *AFTER_GIVEN}
    assert not [(before, after) for before in ALONE.keys() - given for after in ALONE[before] & set(MUST_BE_GIVEN)]
