"""`verify_audit`: seals what is committed, then checks every chain of the audit trail; exit 1 when one is broken."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scheduling.models import EventSeal
from scheduling.sealing import seal_events, verify_chain


class Command(BaseCommand):
    """Reads every event once; says one line a chain."""

    help = "Checks that the audit trail is unbroken: every event is what was sealed, and none is missing."

    def handle(self, *args: Any, **options: Any) -> None:
        while seal_events(now=timezone.now()):
            pass
        chains = list(EventSeal.objects.order_by("chain").values_list("chain", flat=True).distinct())
        broken = 0
        for chain in chains:
            wrong = verify_chain(chain)
            broken += bool(wrong)
            count = EventSeal.objects.filter(chain=chain).count()
            self.stdout.write(f"{chain}: {count} events, {'unbroken' if not wrong else 'BROKEN'}")
            for line in wrong:
                self.stdout.write(f"  {line}")
        if broken:
            raise CommandError(f"{broken} of {len(chains)} chains are broken")
