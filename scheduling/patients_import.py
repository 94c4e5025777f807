"""Patients from elsewhere, many at a time: who is already here, who is new, what changed, and who can't be told apart.

A record is found again by its identifiers (system and value) and its MRN. Rows are only added to and updated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import F

from scheduling import patients, permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Organisation, Patient, PatientIdentifier

Identifier = tuple[str, str]
COMPARED = ("given_name", "family_name", "birth_date", "gender", "language", "second_language")


@dataclass(frozen=True, slots=True)
class ImportedPatient:
    """What another system says of one patient. Empty text says nothing and changes nothing."""

    given_name: str
    family_name: str
    birth_date: date
    mrn: str = ""
    identifiers: tuple[Identifier, ...] = ()
    preferred_name: str = ""
    gender: str = ""
    language: str = ""
    second_language: str = ""
    is_deceased: bool = False
    deceased_at: datetime | None = None


class Result(StrEnum):
    """What an import did with a record."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one record: its patient, or why it was refused (in words without patient data)."""

    result: Result
    patient_id: int | None = None
    reason: str = ""


@dataclass
class _Known:
    """The patients of the organisation that a batch may mean."""

    patients: dict[int, Patient] = field(default_factory=dict)
    by_mrn: dict[str, int] = field(default_factory=dict)
    by_identifier: dict[Identifier, int] = field(default_factory=dict)
    by_value: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


def import_patients(
    *, organisation: Organisation, records: Sequence[ImportedPatient], by: Actor, now: datetime
) -> list[Outcome]:
    """Adds or updates each record's patient, in one transaction; the outcomes are in the order of `records`.

    No two records may share an MRN or identifier. Refused, without a change: identifiers of two patients, or of one
    with another name and birth date. Merged patients are left alone. Records `patient.imported`, `patient.changed`
    with the fields' names, and `patient.deceased` with all it frees.
    """
    permissions.check(by, "patient.import", organisation_id=organisation.pk)
    with writing():
        # One import at a time an organisation, so that two never add the same person; other work goes on.
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        known = _known(organisation, records)
        outcomes: list[Outcome] = []
        new: list[tuple[int, Patient]] = []
        identifiers: list[PatientIdentifier] = []
        entries: list[Entry] = []
        for index, said in enumerate(records):
            found, reason = _find(known, said)
            if reason:
                outcomes.append(Outcome(Result.REFUSED, reason=reason))
            elif found is None:
                new.append((index, _new_patient(organisation, said, by=by, now=now)))
                outcomes.append(Outcome(Result.CREATED))
            elif found.merged_into_id is not None:
                outcomes.append(Outcome(Result.UNCHANGED, found.merged_into_id))
            else:
                missing = [pair for pair in said.identifiers if pair not in known.by_identifier]
                identifiers += [_identifier(found, pair) for pair in missing]
                changed = _update(found, said, by=by, now=now)
                names = [*changed, *(["identifiers"] if missing else [])]
                if names:
                    entries.append(Entry("patient.changed", patient_id=found.pk, data={"fields": names}))
                outcomes.append(Outcome(Result.CHANGED if names else Result.UNCHANGED, found.pk))
        Patient.objects.bulk_create([patient for _, patient in new])
        for index, patient in new:
            outcomes[index] = Outcome(Result.CREATED, patient.pk)
            identifiers += [_identifier(patient, pair) for pair in records[index].identifiers]
            entries.append(Entry("patient.imported", patient_id=patient.pk))
        PatientIdentifier.objects.bulk_create(identifiers)
        record(organisation_id=organisation.pk, entries=entries, by=by, now=now)
    return outcomes


def _known(organisation: Organisation, records: Sequence[ImportedPatient]) -> _Known:
    known = _Known()
    values = {value for said in records for _, value in said.identifiers}
    mrns = {said.mrn for said in records if said.mrn}
    rows = PatientIdentifier.objects.filter(organisation=organisation, value__in=values)
    for system, value, patient_id in rows.values_list("system", "value", "patient_id"):
        known.by_identifier[system, value] = patient_id
        known.by_value[value].add(patient_id)
    of_organisation = Patient.objects.filter(organisation=organisation)
    known.by_mrn = dict(of_organisation.filter(mrn__in=mrns).values_list("mrn", "pk"))
    ids = {*known.by_identifier.values(), *known.by_mrn.values()}
    known.patients = {row.pk: row for row in of_organisation.filter(pk__in=ids).order_by("pk").select_for_update()}
    return known


def _find(known: _Known, said: ImportedPatient) -> tuple[Patient | None, str]:
    """The patient a record means, or None for a new one; or why it can't be said."""
    exact = {known.by_identifier[pair] for pair in said.identifiers if pair in known.by_identifier}
    by_mrn = known.by_mrn.get(said.mrn) if said.mrn else None
    if len(exact | ({by_mrn} if by_mrn else set())) > 1:
        return None, "its identifiers belong to different patients here"
    if exact:
        found = known.patients[exact.pop()]
        same = _same_birth_date(found, said) or _same_names(found, said) == 2
    elif by_mrn is not None:
        found = known.patients[by_mrn]
        # The same number from another hospital's system is a coincidence until name and birth date agree.
        elsewhere = said.identifiers and by_mrn in known.by_value.get(said.mrn, set())
        if elsewhere:
            same = _same_birth_date(found, said) and _same_names(found, said) >= 1
        else:
            same = _same_birth_date(found, said) or _same_names(found, said) == 2
    else:
        return None, ""
    return (found, "") if same else (None, "its MRN or identifier belongs to a patient of another name and birth date")


def _same_birth_date(patient: Patient, said: ImportedPatient) -> bool:
    return patient.birth_date is None or patient.birth_date == said.birth_date


def _same_names(patient: Patient, said: ImportedPatient) -> int:
    """How many of given and family name agree."""
    pairs = ((patient.given_name, said.given_name), (patient.family_name, said.family_name))
    return sum(here.casefold() == there.casefold() for here, there in pairs)


def _new_patient(organisation: Organisation, said: ImportedPatient, *, by: Actor, now: datetime) -> Patient:
    return Patient(
        organisation=organisation,
        mrn=said.mrn,
        given_name=said.given_name,
        family_name=said.family_name,
        preferred_name=said.preferred_name,
        birth_date=said.birth_date,
        gender=said.gender,
        language=said.language or "en",
        second_language=said.second_language,
        deceased_at=(said.deceased_at or now) if said.is_deceased else None,
        created_at=now,
        created_by_id=by.user_id,
    )


def _identifier(patient: Patient, pair: Identifier) -> PatientIdentifier:
    return PatientIdentifier(organisation_id=patient.organisation_id, patient=patient, system=pair[0], value=pair[1])


def _update(patient: Patient, said: ImportedPatient, *, by: Actor, now: datetime) -> list[str]:
    """Writes what differs and returns the names of the fields. A preferred name is the desk's to change."""
    changes: dict[str, Any] = {
        name: wanted for name in COMPARED if (wanted := getattr(said, name)) and wanted != getattr(patient, name)
    }
    if said.mrn and not patient.mrn:
        changes["mrn"] = said.mrn
    if changes:
        Patient.objects.filter(pk=patient.pk).update(**changes, row_version=F("row_version") + 1)
    if said.is_deceased and patient.deceased_at is None:
        patients.record_death(patient=patient, died_at=said.deceased_at or now, by=by, now=now)
        return [*changes, "deceased_at"]
    return list(changes)
