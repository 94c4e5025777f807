"""`check_invariants`: is every message somewhere, and does every signature stand? Exit code 1 where not."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.conservation import count_all, count_states, find_faults
from scheduling.signatures import count_broken_signatures

BROKEN = "versions of orders that say something else than what was signed"


class Command(BaseCommand):
    help = (
        "Counts all messages by state, and says what must not be: due and unclaimed for a minute, begun and without an "
        "outcome, sent without a provider's reference, called for and not planned; and orders that say something else "
        "than what was signed. Reads only. Exit code 1: some are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the result as JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        states, faults = count_states(now=now), find_faults(now=now)
        if broken := count_broken_signatures():
            faults[BROKEN] = broken
        waited = count_all(now=now).oldest_due_seconds
        if options["json"]:
            said = {"by_state": states, "oldest_due_seconds": waited, "faults": faults}
            self.stdout.write(json.dumps(said))
        else:
            each = ", ".join(f"{count} {state}" for state, count in states.items()) or "none"
            self.stdout.write(f"messages that came due: {each}; the longest due has waited {waited} s")
            for name, count in faults.items():
                self.stdout.write(f"WRONG: {count} {name}")
            self.stdout.write("wrong" if faults else "all is well")
        if faults:
            raise SystemExit(1)
