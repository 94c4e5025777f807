"""Background work of the pages: the edge that reads the clock and calls one function."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from web.downtime_files import write_due_sheets

# Below the task's soft time limit (60 s); what is left is taken up by the next one.
WRITE_FOR = 40


@shared_task(name="web.tasks.write_downtime_sheets")
def write_downtime_sheets(**legacy: object) -> None:
    """Writes the downtime sheets that are an hour old; what remains is taken next time."""
    end = time.monotonic() + WRITE_FOR
    write_due_sheets(now=timezone.now(), until=lambda: time.monotonic() > end)
