"""The long runs use the stage on which verbs are stepped, and a PostgreSQL and a crowd of their own."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
from pytest_django import DjangoDbBlocker, Settings

from tests.faults.crowd import WRITE_DOWN_STEPS, gather
from tests.faults.outside import Outside, surroundings
from tests.faults.own_postgres import OwnPostgres
from tests.plugin_servers import run_folder
from tests.races.conftest import stage

__all__ = ["stage"]

CROWD = "crowd"
clones = itertools.count(1)
Scene: TypeAlias = Callable[..., AbstractContextManager[Outside]]


@pytest.fixture(scope="session")
def own_postgres(postgres: None, django_db_blocker: DjangoDbBlocker) -> Iterator[OwnPostgres]:
    """The fault runs' own server; the run's other one has made what it copies."""
    server = OwnPostgres(Path(tempfile.mkdtemp(dir=run_folder())))
    server.make()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def crowd(own_postgres: OwnPostgres, django_db_blocker: DjangoDbBlocker) -> str:
    """The name of a database with everyone in it, to be cloned."""
    own_postgres.clone(CROWD)
    with django_db_blocker.unblock(), own_postgres.default_connection_at(CROWD):
        gather()
    own_postgres.as_superuser(*WRITE_DOWN_STEPS, database=CROWD)
    return CROWD


@pytest.fixture(scope="session")
def scene(crowd: str, own_postgres: OwnPostgres, django_db_blocker: DjangoDbBlocker) -> Scene:
    """`with scene(lease_seconds=6) as outside`: a crowd of one's own, Django's connection at it, and what is around."""

    @contextmanager
    def open_scene(*, lease_seconds: float = 60) -> Iterator[Outside]:
        name = f"{crowd}_{next(clones)}"
        own_postgres.clone(name, of=crowd)
        environment = own_postgres.environment(name)
        with (
            django_db_blocker.unblock(),
            own_postgres.default_connection_at(name),
            surroundings(environment, lease_seconds=lease_seconds) as outside,
        ):
            yield outside
        own_postgres.drop(name)

    return open_scene


@pytest.fixture
def here(scene: Scene, settings: Settings) -> Iterator[Outside]:
    """The sending is done by threads of the test (`tests.faults.here`)."""
    with scene() as outside:
        settings.SMS_URL, settings.EMAIL_URL = outside.texts.url, outside.mails.url
        settings.FAILPOINTS = str(outside.failpoints)
        yield outside
