"""Fixtures that every test may ask for: databases and Redis servers of the run's own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from tests import databases
from tests.plugin_servers import run_folder
from tests.redis_servers import RedisServer

# How long an example takes tells how busy the machine is, and nothing of the code.
settings.register_profile("infusion", deadline=None)
settings.load_profile("infusion")


@pytest.fixture(scope="session")
def postgres(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The run's PostgreSQL with its migrated template."""
    with django_db_blocker.unblock():
        server = databases.start_with_template()
    yield
    server.stop()


@pytest.fixture(scope="session")
def django_db_setup(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What `@pytest.mark.django_db` uses: a clone, as the application's role, each test rolled back."""
    with django_db_blocker.unblock():
        databases.clone(databases.ORDINARY)
        with databases.default_connection_at(databases.ORDINARY):
            yield


@pytest.fixture
def committed_database(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[databases.Committed]:
    """A database of the test's own with real commits; Django's connection points at it. Not with the django_db mark."""
    database = databases.clone(databases.next_name())
    with django_db_blocker.unblock(), databases.default_connection_at(database.name):
        yield database
    databases.drop(database.name)


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A running Redis of the test's own."""
    # Below the run's folder, not tmp_path: the servers' account must get there, and a socket's path must be short.
    server = RedisServer(Path(tempfile.mkdtemp(dir=run_folder())))
    server.start()
    yield server
    server.stop()
