"""The clinic in which two verbs are stepped: one chair, one nurse, and people of whom each waits for something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from unittest.mock import patch

import psycopg
from psycopg import sql

from scheduling.asking import ask_for
from scheduling.booking import Pick, book_series, book_visit
from scheduling.cancelling import cancel
from scheduling.events import Actor, events_committed
from scheduling.holding import hold_series
from scheduling.models import (
    Appointment,
    AskedFor,
    CancelledBy,
    Clinic,
    Order,
    Resource,
    ResourceKind,
    Role,
    Status,
    User,
    VisitType,
)
from scheduling.visits import record_step
from tests import databases, factories
from tests.factories import NOW, SIX, checks_for
from tests.plugin_servers import run_places
from tests.races.put_back import Kept, kept
from tests.races.stepping import Pair, pair_of_sides


def on(day: int, wall: str = "09:00") -> datetime:
    """A time in January 2027 in New York; the 4th is a Monday, and now."""
    return datetime.fromisoformat(f"2027-01-{day:02}T{wall}-05:00")


def picks(*days: int, wall: str = "09:00") -> list[Pick]:
    """The first infusions of an order, one on each of these days of January."""
    return [Pick(number, on(day, wall)) for number, day in enumerate(days, start=1)]


TWO = SIX | {"doses": 2, "reviews": []}
REVIEWED = SIX | {"doses": 2, "reviews": [{"after": 1, "method": "at_chair"}]}
THROUGH = (
    (Status.ARRIVED, "13:00"), (Status.SEATED, "13:10"), (Status.INFUSING, "13:25"), (Status.RECOVERING, "14:05"),
    (Status.COMPLETED, "15:00"),
)  # fmt: skip
BEGUN = ((Status.ARRIVED, "10:30"), (Status.SEATED, "10:40"), (Status.INFUSING, "10:55"))
HELD_UNTIL = on(6, "09:00")
# Long enough for two sides that really wait for each other to be seen, short enough for hundreds of schedules.
DEADLOCK_TIMEOUT = "150ms"


@dataclass(frozen=True)
class Wide:
    """Another clinic of theirs: two chairs and two nurses, of whom mia has the first from 10:15 and ned the second from
    12:30 on the 5th. Whoever wants to come at 11:30 has a chair only if mia changes hers."""

    clinic: Clinic
    by: Actor
    talk: VisitType


@dataclass
class People:
    """Whoever it is named for: ana and ben have nothing booked; cleo is booked on the 6th and 8th; dan's 12th and 14th
    are kept; eve's 13th and 15th were cancelled; fay's first infusion was given today, her second waits for a review;
    gil is booked today at eight, lou at half past three, and ida's infusion is under way; hal is booked on the 19th and
    21st, the first of them anew after the second; for kim the manager was asked for a visit at 9:05 on the 22nd."""

    clinic: Clinic
    by: Actor
    user: User
    wide: Wide
    orders: dict[str, Order] = field(default_factory=dict)
    visits: dict[str, list[Appointment]] = field(default_factory=dict)
    asked: list[AskedFor] = field(default_factory=list)

    @property
    def nurse(self) -> Resource:
        return Resource.objects.get(clinic=self.clinic, kind=ResourceKind.NURSE)

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


def _wide(clinic: Clinic) -> Wide:
    wide = factories.create_clinic(clinic.organisation, chairs=2, nurses=2)
    return Wide(wide, factories.create_actor(wide, *Role), factories.create_visit_type(wide))


def _people(clinic: Clinic, user: User) -> People:
    people = People(clinic, Actor.staff(user, clinic), user, _wide(clinic))
    by, wide = people.by, people.wide
    for who, wall in (("mia", "10:15"), ("ned", "12:30")):
        people.orders[who] = factories.create_order(wide.clinic, template=TWO)
        people.visits[who] = book_series(
            order=people.orders[who], clinic=wide.clinic, picks=picks(5, wall=wall), by=wide.by, now=NOW
        )
    people.visits["joy"] = [
        book_visit(
            patient=factories.create_patient(clinic), clinic=wide.clinic, visit_type=wide.talk, start=on(7),
            by=wide.by, now=NOW,
        )
    ]  # fmt: skip
    for who in ("oli", "pia"):
        people.orders[who] = factories.create_order(wide.clinic, template=TWO)
    people.order("ana")
    people.order("ben")
    people.booked("cleo", 6, 8)
    people.visits["dan"] = hold_series(
        order=people.order("dan"), clinic=people.clinic, picks=picks(12, 14), until=HELD_UNTIL, by=by, now=NOW
    )
    for visit in people.booked("eve", 13, 15):
        cancel(appointment=visit, side=CancelledBy.PATIENT, reason="ill", by=by, now=NOW)
    people.booked("gil", 4, wall="08:00")
    first, second = people.booked("fay", 4, 7, wall="13:00", template=REVIEWED)
    assert second.is_tentative
    _walk(people, first, THROUGH)
    [running] = people.booked("ida", 4, wall="10:30")
    _walk(people, running, BEGUN)
    people.booked("lou", 4, wall="15:30")
    _hal(people)
    people.asked += [
        ask_for(
            order=people.order("kim"), clinic=people.clinic, picks=picks(22, wall="09:05"), by=by, now=NOW
        )
    ]  # fmt: skip
    return people


def _walk(people: People, visit: Appointment, steps: Sequence[tuple[Status, str]]) -> None:
    for status, wall in steps:
        record_step(
            appointment=visit,
            to=status,
            checks=checks_for(status),
            happened_at=on(4, wall),
            by=people.by,
            now=on(4, wall),
        )


def _hal(people: People) -> None:
    """His visits' ids and days rise in opposite order."""
    first, second = people.booked("hal", 19, 21)
    cancel(appointment=first, side=CancelledBy.PATIENT, reason="ill", by=people.by, now=NOW)
    [again] = book_series(order=people.orders["hal"], clinic=people.clinic, picks=picks(19), by=people.by, now=NOW)
    people.visits["hal"] = [again, second]


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
