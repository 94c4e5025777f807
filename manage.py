#!/usr/bin/env python3
"""Runs a management command, with the embedded PostgreSQL started and migrated for as long as it needs it."""

from __future__ import annotations

import os
import sys

try:
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from config.embedded.attach import Use, attach
    from config.embedded.places import CannotStart, of_checkout
    from config.embedded.up_to_date import migrate_when_needed
    from config.env import WrongSetting
except ModuleNotFoundError as problem:
    sys.exit(f"manage.py: {problem}; run `make setup` and then `.venv/bin/python manage.py`.")

# These read no row. Everything else finds a running, migrated database.
NEEDS_NO_DATABASE = {"collectstatic", "help", "makemessages", "propose", "version", "--help", "--version"}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        # Closing it would stop the server: it stays open until the process ends.
        use = None if command in NEEDS_NO_DATABASE else use_database(command)  # noqa: F841
        execute_from_command_line(sys.argv)
    except (CannotStart, WrongSetting) as problem:
        print(f"{command}: {problem}", file=sys.stderr)
        return 1
    except OperationalError as problem:
        # Without a state code it never came to a conversation; anything else is a fault worth its trace.
        if getattr(problem.__cause__, "sqlstate", None) is not None:
            raise
        print(f"{command}: the database does not answer: {' '.join(str(problem).split())}", file=sys.stderr)
        return 1
    return 0


def use_database(command: str) -> Use | None:
    try:
        places = of_checkout()
        use = attach(places, "postgres")
        if use is not None and command not in {"migrate", "makemigrations"}:
            migrate_when_needed(places)
    except OSError as problem:
        raise CannotStart(f"{problem.strerror}: {problem.filename}.") from None
    return use


if __name__ == "__main__":
    sys.exit(main())
