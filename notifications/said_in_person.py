"""What somebody has told a patient themselves, and when they last had its messages sent at once. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from notifications.models import ToldInPerson
from notifications.notice_facts import InPerson, Visit
from notifications.telling import SENT_NOW
from scheduling.models import Appointment, Event, Patient


def read_in_person(patient: Patient, visits: Sequence[Visit]) -> list[InPerson]:
    """What somebody told the patient themselves: of a visit, or of what became of an order and so of its visits."""
    return of_many([patient], {patient.pk: visits})[patient.pk]


def of_many(patients: Iterable[Patient], visits: Mapping[int, Sequence[Visit]]) -> dict[int, list[InPerson]]:
    """The same for several patients, each with their visits, by patient id."""
    found: dict[int, list[InPerson]] = {patient.pk: [] for patient in patients}
    rows = list(ToldInPerson.objects.filter(patient__in=found).order_by("pk")) if found else []
    if not rows:
        return found
    stopped = [visit.id for patient_id in found for visit in visits[patient_id] if visit.by_clinician or visit.pause]
    orders = dict(Appointment.objects.filter(pk__in=stopped).values_list("pk", "order_id"))
    for row in rows:
        if row.visit_id is not None and row.told_version is not None:
            found[row.patient_id].append(InPerson(row.visit_id, row.told_version, row.told_at, row.and_send))
    for row in rows:
        found[row.patient_id] += [
            InPerson(visit.id, visit.told_version, row.told_at, row.and_send)
            for visit in visits[row.patient_id]
            if row.order_id is not None
            and orders.get(visit.id) == row.order_id
            and visit.stands_so_since <= row.told_at
        ]
    return found


def read_hurried_at(patient: Patient) -> datetime | None:
    """When somebody last had this patient's waiting messages sent at once."""
    pressed = Event.objects.filter(patient=patient, verb=SENT_NOW).order_by("-recorded_at")
    return pressed.values_list("recorded_at", flat=True).first()
