"""Two managers take each other's place in the same moment: one of them stays, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from scheduling import inviting, leaving
from scheduling.events import Actor
from scheduling.inviting import NoManagerLeft, change_roles
from scheduling.leaving import leave
from scheduling.models import Clinic, Membership, Role, User
from tests import factories
from tests.databases import Committed
from tests.factories import NOW
from tests.races.test_closed_while_signing import race

TODAY = (NOW - timedelta(hours=5)).date()


@pytest.fixture
def clinic(committed_database: Committed) -> Clinic:
    return factories.create_clinic()


def two(clinic: Clinic) -> list[User]:
    return [factories.create_user(clinic, Role.MANAGER, Role.FRONT_DESK) for _ in range(2)]


def lets_go(user: User, by: User, clinic: Clinic) -> Callable[[], Any]:
    return lambda: leave(user=user, clinic=clinic, heir=None, today=TODAY, by=Actor.staff(by, clinic), now=NOW)


def takes_role(user: User, by: User, clinic: Clinic) -> Callable[[], Any]:
    who = Actor.staff(by, clinic)
    return lambda: change_roles(user=user, clinic=clinic, roles={Role.FRONT_DESK}, by=who, now=NOW)


def managers(clinic: Clinic) -> list[int]:
    held = Membership.objects.filter(clinic=clinic, role=Role.MANAGER, user__is_active=True)
    return list(held.values_list("user", flat=True))


def test_of_two_who_let_each_other_go_one_stays(clinic: Clinic) -> None:
    ana, ben = two(clinic)
    done, refused = race(leaving, "in_hand", lets_go(ben, ana, clinic), lets_go(ana, ben, clinic))
    assert done.exception() is None
    assert isinstance(refused.exception(), NoManagerLeft)
    assert managers(clinic) == [ana.pk]


def test_of_two_who_take_each_others_role_one_keeps_it(clinic: Clinic) -> None:
    ana, ben = two(clinic)
    sides = takes_role(ben, ana, clinic), takes_role(ana, ben, clinic)
    done, refused = race(inviting, "somebody_stays_manager", *sides)
    assert done.exception() is None
    assert isinstance(refused.exception(), NoManagerLeft)
    assert managers(clinic) == [ana.pk]
