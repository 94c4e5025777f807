"""`import_patients FILE`: takes in patients from FHIR R4 (NDJSON, Bundle, Patient) or CSV."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand
from django.utils import timezone

from scheduling.events import Actor
from scheduling.locking import BusyNow
from scheduling.models import Organisation
from scheduling.patients_import import Result
from web.imports.patient_file import FileUnusable
from web.imports.patients import Report, import_file


class Command(BaseCommand):
    help = (
        "Takes in patients from FHIR R4 (NDJSON, a Bundle or a Patient) or a CSV table with mrn, given, family and "
        "birth_date; the content decides. Rows that can't be used are listed, the others kept; a second run changes "
        "nothing. Ends with 'created N, changed N, unchanged N, refused N'. Exit code 2: nothing could be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="find out what would happen, and change nothing")
        parser.add_argument("--organisation", metavar="SLUG", help="whose patients they are, where there are several")
        parser.add_argument("--json", action="store_true", help="the result as JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = self._organisation(options["organisation"])
        try:
            report = import_file(
                options["file"],
                organisation=organisation,
                by=Actor.system("import_patients"),
                now=timezone.now(),
                dry_run=options["dry_run"],
                progress=lambda rows: self.stderr.write(f"{rows} rows read"),
            )
        except FileUnusable as error:
            self._stop(f"{options['file']}: {error}.")
        except BusyNow:
            self._stop("Others are changing these patients right now. What was read is kept: please run it again.")
        for refusal in report.refusals:
            self.stderr.write(str(refusal))
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report, dry_run=options["dry_run"])))
            return
        for note in report.notes():
            self.stdout.write(note)
        if options["dry_run"]:
            self.stdout.write("dry run: nothing was written")
        self.stdout.write(report.last_line)

    def _organisation(self, slug: str | None) -> Organisation:
        found = list(Organisation.objects.exclude(clinics__is_practice=True).order_by("slug")[:20])
        chosen = [one for one in found if slug in (None, one.slug)]
        if len(chosen) == 1:
            return chosen[0]
        names = ", ".join(one.slug for one in found)
        none_yet = "There is no organisation yet: load a clinic first (load_clinic FILE.yaml)."
        return self._stop(f"Which organisation? --organisation takes one of: {names}." if found else none_yet)

    def _stop(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        raise SystemExit(2)


def _as_json(report: Report, *, dry_run: bool) -> dict[str, Any]:
    return {
        **{str(result): report.counts[result] for result in Result},
        "refusals": [{"place": r.place, "field": r.field, "reason": r.reason} for r in report.refusals],
        "notes": report.notes(),
        "dry_run": dry_run,
    }
