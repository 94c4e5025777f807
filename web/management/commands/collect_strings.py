"""`collect_strings`: brings the Spanish catalogue in step with the strings in the code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand

from web.translatable import bring_up_to_date, find_messages


class Command(BaseCommand):
    """Adds new strings without a translation, drops those that are gone, and says what is left to translate."""

    help = "Adds new strings to the Spanish catalogue, drops those that are gone, and counts what is left to translate."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Rewrite the catalogue in place."""
        path = Path(settings.LOCALE_PATHS[0]) / "es" / "LC_MESSAGES" / "django.po"
        catalogue = polib.pofile(str(path), wrapwidth=100)
        bring_up_to_date(catalogue, find_messages(settings.BASE_DIR))
        catalogue.save()
        self.stdout.write(f"{len(catalogue)} strings, {len(catalogue.untranslated_entries())} without Spanish")
