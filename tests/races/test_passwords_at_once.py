"""Two processes try a password in the same moment: of the last try that is left there is one. Control: without the lock
there are two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier
from typing import Any
from unittest.mock import patch

import pytest

from scheduling.models import Role, User, WrongPassword
from scheduling.reauthentication import TRIES, NotTheirPassword, TooManyTries, prove
from tests import factories
from tests.databases import Committed
from tests.factories import NOW
from tests.races.test_two_take_a_task import at_once

LATER = NOW + timedelta(minutes=5)


def one_try_left() -> User:
    user = factories.create_user(factories.create_clinic(), Role.PRESCRIBER)
    for _ in range(TRIES - 1):
        WrongPassword.objects.create(user=user, at=NOW)
    return user


def a_guess(user: User) -> Callable[[], type[Exception]]:
    def guess() -> type[Exception]:
        try:
            prove(user=user, password="wrong", now=LATER)
        except (NotTheirPassword, TooManyTries) as refusal:
            return type(refusal)
        raise AssertionError("a wrong password passed")

    return guess


@pytest.mark.parametrize("round_", range(5))
def test_of_two_at_once_one_is_looked_at(committed_database: Committed, round_: int) -> None:
    user = one_try_left()
    found = at_once(a_guess(user), a_guess(user))
    assert set(found) == {NotTheirPassword, TooManyTries}
    assert WrongPassword.objects.count() == TRIES


def test_without_the_lock_both_would_be(committed_database: Committed) -> None:
    user = one_try_left()
    looked = Barrier(2)

    def unlocked(self: Any, **how: Any) -> Any:
        return self.all()

    def slowly(self: User, password: str) -> bool:
        looked.wait(10)
        return password == "password"

    with (
        patch("django.db.models.query.QuerySet.select_for_update", unlocked),
        patch.object(User, "check_password", slowly),
    ):
        assert at_once(a_guess(user), a_guess(user)) == [NotTheirPassword, NotTheirPassword]
    assert WrongPassword.objects.count() == TRIES + 1
