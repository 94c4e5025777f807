"""What a person says about messages: I have told them, send it now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from notifications.models import ToldInPerson
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Appointment, Order, Patient

TOLD, SENT_NOW = "patient.told_in_person", "patient.messages_sent_now"


class NothingToTell(Exception):
    """Neither a visit nor an order of this patient was named, or both were."""


def told_in_person(
    *,
    patient: Patient,
    visit: Appointment | None = None,
    order: Order | None = None,
    and_send: bool = False,
    by: Actor,
    now: datetime,
) -> ToldInPerson:
    """Somebody has told the patient of a visit as it stands, or of what became of an order. Without `and_send` they
    know and no message follows; with it the one that waited for this goes at once.

    What became of an order only clinicians tell. Refuses with NothingToTell. Records `patient.told_in_person`, whom the
    planner then looks at.
    """
    needed = "order.tell_patient" if order is not None and visit is None else "patient.tell"
    permissions.check(by, needed, organisation_id=patient.organisation_id)
    if (visit is None) == (order is None) or any(one.patient_id != patient.pk for one in (visit, order) if one):
        raise NothingToTell
    with transaction.atomic():
        # A send under way reads this row FOR SHARE: it begins before this commit or sees that they know.
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        if visit is not None:
            visit = Appointment.objects.get(pk=visit.pk)
        told = ToldInPerson.objects.create(
            patient=patient,
            visit=visit,
            told_version=visit.told_version if visit else None,
            order=order,
            and_send=and_send,
            told_by_id=by.staff_id,
            told_at=now,
        )
        entry = Entry(
            TOLD,
            clinic_id=by.clinic_id,
            appointment_id=visit.pk if visit else None,
            order_id=order.pk if order else None,
            patient_id=patient.pk,
            data={"told": told.pk, "and_send": and_send},
            tell=True,
        )
        events.record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return told


def told_of_visits(*, patient: Patient, visits: Iterable[Appointment], by: Actor, now: datetime) -> None:
    """Somebody has told the patient of each of these visits, and no message follows; as `told_in_person`."""
    with transaction.atomic():
        for visit in visits:
            told_in_person(patient=patient, visit=visit, by=by, now=now)


def send_now(*, patient: Patient, by: Actor, now: datetime) -> None:
    """What waits to be told to this patient waits no longer: neither for the grace time nor for somebody to tell them.
    Quiet hours and reminders stay as they are. Records `patient.messages_sent_now`."""
    permissions.check(by, "patient.tell", organisation_id=patient.organisation_id)
    with transaction.atomic():
        entry = Entry(SENT_NOW, clinic_id=by.clinic_id, patient_id=patient.pk, tell=True)
        events.record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
