"""Starts a PostgreSQL of its own, runs the benchmarks one after the other on it, and tells what they found."""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from bench import FOLDER
from bench.databases import TEMPLATE, Database, own_places, own_server
from config.embedded.places import CannotStart, Places

RESULTS = Path(__file__).resolve().parent / "results.json"
NAMES = ("memory", "rows", "http", "board", "booking", "opening", "dispatch", "growth")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"which of {', '.join(NAMES)}; all of them where none is named")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where all numbers are written as JSON")
    asked = parser.parse_args(arguments)
    if not FOLDER.is_dir():
        parser.error(f"the yardsticks are not in {FOLDER}: put the folder `shared` beside the checkout")
    if unknown := set(asked.name) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    places = own_places()
    use_in_this_process(places)
    try:
        with own_server(places):
            return measure(places, asked.name or list(NAMES), asked.results)
    except CannotStart as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1


def use_in_this_process(places: Places) -> None:
    """The environment that this process and all it starts read their settings from; then Django may start."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DATABASE_URL=places.database_url("infusion_app"),
        DATABASE_OWNER_URL=places.database_url("infusion_owner"),
        REDIS_URL=places.redis_url,
        EMAIL_URL="outbox:",
        SMS_URL="outbox:",
        PUBLIC_URL="http://127.0.0.1",
        SECRET_KEY=secrets.token_urlsafe(),
        LOG_FORMAT="text",
    )
    django.setup()
    logging.disable(logging.WARNING)


def measure(places: Places, names: list[str], results: Path) -> int:
    """Runs the benchmarks; the table goes to standard output, progress to standard error."""
    # Only now: models can't be imported before Django knows its settings.
    from bench.full_run import benchmarks, migrate  # noqa: PLC0415
    from bench.harness import table  # noqa: PLC0415
    from bench.machine import about, description, watched  # noqa: PLC0415

    began = time.monotonic()
    migrate(places)
    found, quiet, failed = {}, {}, []
    for title, run in benchmarks(places, names).items():
        print(f"bench: {title} ...", file=sys.stderr, flush=True)
        try:
            with watched() as notes:
                found[title] = run()
            quiet[title] = notes
        except Exception:  # noqa: BLE001 -- the others took minutes, and are told all the same
            failed.append(title)
            traceback.print_exc()
    machine = description(Database(places, TEMPLATE))
    data: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - began, 1),
        "machine": machine,
        "benchmarks": {
            title: quiet[title] | {"lines": [line.as_data() for line in lines]} for title, lines in found.items()
        },
    }
    results.write_text(json.dumps(data, indent=1) + "\n")
    print(table(found))
    print("\n".join(["", *about(machine, quiet), f"all numbers: {results}"]))
    if failed:
        print(f"bench: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0
