"""The clinic in which two verbs are stepped: one chair, one nurse, and people of whom each waits for something else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from unittest.mock import patch

import psycopg
from psycopg import sql

from scheduling.booking import Pick, book_series
from scheduling.cancelling import cancel
from scheduling.events import Actor, events_committed
from scheduling.holding import hold_series
from scheduling.models import Appointment, CancelledBy, Clinic, Order, Role, Status, User
from scheduling.visits import record_step
from tests import databases, factories
from tests.factories import NOW, SIX
from tests.plugin_servers import run_places
from tests.races.put_back import Kept, kept
from tests.races.stepping import Pair, pair_of_sides

TWO = SIX | {"doses": 2, "reviews": []}
REVIEWED = SIX | {"doses": 2, "reviews": [{"after": 1, "method": "at_chair"}]}
HOLD_MINUTES = 10
DAY = (
    (Status.ARRIVED, "13:00"), (Status.SEATED, "13:10"), (Status.INFUSING, "13:25"), (Status.RECOVERING, "14:05"),
    (Status.COMPLETED, "15:00"),
)  # fmt: skip
# Long enough for two sides that really wait for each other to be seen, short enough for hundreds of schedules.
DEADLOCK_TIMEOUT = "150ms"


def on(day: int, wall: str = "09:00") -> datetime:
    """A time in January 2027 in New York; the 4th is a Monday, and now."""
    return datetime.fromisoformat(f"2027-01-{day:02}T{wall}-05:00")


def picks(*days: int, wall: str = "09:00") -> list[Pick]:
    """The first infusions of an order, one on each of these days of January."""
    return [Pick(number, on(day, wall)) for number, day in enumerate(days, start=1)]


@dataclass
class People:
    """Whoever it is named for: ana and ben have nothing booked; cleo is booked on the 6th and 8th; dan's 12th and 14th
    are kept; eve's 13th and 15th were cancelled; fay's first infusion was given today, her second waits for a review;
    gil is booked today at eight."""

    clinic: Clinic
    by: Actor
    user: User
    orders: dict[str, Order] = field(default_factory=dict)
    visits: dict[str, list[Appointment]] = field(default_factory=dict)

    def order(self, who: str, template: dict[str, object] = TWO) -> Order:
        """A signed order of a new patient, kept under `who`."""
        self.orders[who] = factories.create_order(self.clinic, template=template)
        return self.orders[who]

    def booked(self, who: str, *days: int, wall: str = "09:00", template: dict[str, object] = TWO) -> list[Appointment]:
        """A new order with these days booked; its visits are kept under `who` too."""
        self.visits[who] = book_series(
            order=self.order(who, template), clinic=self.clinic, picks=picks(*days, wall=wall), by=self.by, now=NOW
        )
        return self.visits[who]


@dataclass(frozen=True)
class Stage:
    """The people, two sides to act, and the rows as they are before each schedule."""

    people: People
    pair: Pair
    kept: Kept


def _people(clinic: Clinic, user: User) -> People:
    people = People(clinic, Actor.staff(user, clinic), user)
    by = people.by
    people.order("ana")
    people.order("ben")
    people.booked("cleo", 6, 8)
    people.visits["dan"] = hold_series(
        order=people.order("dan"), clinic=people.clinic, picks=picks(12, 14), minutes=HOLD_MINUTES, by=by, now=NOW
    )
    for visit in people.booked("eve", 13, 15):
        cancel(appointment=visit, side=CancelledBy.PATIENT, reason="ill", by=by, now=NOW)
    people.booked("gil", 4, wall="08:00")
    _fay(people)
    return people


def _fay(people: People) -> None:
    first, second = people.booked("fay", 4, 7, wall="13:00", template=REVIEWED)
    assert second.is_tentative
    for status, wall in DAY:
        record_step(appointment=first, to=status, happened_at=on(4, wall), by=people.by, now=on(4, wall))


@contextmanager
def set_up(database: databases.Committed) -> Iterator[Stage]:
    """The stage with both sides ready, and its rows remembered. Nobody is told anything: the planner is not woken."""
    look_url = run_places().database_url("postgres", database.name)
    with psycopg.connect(look_url, autocommit=True) as superuser:
        superuser.execute(
            sql.SQL("ALTER DATABASE {} SET deadlock_timeout = {}").format(
                sql.Identifier(database.name), DEADLOCK_TIMEOUT
            )
        )
    with patch.object(events_committed, "receivers", []), pair_of_sides(look_url) as pair:
        clinic = factories.create_clinic(chairs=1)
        user = factories.create_user(clinic, *Role)
        people = _people(clinic, user)
        with kept(database.name) as rows:
            yield Stage(people, pair, rows)
