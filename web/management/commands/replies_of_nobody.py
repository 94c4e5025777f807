"""`replies_of_nobody`: strangers' replies that no clinic sees where several organisations share a server."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.inbox import give_to_clinic, replies_of_nobody
from scheduling.events import Actor
from scheduling.models import Clinic
from scheduling.typed_numbers import read_number


class Command(BaseCommand):
    help = (
        "Prints, as JSON, the open replies of strangers to nobody's number: no organisation sees them, for they may be "
        "another's. --give ID ORGANISATION/CLINIC puts one into that clinic's inbox. Exit code 1: it is not there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--give", nargs=2, metavar=("ID", "ORGANISATION/CLINIC"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["give"]:
            self._give(*options["give"])
            return
        rows = [
            {
                "id": row.pk,
                "received_at": row.received_at.isoformat(),
                "channel": row.channel,
                "sender": row.sender,
                "subject": row.subject,
                "text": row.text,
            }
            for row in replies_of_nobody()
        ]
        self.stdout.write(json.dumps(rows))

    def _give(self, ident: str, place: str) -> None:
        organisation, _, slug = place.partition("/")
        clinic = Clinic.objects.filter(organisation__slug=organisation, slug=slug).first()
        reply = replies_of_nobody().filter(pk=read_number(ident) or 0).first()
        by = Actor.system("replies_of_nobody")
        if clinic is None or reply is None or not give_to_clinic(reply=reply, clinic=clinic, by=by, now=timezone.now()):
            self.stderr.write(f"There is no reply {ident} of nobody, or no clinic {place}.")
            raise SystemExit(1)
        self.stderr.write(f"It is in the inbox of {place}.")
