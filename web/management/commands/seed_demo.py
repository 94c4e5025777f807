"""`seed_demo`: the demo clinic, made once and brought to now at every start."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from web.demo.clinic import NotTheDemo, bring_to_now


class Command(BaseCommand):
    help = (
        "Makes the demo clinic of examples/harbor.yaml with synthetic patients, and at later starts adds what today "
        "needs. Its opening hours today are widened to reach around now. Only in embedded mode."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            is_changed = bring_to_now(now=timezone.now())
        except NotTheDemo as error:
            self.stderr.write(
                "seed_demo makes accounts whose passwords are public, so it works only without DATABASE_URL."
            )
            raise SystemExit(2) from error
        self.stdout.write("the demo clinic is at now" if is_changed else "the demo clinic was at now already")
