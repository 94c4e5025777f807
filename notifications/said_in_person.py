"""What somebody has told a patient themselves, and when they last had its messages sent at once. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from notifications.models import ToldInPerson
from notifications.notice_facts import InPerson, Visit
from notifications.telling import SENT_NOW
from scheduling.models import Appointment, Event, Patient


def read_in_person(patient: Patient, visits: Sequence[Visit]) -> list[InPerson]:
    """What somebody told the patient themselves: of a visit, or of what became of an order and so of its visits."""
    rows = list(ToldInPerson.objects.filter(patient=patient).order_by("pk"))
    if not rows:
        return []
    orders = dict(
        Appointment.objects.filter(pk__in=[visit.id for visit in visits if visit.by_clinician]).values_list(
            "pk", "order_id"
        )
    )
    of_visits = [
        InPerson(row.visit_id, row.told_version, row.told_at, row.and_send)
        for row in rows
        if row.visit_id is not None and row.told_version is not None
    ]
    of_orders = [
        InPerson(visit.id, visit.told_version, row.told_at, row.and_send)
        for row in rows
        for visit in visits
        if row.order_id is not None and orders.get(visit.id) == row.order_id and visit.known_since <= row.told_at
    ]
    return of_visits + of_orders


def read_hurried_at(patient: Patient) -> datetime | None:
    """When somebody last had this patient's waiting messages sent at once."""
    pressed = Event.objects.filter(patient=patient, verb=SENT_NOW).order_by("-recorded_at")
    return pressed.values_list("recorded_at", flat=True).first()
