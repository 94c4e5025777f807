"""Letting kept times go: by whoever asks, and once their end has passed, when every reader counts them as free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from scheduling.events import Actor, record
from scheduling.freeing import release_rows
from scheduling.models import Appointment, Clinic, Status
from scheduling.visit_steps import NotPossibleFromHere

BY: Final = Actor.system("holds")
# Only held visits have an end; saying so lets the index over them answer, and it is nearly always empty.
OVER: Final = """
SELECT id FROM scheduling_appointment
WHERE status = 'held' AND held_until <= %s AND (clinic_id = %s OR patient_id = %s)
"""


def let_go(
    visits: Sequence[Appointment], *, patient_id: int, asked_for_id: int | None = None, by: Actor, now: datetime
) -> list[Appointment]:
    """Releases kept times of a patient; gives those that were still kept. Call it in the transaction of a verb.

    Refuses with NotPossibleFromHere one that is booked by now, is another patient's, or is kept for another question
    than `asked_for_id`.
    Records `appointment.released` for each.
    """
    if not visits:
        return []
    rows = Appointment.objects.select_for_update().filter(pk__in=[visit.pk for visit in visits])
    kept = [row for row in rows.order_by("pk") if row.status != Status.RELEASED]
    for row in kept:
        if (row.status, row.patient_id, row.asked_for_id) != (Status.HELD, patient_id, asked_for_id):
            raise NotPossibleFromHere(row.status)
    _release(kept, by=by, now=now)
    return kept


def release_expired(*, clinic: Clinic, patient_id: int, now: datetime) -> int:
    """Releases kept times that ended, of this clinic and of this patient anywhere; returns how many.

    Call it under `lock_for`. Records `appointment.released` for each.
    """
    with connection.cursor() as cursor:
        cursor.execute(OVER, [now, clinic.pk, patient_id])
        over = [pk for (pk,) in cursor.fetchall()]
    if not over:
        return 0
    held = Appointment.objects.filter(pk__in=over, held_until__lte=now)
    visits = list(held.select_for_update(skip_locked=True).order_by("pk"))
    _release(visits, by=BY, now=now)
    return len(visits)


def _release(visits: Sequence[Appointment], *, by: Actor, now: datetime) -> None:
    if visits:
        record(organisation_id=visits[0].organisation_id, entries=release_rows(visits), by=by, now=now)
