"""64 processes book one opening through the verb: one winner. Control: without lock and constraint all get it.

Each of the two alone still holds. The faults lane runs two hundred such races.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scheduling.models import Appointment
from tests.databases import Committed
from tests.races.opening import Place, assert_one_winner, overlapping_claims
from tests.races.processes import Bookers, bookers

PROCESSES = 64
ROUNDS = 5


@pytest.fixture(scope="module")
def racing(postgres: None) -> Iterator[Bookers]:
    with bookers(PROCESSES) as started:
        yield started


@pytest.fixture
def place(committed_database: Committed) -> Place:
    return Place(PROCESSES, committed_database)


def test_one_of_sixty_four_gets_the_opening(place: Place, racing: Bookers) -> None:
    for number in range(1, ROUNDS + 1):
        answers = place.race(racing)
        assert len(answers) == PROCESSES
        assert_one_winner(answers)
        assert Appointment.objects.count() == number
    assert overlapping_claims() == 0


def test_without_lock_and_constraint_the_opening_is_booked_again_and_again(place: Place, racing: Bookers) -> None:
    """Control: the same harness finds double booking when there is one to find."""
    place.as_owner(b"ALTER TABLE scheduling_claim DROP CONSTRAINT place_used_once")
    answers = place.race(racing, locked=False, meets_before_writing=True)
    assert [answer.error for answer in answers if answer.error] == []
    assert sum(answer.booked for answer in answers) > 1
    assert overlapping_claims() > 0


def test_the_lock_alone_holds(place: Place, racing: Bookers) -> None:
    place.as_owner(b"ALTER TABLE scheduling_claim DROP CONSTRAINT place_used_once")
    assert_one_winner(place.race(racing))
    assert overlapping_claims() == 0


def test_the_constraint_alone_holds(place: Place, racing: Bookers) -> None:
    """All have read the opening as free when they write; the database lets one of them."""
    assert_one_winner(place.race(racing, locked=False, meets_before_writing=True))
    assert overlapping_claims() == 0
