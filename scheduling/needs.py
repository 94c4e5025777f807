"""What a patient needs, and notes of the desk: shown wherever they are booked. No clinical facts stand here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import NeedKind, Patient, PatientNeed

LONGEST: Final = 300


def note_need(*, patient: Patient, kind: NeedKind, words: str, by: Actor, now: datetime) -> PatientNeed:
    """Writes down a need, in the patient's own words, or a note; at most 300 characters.

    Records `patient.need_noted`, which names the row and its kind, never the words.
    """
    permissions.check(by, "patient.change", organisation_id=patient.organisation_id)
    with writing():
        need = PatientNeed.objects.create(patient=patient, kind=kind, words=words, noted_at=now, noted_by_id=by.user_id)
        entry = Entry("patient.need_noted", patient_id=patient.pk, data={"need": need.pk, "kind": str(kind)})
        record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return need


def end_need(*, need: PatientNeed, by: Actor, now: datetime) -> bool:
    """It no longer holds. False where it had ended.

    Records `patient.need_ended`.
    """
    patient = need.patient
    permissions.check(by, "patient.change", organisation_id=patient.organisation_id)
    with writing():
        ended = PatientNeed.objects.filter(pk=need.pk, ended_at=None).update(ended_at=now, ended_by_id=by.user_id)
        if ended:
            entry = Entry("patient.need_ended", patient_id=patient.pk, data={"need": need.pk})
            record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return bool(ended)


def needs_of(patient_ids: Collection[int]) -> dict[int, list[PatientNeed]]:
    """What these patients need now, by patient; needs before notes. One query, none for nobody."""
    found: defaultdict[int, list[PatientNeed]] = defaultdict(list)
    if patient_ids:
        rows = PatientNeed.objects.filter(patient__in=patient_ids, ended_at=None).select_related("noted_by")
        for need in sorted(rows, key=lambda one: (one.kind == NeedKind.NOTE, one.pk)):
            found[need.patient_id].append(need)
    return dict(found)
