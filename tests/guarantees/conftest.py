"""Worlds for the guarantees: one a module for what is refused and so changes nothing, a fresh one for what is lawful."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import databases
from tests.guarantees.world import World, build


@pytest.fixture(scope="module")
def world(postgres: None) -> Iterator[World]:
    """Shared by refused attempts."""
    yield from built()


@pytest.fixture
def fresh_world(postgres: None) -> Iterator[World]:
    """A test's own, to change."""
    yield from built()


def built() -> Iterator[World]:
    database = databases.clone(databases.next_name())
    world = build(database.app_url)
    yield world
    world.connection.close()
    databases.drop(database.name)
