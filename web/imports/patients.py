"""Importing a file of patients with their contacts, batch by batch: good rows are kept, bad ones are listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, transaction

from notifications.addresses import normalise
from notifications.addresses_import import ImportedAddress, import_addresses
from notifications.models import AddressKind
from scheduling.events import Actor
from scheduling.locking import BusyNow
from scheduling.models import Organisation
from scheduling.patients_import import Result, import_patients
from web.imports.languages import UNKNOWN
from web.imports.patient_file import Row, read_patients
from web.imports.patient_record import PatientRecord

BATCH = 250


@dataclass(frozen=True, slots=True)
class Refusal:
    """Where in the file, at which field, and why; nothing of what stood there."""

    place: str
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.field}{' ' if self.field else ''}{self.reason}"


@dataclass
class Report:
    """How an import went."""

    counts: Counter[Result] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    left_out: int = 0
    deceased: int = 0
    unusable: Counter[AddressKind] = field(default_factory=Counter)
    unknown_languages: int = 0

    @property
    def last_line(self) -> str:
        return ", ".join(f"{result} {self.counts[result]}" for result in Result)

    def notes(self) -> list[str]:
        """One sentence for each thing worth knowing, however many it concerns."""
        called = {AddressKind.PHONE: "phone numbers", AddressKind.EMAIL: "e-mail addresses"}
        notes = [
            f"{self.unusable[kind]} imported {words} can't be used; kept as text"
            for kind, words in called.items()
            if self.unusable[kind]
        ]
        if self.deceased:
            notes.append(f"{self.deceased} of them have died; they are never messaged and shown only on request")
        if self.unknown_languages:
            notes.append(f"{self.unknown_languages} languages were not recognised; kept as not known")
        if self.left_out:
            notes.append(f"{self.left_out} entries that are not patients were left out")
        return notes


@dataclass
class _Seen:
    """What the file had before, so that a number that stands twice is neither added twice nor overwritten."""

    first: dict[tuple[str, str], tuple[str, PatientRecord]] = field(default_factory=dict)

    def before(self, row: Row, record: PatientRecord) -> tuple[str, PatientRecord] | None:
        earlier = next((self.first[key] for key in record.keys if key in self.first), None)
        if earlier is None:
            self.first |= dict.fromkeys(record.keys, (row.place, record))
        return earlier


def import_file(
    path: Path,
    *,
    organisation: Organisation,
    by: Actor,
    now: datetime,
    dry_run: bool = False,
    progress: Callable[[int], object],
) -> Report:
    """Takes the file's patients in; with `dry_run` finds out the same and takes each batch back.

    Refuses with FileUnusable, and with BusyNow while another import of the organisation is at work. Each batch is a
    transaction with its events, so a stopped import is simply run again.
    """
    report = Report()
    seen = _Seen()
    rows = read_patients(path, now)
    done = 0
    while batch := list(islice(rows, BATCH)):
        wanted = [(row, record) for row, record in _accepted(batch, seen, report)]
        try:
            _write(wanted, report, organisation=organisation, by=by, now=now, dry_run=dry_run)
        except (IntegrityError, BusyNow):
            # The desk was at one of these patients at the same moment; once more, now that it is there to be found.
            _write(wanted, report, organisation=organisation, by=by, now=now, dry_run=dry_run)
        done += len(batch)
        progress(done)
    return report


def _accepted(batch: list[Row], seen: _Seen, report: Report) -> Iterator[tuple[Row, PatientRecord]]:
    for row in batch:
        if row.refused is not None:
            _refuse(report, row, row.refused.field, row.refused.reason)
        elif row.record is None:
            report.left_out += 1
        elif (earlier := seen.before(row, row.record)) is None:
            yield row, row.record
        elif earlier[1] == row.record:
            report.counts[Result.UNCHANGED] += 1
        else:
            _refuse(report, row, "", f"has the MRN or identifier of {earlier[0]} and says something else")


def _refuse(report: Report, row: Row, field_name: str, reason: str) -> None:
    report.counts[Result.REFUSED] += 1
    report.refusals.append(Refusal(row.place, field_name, reason))


def _write(
    wanted: list[tuple[Row, PatientRecord]],
    report: Report,
    *,
    organisation: Organisation,
    by: Actor,
    now: datetime,
    dry_run: bool,
) -> None:
    with transaction.atomic():
        outcomes = import_patients(
            organisation=organisation, records=[record.patient for _, record in wanted], by=by, now=now
        )
        addresses = [
            address
            for (_, record), outcome in zip(wanted, outcomes, strict=True)
            if outcome.patient_id is not None
            for address in _addresses(record, outcome.patient_id)
        ]
        new = {outcome.patient_id for outcome in outcomes if outcome.result == Result.CREATED and outcome.patient_id}
        changed = import_addresses(organisation=organisation, said=addresses, new=new, by=by, now=now)
        transaction.set_rollback(dry_run)
    report.unusable.update(address.kind for address in addresses if normalise(address.kind, address.raw) is None)
    for (row, record), outcome in zip(wanted, outcomes, strict=True):
        if outcome.result == Result.REFUSED:
            _refuse(report, row, "identifier", outcome.reason)
            continue
        is_changed = outcome.result == Result.UNCHANGED and outcome.patient_id in changed
        report.counts[Result.CHANGED if is_changed else outcome.result] += 1
        report.deceased += record.patient.is_deceased
        report.unknown_languages += record.patient.language == UNKNOWN


def _addresses(record: PatientRecord, patient_id: int) -> Iterator[ImportedAddress]:
    """One of each kind: the first that can be used, or else the first."""
    for kind, texts in ((AddressKind.PHONE, record.phones), (AddressKind.EMAIL, record.emails)):
        chosen = next((text for text in texts if normalise(kind, text)), texts[0] if texts else "")
        if chosen:
            yield ImportedAddress(patient_id, kind, chosen)
