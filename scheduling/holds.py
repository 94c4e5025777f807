"""Kept times whose end has passed: free to every reader, and released before anyone writes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import F, Q

from scheduling.events import Actor, Entry, record
from scheduling.models import Appointment, Clinic, Status

BY: Final = Actor.system("holds")


def release_expired(*, clinic: Clinic, patient_id: int, now: datetime) -> int:
    """Releases kept times that ended, of this clinic and of this patient anywhere; returns how many.

    Call it under `lock_for`. Records `appointment.released` for each.
    """
    over = Appointment.objects.filter(Q(clinic=clinic) | Q(patient_id=patient_id), held_until__lte=now)
    visits = list(over.select_for_update(skip_locked=True).order_by("pk"))
    if visits:
        Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).update(
            status=Status.RELEASED, held_until=None, row_version=F("row_version") + 1
        )
        entries = [
            Entry("appointment.released", clinic_id=v.clinic_id, appointment_id=v.pk, patient_id=v.patient_id)
            for v in visits
        ]
        record(organisation_id=clinic.organisation_id, entries=entries, by=BY, now=now)
    return len(visits)
