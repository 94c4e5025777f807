"""`export_clinic SLUG`: a clinic as a file that `load_clinic` takes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from scheduling.models import Clinic
from web.clinic_file import text_of


class Command(BaseCommand):
    help = "Prints a clinic as YAML for load_clinic: a copy to keep, or a start for the next site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the clinic's slug, or organisation/clinic where two share one")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation, _, slug = options["slug"].rpartition("/")
        clinics = Clinic.objects.filter(slug=slug).select_related("organisation").order_by("organisation__slug")
        if organisation:
            clinics = clinics.filter(organisation__slug=organisation)
        found = list(clinics)
        if len(found) != 1:
            names = [f"{clinic.organisation.slug}/{clinic.slug}" for clinic in found or Clinic.objects.all()]
            self.stderr.write(f"No one clinic is called {options['slug']}. There is: {', '.join(names) or 'none'}.")
            raise SystemExit(2)
        self.stdout.write(text_of(found[0]), ending="")
