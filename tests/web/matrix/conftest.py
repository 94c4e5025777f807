"""A world of one clinic for all that is sent to its pages; whoever sends takes back what it did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from pytest_django import DjangoDbBlocker

from tests import databases, factories
from tests.factories import NOW
from tests.web.matrix.examples import make_example
from tests.web.matrix.sending import World, under_way, world_of


@pytest.fixture(scope="module")
def world(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One for a module."""
    database = databases.clone(databases.next_name())
    with (
        django_db_blocker.unblock(),
        databases.default_connection_at(database.name),
        time_machine.travel(NOW, tick=False),
    ):
        example = make_example(factories.create_organisation("Ours"), "sent")
        under_way(example)
        yield world_of(example)
    databases.drop(database.name)
