"""`propose SCENARIO.json`: the best ways to book a series, from a file alone. No database, no running service."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from scheduling.scenario.answer import Answer, answer, broken, invalid
from scheduling.scenario.text import LARGEST_BYTES


class Command(BaseCommand):
    help = (
        "Proposes whole series for the scenario in a JSON file (docs/propose.md); - reads it from standard input. "
        "Prints JSON alone. Exit code 0 with proposals, 3 with none and the reasons, 2 when the file is wrong, with "
        "the path of each wrong field."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        # Neither is left to argparse: what is wrong with them is said in JSON as everything else.
        parser.add_argument("scenario", nargs="?", metavar="SCENARIO.json")
        parser.add_argument("--count", metavar="K", help="at most K proposals, whatever the file says")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            found = _answer(options["scenario"], options["count"])
        except Exception as error:  # whoever runs this gets a sentence
            if options["traceback"]:
                raise
            self.stderr.write(f"propose: {type(error).__name__}; --traceback shows where")
            found = broken()
        body = {**found.body, "elapsed_ms": round((time.monotonic() - began) * 1000)}
        self.stdout.write(json.dumps(body, indent=1))
        if found.exit_code:
            raise SystemExit(found.exit_code)


def _answer(file: str | None, count: str | None) -> Answer:
    if file is None:
        return invalid({"scenario": "is needed: the path of a JSON file, or - for standard input"})
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(LARGEST_BYTES + 1)
        else:
            with Path(file).open("rb") as stream:
                raw = stream.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        return invalid({"scenario": f"can't be read: {error}"})
    return answer(raw, count=count)
