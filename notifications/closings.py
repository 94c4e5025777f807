"""Which of a patient's visits a closure of the clinic falls on. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from notifications.closure_by_night import MAY_WAKE
from notifications.notice_facts import Closing
from scheduling.models import Appointment, Closure, Event

CLOSED = "clinic.closed"


def read_closings(rows: Sequence[Appointment], now: datetime) -> dict[int, Closing]:
    """By visit id the first closure that it falls into."""
    if not rows:
        return {}
    closures = list(
        Closure.objects.filter(clinic__in={row.clinic_id for row in rows}, period__endswith__gt=now).order_by("pk")
    )
    if not closures:
        return {}
    ids = [closure.pk for closure in closures]
    said = Event.objects.filter(verb__in=(CLOSED, MAY_WAKE), clinic__in={one.clinic_id for one in closures})
    events = {(event.verb, event.data["closure"]): event.recorded_at for event in said.filter(data__closure__in=ids)}
    return {
        row.pk: Closing(closure.pk, events.get((CLOSED, closure.pk)), (MAY_WAKE, closure.pk) in events)
        for closure in reversed(closures)
        for row in rows
        if row.clinic_id == closure.clinic_id
        and row.period.lower < closure.period.upper
        and closure.period.lower < row.period.upper
    }
