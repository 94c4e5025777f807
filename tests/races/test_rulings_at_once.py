"""A ruling on what was broken off, and whatever else concerns that infusion, at once: one comes first, and the other
reads what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from unittest.mock import patch

import psycopg
import pytest
from pytest_django import DjangoDbBlocker

from scheduling import exit_rulings
from scheduling.booking import Pick, book_series
from scheduling.events import Actor, events_committed
from scheduling.exit_rulings import rule_on_exit
from scheduling.models import Role, Status
from scheduling.visits import record_step
from scheduling.word_of_mouth import Word
from tests import databases, factories
from tests.counts import say
from tests.factories import NOW, SIX
from tests.plugin_servers import run_places
from tests.races.pairs import FIRST, SECOND, Two, run_all
from tests.races.put_back import kept
from tests.races.stage import People, Stage, Wide, on, picks
from tests.races.stepping import at_most, pair_of_sides

THREE: Final = SIX | {"doses": 3, "reviews": []}
BROKEN_OFF: Final = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.STOPPED_EARLY)
ONE: Final = frozenset({FIRST, SECOND})
SEATED_AT = on(7, "13:20")


@pytest.fixture(scope="module")
def stage(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    """Of fay and gus the first infusion was broken off: hers is to be given again, his counts, and he is seated for his
    second."""
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
            for who, wall, days in (("fay", "09:00", (4,)), ("gus", "13:00", (4, 7))):
                visits = book_series(
                    order=people.order(who, THREE), clinic=clinic, picks=picks(*days, wall=wall), by=by, now=NOW
                )
                people.visits[who] = visits
                for step in BROKEN_OFF:
                    _step(people, who, 0, step)
                _rules(who, counts=who == "gus", seen=None)(people)
            for step in (Status.ARRIVED, Status.SEATED):
                _step(people, "gus", 1, step)
            with kept(database.name) as rows:
                yield Stage(people, pair, rows)
        databases.drop(database.name)


def _step(people: People, who: str, which: int, to: Status) -> None:
    visit = people.visits[who][which]
    at = SEATED_AT if to == Status.INFUSING and which else visit.period.lower
    record_step(appointment=visit, to=to, checks=factories.checks_for(to), happened_at=at, by=people.by, now=at)


def _rules(who: str, *, counts: bool, seen: int | None = None) -> Callable[[People], object]:
    def act(people: People) -> None:
        at = SEATED_AT if who == "gus" and not counts else on(4, "17:00")
        rule_on_exit(
            appointment=people.visits[who][0], counts=counts, word=Word(people.user), seen=seen, by=people.by, now=at
        )

    return act


def _books_again(people: People) -> None:
    book_series(
        order=people.orders["fay"], clinic=people.clinic, picks=[Pick(1, on(7))], by=people.by, now=on(4, "17:00")
    )


PAIRS: Final = (
    Two("counts after all / counts after all", _rules("fay", counts=True), _rules("fay", counts=True), ONE),
    Two("counts after all / booked again", _rules("fay", counts=True), _books_again, ONE),
    Two("the next one starts / given again after all", lambda people: _step(people, "gus", 1, Status.INFUSING),
        _rules("gus", counts=False), ONE),
)  # fmt: skip


@pytest.mark.parametrize("two", PAIRS, ids=[two.name for two in PAIRS])
def test_every_order_up_to_the_first_lock(stage: Stage, two: Two) -> None:
    say(str(run_all(stage, two, at_most(0))))


def test_control_without_a_look_at_what_stands_both_rule(stage: Stage) -> None:
    """What was ruled is not asked again under the lock, and the patient's lock is not taken."""

    def nothing(*_args: Any, **_kwargs: Any) -> None:
        return None

    with (
        patch.object(exit_rulings, "lock_patients", nothing),
        patch.object(exit_rulings, "_check", nothing),
        pytest.raises(AssertionError, match="the wrong ones were done"),
    ):
        run_all(stage, PAIRS[0], at_most(0))
