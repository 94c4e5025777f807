"""One PostgreSQL for the run: a migrated template, a clone of it for ordinary tests, and clones with real commits."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from config.embedded.places import of_checkout
from config.embedded.postgres import SETTINGS, Postgres
from config.embedded.up_to_date import fingerprint
from tests.plugin_servers import run_places

TEMPLATE = "infusion"
ORDINARY = "ordinary"
CLUSTERS_KEPT = 3
# Rows of tests need not survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
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
    """Starts the run's server with the template: migrated as the owner, who granted the application its rights.

    A copy of the stopped cluster is kept for later runs, by the fingerprint of all that defines the database.
    """
    places = run_places()
    places.make()
    server = Postgres(places, settings=SETTINGS | FAST)
    kept = kept_cluster()
    if kept.exists():
        copy(kept, places.postgres_data)
        server.start()
        return server
    server.start()
    call_command("migrate", interactive=False, verbosity=0)
    server.stop()
    keep(places.postgres_data, kept)
    server.start()
    return server


def kept_cluster() -> Path:
    """Where the migrated cluster of today's models is kept."""
    return of_checkout().data / "test-clusters" / fingerprint()


def copy(source: Path, target: Path) -> None:
    """With owners and rights, which PostgreSQL insists on."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def keep(cluster: Path, kept: Path) -> None:
    """Another run may keep the same one at the same time; the first stays. Only the newest few remain."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(dir=kept.parent)) / "done"
    copy(cluster, half)
    with suppress(OSError):
        half.rename(kept)
    shutil.rmtree(half.parent)
    for old in sorted(kept.parent.iterdir(), key=lambda path: path.stat().st_mtime)[:-CLUSTERS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def as_superuser(statement: sql.SQL | sql.Composed) -> None:
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
