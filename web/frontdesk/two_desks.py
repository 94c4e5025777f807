"""Two people at one visit: what the other one did since this page was made, who it was, and when."""

from __future__ import annotations

from scheduling.models import Appointment
from web.frontdesk.history import Happened, history_of

MOST_LINES = 3


def done_since(visit: Appointment, row_version: int | None) -> list[Happened]:
    """The last that happened to a visit since it had this version, oldest first; empty where it still has it. Every
    write makes one version, and not every one is worth a line."""
    if row_version is None or row_version >= visit.row_version:
        return []
    return history_of(visit)[-min(visit.row_version - row_version, MOST_LINES) :]
