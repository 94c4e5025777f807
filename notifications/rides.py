"""Who drives the patient home."""

from __future__ import annotations

from datetime import datetime

from notifications.models import RideHome
from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import PATIENT_IS_THERE, Appointment, Status
from scheduling.visit_steps import NotPossibleFromHere, lock_visit

LEAST_DIGITS = 7


class NotANumber(Exception):
    """What was given as the driver's phone is none that somebody could dial."""


def is_number(phone: str) -> bool:
    """Whether somebody could dial it. Whether it exists is not asked: it is dialled by people alone, and may be of
    any country."""
    digits = sum(letter in "0123456789" for letter in phone)
    return digits >= LEAST_DIGITS and not any(letter.isalpha() for letter in phone)


def name_driver(*, visit: Appointment, driver: str, phone: str = "", by: Actor, now: datetime) -> None:
    """Notes who drives home from a visit, in place of whoever was named before; the same again changes nothing.

    `phone` may be empty. Refuses with NotANumber one that nobody could dial, and with NotPossibleFromHere a visit that
    is cancelled or over. Records `appointment.ride_named` without the name, and has the planner look at the
    patient.
    """
    permissions.check(by, "appointment.name_driver", organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)
    said = {"driver": " ".join(driver.split()), "phone": " ".join(phone.split())}
    if said["phone"] and not is_number(said["phone"]):
        raise NotANumber
    with writing():
        locked = lock_visit(visit.pk)
        if locked.status not in (Status.BOOKED, *PATIENT_IS_THERE):
            raise NotPossibleFromHere(locked.status)
        if RideHome.objects.filter(visit=locked, **said).exists():
            return
        RideHome.objects.update_or_create(visit=locked, defaults={**said, "said_by_id": by.user_id, "said_at": now})
        entry = Entry.of_visit("appointment.ride_named", locked, tell=True)
        record(organisation_id=locked.organisation_id, entries=[entry], by=by, now=now)
