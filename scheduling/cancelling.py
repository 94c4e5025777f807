"""Cancelling a booked visit: its places are free at once, and who, why and how late is kept."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Appointment, CancelledBy, Status
from scheduling.visits import ChangedMeanwhile, NotPossibleFromHere, lock_visit


def cancel(
    *,
    appointment: Appointment,
    side: CancelledBy,
    reason: str,
    row_version: int | None = None,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Cancels a booked visit. `reason` is a code; notice is kept in minutes before the start (negative: after it).

    Refuses with ChangedMeanwhile when `row_version` is not the present one, and with NotPossibleFromHere unless the
    visit is booked. Records `appointment.cancelled`. Other visits of the series stay where they are.
    """
    permissions.check(
        by, "appointment.cancel", organisation_id=appointment.organisation_id, clinic_id=appointment.clinic_id
    )
    with writing():
        visit = lock_visit(appointment.pk)
        if row_version is not None and visit.row_version != row_version:
            raise ChangedMeanwhile
        if visit.status != Status.BOOKED:
            raise NotPossibleFromHere(visit.status)
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
        entry = Entry(
            "appointment.cancelled",
            clinic_id=visit.clinic_id,
            appointment_id=visit.pk,
            order_id=visit.order_id,
            patient_id=visit.patient_id,
            data={"side": side, "reason": reason, "notice_minutes": notice},
            tell=True,
        )
        record(organisation_id=visit.organisation_id, entries=[entry], by=by, now=now)
    appointment.refresh_from_db()
    return appointment
