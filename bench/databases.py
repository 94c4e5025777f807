"""A PostgreSQL of the benchmarks' own with the settings the software runs with, a migrated template, and its clones."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from django.db import connections

from config.embedded.places import Places, of_checkout
from config.embedded.postgres import SETTINGS, Postgres

TEMPLATE = "infusion"
# What the embedded server runs with, as durable, and room for 64 clients with two connections each.
ROOMY = SETTINGS | {"max_connections": "200"}
numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Database:
    """A database of a running server, by its three roles."""

    places: Places
    name: str

    def url(self, role: str) -> str:
        """`infusion_app`, `infusion_owner`, or `postgres`, who may load rows without their triggers."""
        return self.places.database_url(role, self.name)

    @property
    def environment(self) -> dict[str, str]:
        """What a program of ours is started with to use it."""
        return os.environ | {"DATABASE_URL": self.url("infusion_app"), "DATABASE_OWNER_URL": self.url("infusion_owner")}


def own_places() -> Places:
    """A new folder for this run; the servers' account may pass through it."""
    folder = Path(tempfile.mkdtemp(prefix="infusion-bench-"))
    return replace(of_checkout(), data=folder, sockets=folder / "run")


@contextmanager
def own_server(places: Places) -> Iterator[Postgres]:
    """Runs PostgreSQL in `places`; the folder is gone afterwards."""
    places.make()
    server = Postgres(places, settings=ROOMY)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(places.data, ignore_errors=True)


def run_as_superuser(places: Places, *statements: str) -> None:
    """Each statement on its own, outside any transaction."""
    with psycopg.connect(places.database_url("postgres", "postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@contextmanager
def clone(places: Places, template: str = TEMPLATE) -> Iterator[Database]:
    """A copy of a database that nobody is connected to; dropped afterwards. Django's connection points at it."""
    name = f"bench_{next(numbers)}"
    before = str(connections.settings["default"]["NAME"])
    connections["default"].close()
    run_as_superuser(
        places,
        f"CREATE DATABASE {name} TEMPLATE {template} OWNER infusion_owner",
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO infusion_app",
    )
    point_default_at(name)
    try:
        yield Database(places, name)
    finally:
        point_default_at(before)
        run_as_superuser(places, f"DROP DATABASE {name} WITH (FORCE)")


def point_default_at(name: str) -> None:
    """Django's connection of this process goes to another database of the same server."""
    connections["default"].close()
    connections.settings["default"]["NAME"] = name
    connections["default"].settings_dict["NAME"] = name
