"""Worlds for the guarantees: one a module for what is refused and changes nothing, a fresh one for what is lawful."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest

from tests import counts, databases
from tests.guarantees.world import Application, World, build, connect


@pytest.fixture(scope="module")
def world(postgres: None) -> Iterator[World]:
    """Shared by refused attempts."""
    with built() as one:
        yield one


@pytest.fixture
def fresh_world(postgres: None) -> Iterator[World]:
    """A test's own, to change."""
    with built() as one:
        yield one


@pytest.fixture
def owner(fresh_world: World) -> Iterator[Application]:
    """The owner's session in the fresh world, for controls that take a guard away."""
    with connect(fresh_world.url.replace("infusion_app", "infusion_owner")) as connection:
        yield connection


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Counts the attempts that were refused, by what they were at."""
    report = yield
    if (
        report.when == "call"
        and report.passed
        and "attempt" in getattr(item, "callspec", item).__dict__.get("params", {})
    ):
        counts.count(f"attempts in SQL refused: {item.path.stem.removeprefix('test_').replace('_', ' ')}")
    return report


@contextmanager
def built() -> Iterator[World]:
    database = databases.clone(databases.next_name())
    world = build(database.app_url)
    yield world
    world.connection.close()
    databases.drop(database.name)
