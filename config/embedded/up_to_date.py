"""Migrates the embedded database when the code that defines it has changed, and only then: it takes seconds."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from config.embedded.places import MIGRATED, ROOT, CannotStart, Places

# Models count too: they say which tables the application may change.
DEFINING = ("*/migrations/*.py", "*/models/*.py", "config/database_roles.*", "requirements/embedded.txt")


def fingerprint(root: Path = ROOT) -> str:
    found = hashlib.sha256()
    for pattern in DEFINING:
        for path in sorted(root.glob(pattern)):
            found.update(str(path.relative_to(root)).encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def needs_migration(places: Places) -> bool:
    done = places.data / MIGRATED
    return not done.exists() or done.read_text() != fingerprint()


def migrate_when_needed(places: Places) -> bool:
    """Returns whether anything was done. Raises `CannotStart` with what the migration said last."""
    if not needs_migration(places):
        return False
    with (places.data / "migrate.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not needs_migration(places):
            return False
        before = fingerprint()
        manage("migrate", "--no-input", "--verbosity=1")
        (places.data / MIGRATED).write_text(before)
    return True


def manage(*command: str) -> None:
    """Runs one management command quietly. Raises `CannotStart` with the last line it said when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    if done.returncode != 0:
        last = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-1:]
        raise CannotStart(f"`manage.py {command[0]}` failed: {''.join(last).strip()}")
