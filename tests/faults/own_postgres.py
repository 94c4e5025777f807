"""A PostgreSQL of the fault runs' own: it keeps what it said it kept, knows when a commit was, and may be stopped."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
from django.db import connections
from psycopg import sql

from config.embedded.postgres import SETTINGS, Postgres
from tests.databases import TEMPLATE, copy, kept_cluster
from tests.plugin_servers import run_places

# Safe against a stop of the server, not of the machine: nobody pulls a plug here.
DURABLE = {"fsync": "off", "full_page_writes": "off", "track_commit_timestamp": "on", "max_connections": "150"}


class OwnPostgres:
    """One server in a folder, with the migrated template in it."""

    def __init__(self, folder: Path) -> None:
        self.places = replace(run_places(), data=folder, sockets=folder)
        self.server = Postgres(self.places, settings=SETTINGS | DURABLE)

    def make(self) -> None:
        self.places.make()
        copy(kept_cluster(), self.places.postgres_data)
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def stop_at_once(self) -> None:
        """As `pg_ctl stop -m immediate`: every session is cut off, the next start recovers from the log."""
        process = self.server.process
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        process.wait(20)

    def start_again(self) -> None:
        self.server.start()

    def clone(self, name: str, *, of: str = TEMPLATE) -> None:
        new, old = sql.Identifier(name), sql.Identifier(of)
        self.as_superuser(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER infusion_owner").format(new, old))

    def drop(self, name: str) -> None:
        self.as_superuser(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def as_superuser(self, *statements: sql.SQL | sql.Composed, database: str = "postgres") -> None:
        with psycopg.connect(self.places.database_url("postgres", database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def environment(self, name: str) -> dict[str, str]:
        """What a program needs to work on one of its databases."""
        urls = {
            "DATABASE_URL": self.places.database_url("infusion_app", name),
            "DATABASE_OWNER_URL": self.places.database_url("infusion_owner", name),
        }
        return os.environ | urls

    @contextmanager
    def default_connection_at(self, name: str) -> Iterator[None]:
        """Points Django's connection at a database of this server, in this thread and in those started meanwhile."""
        before = {key: connections.settings["default"][key] for key in ("HOST", "NAME")}
        _point({"HOST": str(self.places.sockets), "NAME": name})
        try:
            yield
        finally:
            _point(before)


def _point(where: dict[str, str]) -> None:
    connections["default"].close()
    connections.settings["default"].update(where)
    connections["default"].settings_dict.update(where)
