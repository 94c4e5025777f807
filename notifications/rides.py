"""Who drives the patient home."""

from __future__ import annotations

from datetime import datetime

from notifications.models import RideHome
from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import PATIENT_IS_THERE, Appointment, Status
from scheduling.visit_steps import NotPossibleFromHere, lock_visit


def name_driver(*, visit: Appointment, driver: str, phone: str = "", by: Actor, now: datetime) -> None:
    """Notes who drives home from a visit, in place of whoever was named before; the same again changes nothing.

    Refuses with NotPossibleFromHere a visit that is cancelled or over. Records `appointment.ride_named` without the
    name, and has the planner look at the patient.
    """
    permissions.check(by, "appointment.name_driver", organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)
    said = {"driver": " ".join(driver.split()), "phone": " ".join(phone.split())}
    with writing():
        locked = lock_visit(visit.pk)
        if locked.status not in (Status.BOOKED, *PATIENT_IS_THERE):
            raise NotPossibleFromHere(locked.status)
        if RideHome.objects.filter(visit=locked, **said).exists():
            return
        RideHome.objects.update_or_create(visit=locked, defaults={**said, "said_by_id": by.user_id, "said_at": now})
        entry = Entry.of_visit("appointment.ride_named", locked, tell=True)
        record(organisation_id=locked.organisation_id, entries=[entry], by=by, now=now)
