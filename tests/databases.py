"""One PostgreSQL for the run: a migrated template, a clone of it for ordinary tests, and clones with real commits."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from config.embedded.postgres import FAST, SETTINGS, Postgres
from tests.plugin_servers import run_places

TEMPLATE = "infusion"
ORDINARY = "ordinary"
numbers = itertools.count(1)


@dataclass(frozen=True)
class Committed:
    """A database of a test's own, where commits are real. Subprocesses find it by `environment`."""

    name: str
    app_url: str
    owner_url: str

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"DATABASE_URL": self.app_url, "DATABASE_OWNER_URL": self.owner_url}


def start_with_template() -> Postgres:
    """Starts the run's server and migrates the template as the owner, who grants the application its rights."""
    places = run_places()
    places.make()
    server = Postgres(places, settings=SETTINGS | FAST)
    server.start()
    call_command("migrate", interactive=False, verbosity=0)
    return server


def as_superuser(statement: sql.Composed) -> None:
    with psycopg.connect(run_places().database_url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def clone(name: str) -> Committed:
    new, old = sql.Identifier(name), sql.Identifier(TEMPLATE)
    as_superuser(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER infusion_owner").format(new, old))
    as_superuser(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(new))
    as_superuser(sql.SQL("GRANT CONNECT ON DATABASE {} TO infusion_app").format(new))
    places = run_places()
    return Committed(name, places.database_url("infusion_app", name), places.database_url("infusion_owner", name))


def drop(name: str) -> None:
    as_superuser(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def default_connection_at(name: str) -> Iterator[None]:
    """Points Django's connection at another database of the run, in this thread and in those started meanwhile."""
    before = connections.settings["default"]["NAME"]
    point_default_at(name)
    try:
        yield
    finally:
        point_default_at(before)


def point_default_at(name: str) -> None:
    connections["default"].close()
    connections.settings["default"]["NAME"] = name
    connections["default"].settings_dict["NAME"] = name


def next_name() -> str:
    return f"committed_{next(numbers)}"
