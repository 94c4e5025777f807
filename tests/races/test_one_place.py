"""16 processes book one opening through the verb: one winner. Control: without lock and constraint all get it.

Each of the two alone still holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

import psycopg
import pytest

from scheduling.events import Actor
from scheduling.models import Appointment, Claim, Clinic, Role, User
from scheduling.orders import approve_protocol, draft_order, sign_order
from tests.databases import Committed
from tests.factories import NOW, SIX, create_clinic, create_patient, create_protocol, create_user
from tests.races.booker import Answer, Round
from tests.races.processes import Bookers, bookers

PROCESSES = 16
ROUNDS = 5
# What no longer fits by then, or what the database said.
JUST_TAKEN = {"chairs", "nurses", "taken_by_other", "busy"}


class Place:
    """A clinic with one chair, and openings on it that nobody has booked."""

    def __init__(self, racing: Bookers, database: Committed) -> None:
        self.racing = racing
        self.database = database
        self.clinic: Clinic = create_clinic(chairs=1, nurses=1)
        self.user: User = create_user(self.clinic, Role.FRONT_DESK, Role.PRESCRIBER)
        self.version = create_protocol(self.clinic, template=SIX)
        self.by = Actor.staff(self.user, self.clinic)
        approve_protocol(version=self.version, by=self.by, now=NOW)
        self.days = count()

    def race(self, *, locked: bool = True, meets_before_writing: bool = False) -> list[Answer]:
        """One opening of the next weekday, 16 patients with a signed order each."""
        start = self.opening()
        orders = [self.order() for _ in range(PROCESSES)]
        name, clinic, user = self.database.name, self.clinic.pk, self.user.pk
        return self.racing.race(Round(name, clinic, user, start, tuple(orders), locked, meets_before_writing))

    def opening(self) -> datetime:
        weeks, day = divmod(next(self.days), 5)
        return NOW + timedelta(weeks=weeks, days=day, hours=3)

    def order(self) -> int:
        order = draft_order(
            patient=create_patient(self.clinic),
            protocol_version=self.version,
            clinics=[self.clinic],
            by=self.by,
            now=NOW,
        )
        sign_order(order=order, by=self.by, now=NOW)
        return order.pk

    def as_owner(self, statement: bytes) -> None:
        with psycopg.connect(self.database.owner_url) as owner:
            owner.execute(statement)


@pytest.fixture(scope="module")
def racing(postgres: None) -> Iterator[Bookers]:
    with bookers(PROCESSES) as started:
        yield started


@pytest.fixture
def place(racing: Bookers, committed_database: Committed) -> Place:
    return Place(racing, committed_database)


def overlapping_claims() -> int:
    """Pairs of live claims that use one place at once."""
    pairs = Claim.objects.raw(
        "SELECT a.id FROM scheduling_claim a JOIN scheduling_claim b ON a.id < b.id AND a.live AND b.live"
        " AND (a.resource_id, a.role, a.place) = (b.resource_id, b.role, b.place) AND a.period && b.period"
    )
    return len(list(pairs))


def assert_one_winner(answers: list[Answer]) -> None:
    assert [answer.error for answer in answers if answer.error] == []
    assert sum(answer.booked for answer in answers) == 1
    losers = [answer for answer in answers if not answer.booked]
    assert len(losers) == PROCESSES - 1
    assert all(answer.refused and set(answer.refused) <= JUST_TAKEN for answer in losers), losers


def test_one_of_sixteen_gets_the_opening(place: Place) -> None:
    for number in range(1, ROUNDS + 1):
        assert_one_winner(place.race())
        assert Appointment.objects.count() == number
    assert overlapping_claims() == 0


def test_without_lock_and_constraint_the_opening_is_booked_again_and_again(place: Place) -> None:
    """Control: the same harness finds double booking when there is one to find."""
    place.as_owner(b"ALTER TABLE scheduling_claim DROP CONSTRAINT place_used_once")
    answers = place.race(locked=False, meets_before_writing=True)
    assert [answer.error for answer in answers if answer.error] == []
    assert sum(answer.booked for answer in answers) > 1
    assert overlapping_claims() > 0


def test_the_lock_alone_holds(place: Place) -> None:
    place.as_owner(b"ALTER TABLE scheduling_claim DROP CONSTRAINT place_used_once")
    assert_one_winner(place.race())
    assert overlapping_claims() == 0


def test_the_constraint_alone_holds(place: Place) -> None:
    """All have read the opening as free when they write; the database lets one of them."""
    assert_one_winner(place.race(locked=False, meets_before_writing=True))
    assert overlapping_claims() == 0
