"""How visits end before they began, as rows: cancelled on somebody's side, or let go. The verbs decide which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from scheduling.events import Entry
from scheduling.models import Appointment, CancelledBy, Status


def cancel_rows(visits: Sequence[Appointment], side: CancelledBy, reason: str, *, now: datetime) -> list[Entry]:
    """Cancels booked visits that the verb has locked; gives the events to record, `appointment.cancelled`.

    `reason` is a code; notice is kept in minutes before the start (negative: after it).
    """
    entries = []
    for visit in visits:
        notice = int((visit.period.lower - now).total_seconds() // 60)
        Appointment.objects.filter(pk=visit.pk).update(
            status=Status.CANCELLED,
            cancelled_at=now,
            cancelled_by=side,
            cancel_reason=reason,
            notice_minutes=notice,
            row_version=F("row_version") + 1,
            told_version=F("told_version") + 1,
        )
        data = {"side": side, "reason": reason, "notice_minutes": notice}
        entries.append(Entry.of_visit("appointment.cancelled", visit, data=data, tell=True))
    return entries


def release_rows(visits: Sequence[Appointment]) -> list[Entry]:
    """Lets kept times go that the verb has locked; gives the events to record, `appointment.released`."""
    Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).update(
        status=Status.RELEASED, held_until=None, row_version=F("row_version") + 1
    )
    return [Entry.of_visit("appointment.released", visit) for visit in visits]
