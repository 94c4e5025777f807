"""Addresses of many patients at once. What a person at the desk put in since is never replaced by an older number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from notifications.addresses import normalise, set_address, take_up
from notifications.models import Address, AddressKind, PatientAddress
from scheduling import events
from scheduling.events import Actor, Entry
from scheduling.models import Organisation, Patient

LONGEST = 254


@dataclass(frozen=True, slots=True)
class ImportedAddress:
    """A patient's number or mailbox as another system has it."""

    patient_id: int
    kind: AddressKind
    raw: str

    @property
    def key(self) -> tuple[AddressKind, str | None, str]:
        """What makes it the same address again: its value, or its text where it has none."""
        value = normalise(self.kind, self.raw)
        return (self.kind, value, "" if value else self.raw.strip()[:LONGEST])


def import_addresses(
    *, organisation: Organisation, said: Sequence[ImportedAddress], new: Collection[int], by: Actor, now: datetime
) -> set[int]:
    """Gives patients their addresses, at most one of a kind each; the answer is the ids of those it changed.

    `new` are patients of this import, whom nobody has to be told about. Anyone else keeps an address of the kind unless
    `said` is a usable one that was never theirs. Records `patient.address_set`.
    """
    with transaction.atomic():
        links: dict[int, list[PatientAddress]] = defaultdict(list)
        rows = PatientAddress.objects.filter(patient_id__in=[one.patient_id for one in said]).select_related("address")
        for row in rows:
            links[row.patient_id].append(row)
        fresh = [one for one in said if one.patient_id in new]
        changed = {one.patient_id for one in said if one.patient_id not in new and _is_news(one, links[one.patient_id])}
        # As set_address does one by one, but in one order: somebody at the desk may be at two of them meanwhile.
        locked = Patient.objects.filter(pk__in=changed).order_by("pk").select_for_update(no_key=True)
        theirs = {patient.pk: patient for patient in locked}
        for one in said:
            if one.patient_id in changed and _is_news(one, links[one.patient_id]):
                set_address(patient=theirs[one.patient_id], kind=one.kind, raw=one.raw, by=by, now=now)
        _write(organisation, fresh, by=by, now=now)
    return changed | {one.patient_id for one in fresh}


def _is_news(one: ImportedAddress, links: Sequence[PatientAddress]) -> bool:
    kind, value, raw = one.key
    for link in links:
        same = link.address.value == value if value else link.address.value is None and link.address.raw == raw
        if link.address.kind == kind and same:
            return False
    has_one = any(link.ended_at is None and link.address.kind == kind for link in links)
    return value is not None or not has_one


def _write(organisation: Organisation, said: Sequence[ImportedAddress], *, by: Actor, now: datetime) -> None:
    rows = {
        one.key: Address(
            organisation=organisation, kind=one.kind, value=one.key[1], raw=one.raw.strip()[:LONGEST], created_at=now
        )
        for one in said
    }
    # Families share numbers, and another desk may be adding one of these right now.
    Address.objects.bulk_create(rows.values(), ignore_conflicts=True)
    values = [value for _, value, _ in rows if value]
    texts = [raw for _, value, raw in rows if not value]
    found = Address.objects.filter(
        Q(value__in=values) | Q(value__isnull=True, raw__in=texts), organisation=organisation
    )
    ids = {(AddressKind(row.kind), row.value, "" if row.value else row.raw): row.pk for row in found}
    PatientAddress.objects.bulk_create(
        PatientAddress(organisation=organisation, patient_id=one.patient_id, address_id=ids[one.key], given_at=now)
        for one in said
    )
    take_up([ids[one.key] for one in said])
    entries = [Entry("patient.address_set", patient_id=one.patient_id, data={"address": ids[one.key]}) for one in said]
    events.record(organisation_id=organisation.pk, entries=entries, by=by, now=now)
