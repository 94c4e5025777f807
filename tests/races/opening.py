"""A clinic with one chair whose openings are raced for, and what the answers of a race must be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count

import psycopg

from scheduling.drafting import draft_order
from scheduling.events import Actor
from scheduling.models import Claim, Clinic, Role, User
from scheduling.plan_approval import approve_protocol
from scheduling.signing import sign_order
from tests.databases import Committed
from tests.factories import NOW, SIX, create_clinic, create_patient, create_protocol, create_user
from tests.races.booker import Answer, Round
from tests.races.processes import Bookers

# What no longer fits by then, or what the database said.
JUST_TAKEN = {"chairs", "nurses", "taken_by_other", "busy"}
# Visits of two hours and their turnover, one after the other, from eight to six.
STARTS = [timedelta(minutes=60 + 150 * index) for index in range(4)]


class Place:
    """Each race is for an opening that nobody has booked, by patients of whom none has a visit."""

    def __init__(self, clients: int, database: Committed, *, now: datetime = NOW) -> None:
        self.database = database
        self.now = now
        self.clinic: Clinic = create_clinic(chairs=1, nurses=1)
        self.user: User = create_user(self.clinic, Role.FRONT_DESK, Role.PRESCRIBER)
        self.version = create_protocol(self.clinic, template=SIX)
        self.by = Actor.staff(self.user, self.clinic)
        approve_protocol(version=self.version, by=self.by, now=now)
        self.openings = count()
        self.orders = [0] * clients

    def race(self, racing: Bookers, *, locked: bool = True, meets_before_writing: bool = False) -> list[Answer]:
        """Processes book the next opening through the verb."""
        name, clinic, user = self.database.name, self.clinic.pk, self.user.pk
        return self.run(
            lambda start, orders: racing.race(
                Round(name, clinic, user, start, tuple(orders), locked, meets_before_writing)
            )
        )

    def run(self, race: Callable[[datetime, list[int]], list[Answer]]) -> list[Answer]:
        """`race` for the next opening; who won the race before has another patient's order by now."""
        self.orders = [order or self.order() for order in self.orders]
        answers = race(self.opening(), self.orders)
        self.orders = [0 if answer.booked else order for answer, order in zip(answers, self.orders, strict=True)]
        return answers

    def opening(self) -> datetime:
        day, of_day = divmod(next(self.openings), len(STARTS))
        weeks, weekday = divmod(day, 5)
        return self.now + timedelta(weeks=weeks, days=weekday) + STARTS[of_day]

    def order(self) -> int:
        """A signed order of a new patient."""
        order = draft_order(
            patient=create_patient(self.clinic),
            protocol_version=self.version,
            clinics=[self.clinic],
            by=self.by,
            now=self.now,
        )
        sign_order(order=order, by=self.by, now=self.now)
        return order.pk

    def as_owner(self, statement: bytes) -> None:
        with psycopg.connect(self.database.owner_url) as owner:
            owner.execute(statement)


def overlapping_claims() -> int:
    """Pairs of live claims that use one place at once."""
    pairs = Claim.objects.raw(
        "SELECT a.id FROM scheduling_claim a JOIN scheduling_claim b ON a.id < b.id AND a.live AND b.live"
        " AND (a.resource_id, a.role, a.place) = (b.resource_id, b.role, b.place) AND a.period && b.period"
    )
    return len(list(pairs))


def assert_one_winner(answers: Sequence[Answer]) -> None:
    """One booked; each other was refused in plain words; nobody met an error."""
    errors = [answer.error for answer in answers if answer.error]
    assert not errors, errors
    assert sum(answer.booked for answer in answers) == 1
    losers = [answer for answer in answers if not answer.booked]
    assert all(answer.refused and set(answer.refused) <= JUST_TAKEN for answer in losers), losers
