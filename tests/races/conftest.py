"""Races over SQL use the worlds of the guarantees; verbs are stepped on a stage that all pairs of a module share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests import databases
from tests.guarantees.conftest import fresh_world, owner
from tests.races.stage import Stage, set_up

__all__ = ["fresh_world", "owner"]
# Its asserts say what they compared, as those of a test do.
pytest.register_assert_rewrite("tests.races.night_machine")


@pytest.fixture(scope="module")
def stage(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    database = databases.clone(databases.next_name())
    with django_db_blocker.unblock(), databases.default_connection_at(database.name):
        with set_up(database) as one:
            yield one
        databases.drop(database.name)
