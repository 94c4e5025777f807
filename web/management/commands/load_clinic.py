"""`load_clinic FILE.yaml`: sets a clinic up as its file says."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from scheduling.clinic_setup import ZoneInUse
from scheduling.events import Actor
from scheduling.locking import BusyNow
from web.clinic_file import ClinicFileRefused, load


class Command(BaseCommand):
    help = (
        "Sets a clinic up as a YAML file says; run again, it changes nothing. Ends with 'changed N'. A file with "
        "errors changes nothing: each is printed with its line and key, and the exit code is 2."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.yaml")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            applied = load(path, by=Actor.system("load_clinic"), now=timezone.now(), dry_run=options["dry_run"])
        except ClinicFileRefused as error:
            for problem in error.problems:
                self.stderr.write(f"{path}: {problem}")
            raise SystemExit(2) from error
        except BusyNow as error:
            self.stderr.write("Others are booking at this clinic right now. Nothing was changed: please run it again.")
            raise SystemExit(2) from error
        except ZoneInUse as error:
            self.stderr.write(f"{path}: clinic.time_zone: {error}")
            raise SystemExit(2) from error
        for name, count in applied.changes.items():
            if count:
                self.stderr.write(f"{name}: {count}")
        self.stdout.write(f"{'would change' if options['dry_run'] else 'changed'} {applied.changed}")
