"""The password once more: five wrong ones in a quarter of an hour, then none is looked at for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.models import Role, User, WrongPassword
from scheduling.reauthentication import TRIES, WITHIN, NotTheirPassword, TooManyTries, prove
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cole() -> User:
    return factories.create_user(factories.create_clinic(), Role.PRESCRIBER)


def guess(user: User, times: int) -> None:
    for number in range(times):
        with pytest.raises(NotTheirPassword):
            prove(user=user, password="wrong", now=NOW + number * MINUTE)


def test_the_right_one_passes_and_leaves_nothing(cole: User) -> None:
    prove(user=cole, password="password", now=NOW)
    assert not WrongPassword.objects.exists()


def test_after_five_wrong_ones_not_even_the_right_one_is_looked_at(cole: User) -> None:
    guess(cole, TRIES)
    with pytest.raises(TooManyTries) as refusal:
        prove(user=cole, password="password", now=NOW + 5 * MINUTE)
    assert refusal.value.until == NOW + WITHIN
    assert WrongPassword.objects.count() == TRIES


def test_fewer_leave_the_right_one_as_it_is(cole: User) -> None:
    guess(cole, TRIES - 1)
    prove(user=cole, password="password", now=NOW + 5 * MINUTE)


def test_once_the_first_is_a_quarter_of_an_hour_old_one_more_may_be_tried(cole: User) -> None:
    guess(cole, TRIES)
    with pytest.raises(TooManyTries):
        prove(user=cole, password="password", now=NOW + WITHIN - timedelta(seconds=1))
    prove(user=cole, password="password", now=NOW + WITHIN)
    with pytest.raises(NotTheirPassword):
        prove(user=cole, password="wrong", now=NOW + WITHIN)
    with pytest.raises(TooManyTries):
        prove(user=cole, password="password", now=NOW + WITHIN)


def test_one_persons_tries_are_nobody_elses(cole: User) -> None:
    guess(cole, TRIES)
    prove(user=factories.create_user(factories.create_clinic(), Role.PRESCRIBER), password="password", now=NOW)
