"""Two prescribers decide at once, a nurse starts while one stops: one comes first, and the other reads what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from unittest.mock import patch

import psycopg
import pytest
from pytest_django import DjangoDbBlocker

from scheduling import gates
from scheduling.booking import book_series
from scheduling.events import Actor, events_committed
from scheduling.gates import Seen, decide
from scheduling.models import Decision, Role, Status
from scheduling.visits import record_step
from tests import databases, factories
from tests.counts import say
from tests.factories import NOW, SIX
from tests.plugin_servers import run_places
from tests.races.pairs import BOTH, FIRST, SECOND, Two, run_all
from tests.races.put_back import kept
from tests.races.stage import THROUGH, People, Stage, Wide, on, picks
from tests.races.stepping import at_most, pair_of_sides

THREE: Final = SIX | {"doses": 3, "reviews": [{"after": 1, "method": "at_chair"}]}
ONE: Final = frozenset({FIRST, SECOND})
# After the first infusion, and on the day of the second.
THEN, SEATED_AT = on(4, "16:00"), on(7, "13:20")


@pytest.fixture(scope="module")
def stage(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    """fay's review is due and her second infusion booked; of gus it said continue, and he is seated for his second."""
    database = databases.clone(databases.next_name())
    with django_db_blocker.unblock(), databases.default_connection_at(database.name):
        url = run_places().database_url("postgres", database.name)
        with psycopg.connect(url, autocommit=True) as superuser:
            superuser.execute(f"ALTER DATABASE {database.name} SET deadlock_timeout = '150ms'".encode())
        with patch.object(events_committed, "receivers", []), pair_of_sides(url) as pair:
            clinic = factories.create_clinic(chairs=2)
            user = factories.create_user(clinic, *Role)
            by = Actor.staff(user, clinic)
            people = People(clinic, by, user, Wide(clinic, by, factories.create_visit_type(clinic)))
            for who, wall in (("fay", "09:00"), ("gus", "13:00")):
                _given_once(people, who, wall)
            _decides("gus", Decision.CONTINUE, 0)(people)
            for step in (Status.ARRIVED, Status.SEATED):
                at = on(7, "13:00")
                record_step(
                    appointment=people.visits["gus"][1],
                    to=step,
                    checks=factories.checks_for(step),
                    happened_at=at,
                    by=by,
                    now=at,
                )
            with kept(database.name) as rows:
                yield Stage(people, pair, rows)
        databases.drop(database.name)


def _given_once(people: People, who: str, wall: str) -> None:
    order = people.order(who, THREE)
    people.visits[who] = book_series(
        order=order, clinic=people.clinic, picks=picks(4, 7, wall=wall), by=people.by, now=NOW
    )
    for status, _wall in THROUGH:
        at = people.visits[who][0].period.lower
        record_step(
            appointment=people.visits[who][0],
            to=status,
            checks=factories.checks_for(status),
            happened_at=at,
            by=people.by,
            now=at,
        )


def _decides(who: str, decision: Decision, latest: int | None) -> Callable[[People], object]:
    """`latest`: which decision the page had read."""

    def act(people: People) -> None:
        seen = None if latest is None else Seen(latest)
        at = SEATED_AT if who == "gus" and latest is None else THEN
        decide(
            order=people.orders[who], after_number=1, decision=decision, decided_by=people.user, note="because",
            seen=seen, by=people.by, now=at,
        )  # fmt: skip

    return act


def _starts(people: People) -> None:
    visit = people.visits["gus"][1]
    record_step(
        appointment=visit,
        to=Status.INFUSING,
        checks=factories.IN_ORDER,
        happened_at=SEATED_AT,
        by=people.by,
        now=SEATED_AT,
    )


CONTINUE, STOP, PAUSE = (_decides("fay", one, 0) for one in (Decision.CONTINUE, Decision.STOP, Decision.PAUSE))
TWICE: Final = Two("continue / stop, both having read nothing", CONTINUE, STOP, ONE)
PAIRS: Final = (
    TWICE,
    Two("pause / pause", PAUSE, PAUSE, ONE),
    Two("start / pause", _starts, _decides("gus", Decision.PAUSE, None), frozenset({BOTH, SECOND})),
    Two("start / changed order", _starts, _decides("gus", Decision.CONTINUE_CHANGED, None), frozenset({BOTH, SECOND})),
)


@pytest.mark.parametrize("two", PAIRS, ids=[two.name for two in PAIRS])
def test_every_order_up_to_the_first_lock(stage: Stage, two: Two) -> None:
    say(str(run_all(stage, two, at_most(0))))


def test_control_without_a_look_at_what_was_decided_both_decide(stage: Stage) -> None:
    """What was read is not asked again under the lock, and the patient's lock is not taken."""

    def nothing(*_args: Any, **_kwargs: Any) -> None:
        return None

    with (
        patch.object(gates, "lock_patients", nothing),
        patch.object(gates, "_check_nobody_was_quicker", nothing),
        pytest.raises(AssertionError, match="the wrong ones were done"),
    ):
        run_all(stage, TWICE, at_most(0))
