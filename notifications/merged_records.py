"""Merging two records, and taking it back, with where the person is reached: consent is the address's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.contact_wishes import ask_for_confidentiality, end_confidentiality, wishes_of
from notifications.models import PatientAddress
from scheduling import events
from scheduling.events import Actor, Entry
from scheduling.locking import writing
from scheduling.merging import MergeEffect, merge_patients
from scheduling.models import Event, Patient
from scheduling.unmerging import SplitEffect, split_patients

CARRIED = "patient.addresses_carried"


class TwoConfidentialPlaces(Exception):
    """Each record asks to be reached at one place alone, and not at the same: the patient has to say which."""


@dataclass(frozen=True, slots=True)
class AddressEffect:
    """Addresses that come along, since the record that is kept has none of their kind, or because the patient asked to
    be reached there alone; those that `stay` with the old record; and whether two such requests stand in the way."""

    along: Sequence[PatientAddress]
    stay: Sequence[PatientAddress]
    has_two_places: bool
    is_confidential: bool


def addresses_to_carry(duplicate: Patient, into: Patient) -> AddressEffect:
    """What becomes of the addresses of `duplicate`. Reads only, four queries."""
    mine, kept = _links(duplicate), _links(into)
    kinds = {link.address.kind for link in kept}
    there = {link.address_id for link in kept}
    only, only_there = wishes_of(duplicate).only_address_id, wishes_of(into).only_address_id
    others = [link for link in mine if link.address_id not in there]
    along = [link for link in others if link.address.kind not in kinds or link.address_id == only]
    return AddressEffect(
        along=along,
        stay=[link for link in others if link not in along],
        has_two_places=bool(only and only_there and only != only_there),
        is_confidential=bool(only and not only_there),
    )


def merge_records(
    *, duplicate: Patient, into: Patient, seen: int | None = None, by: Actor, now: datetime
) -> MergeEffect:
    """As `merge_patients`, and the addresses come along as `addresses_to_carry` says, with the request to be reached at
    one place alone.

    Refuses also with TwoConfidentialPlaces. Records also `patient.addresses_carried`, and `patient.contact_wishes_set`
    for such a request.
    """
    with writing():
        effect = merge_patients(duplicate=duplicate, into=into, seen=seen, by=by, now=now)
        addresses = addresses_to_carry(duplicate, into)
        if addresses.has_two_places:
            raise TwoConfidentialPlaces
        for link in addresses.along:
            PatientAddress.objects.update_or_create(
                patient=into,
                address=link.address,
                defaults={"ended_at": None, "given_at": now, "told_apart_label": link.told_apart_label},
                create_defaults={
                    "organisation_id": into.organisation_id,
                    "given_at": now,
                    "told_apart_label": link.told_apart_label,
                },
            )
        wishes = wishes_of(duplicate)
        if addresses.is_confidential and wishes.only_address is not None:
            note = wishes.confidential_note
            ask_for_confidentiality(patient=into, address=wishes.only_address, note=note, by=by, now=now)
        data = {
            "addresses": [link.address_id for link in addresses.along],
            "only": wishes.only_address_id if addresses.is_confidential else None,
        }
        entry = Entry(CARRIED, patient_id=into.pk, data=data | {"from": duplicate.pk}, tell=True)
        events.record(organisation_id=into.organisation_id, entries=[entry], by=by, now=now)
    return effect


def split_records(*, duplicate: Patient, seen: int | None = None, by: Actor, now: datetime) -> SplitEffect:
    """As `split_patients`, and addresses that came along are the other record's alone again, where nobody gave them
    anew since.

    Records also `patient.addresses_given_back`.
    """
    with writing():
        effect = split_patients(duplicate=duplicate, seen=seen, by=by, now=now)
        carried = Event.objects.filter(patient=effect.into, verb=CARRIED, data__contains={"from": duplicate.pk})
        last = carried.order_by("-pk").first()
        if last is None:
            return effect
        only = wishes_of(effect.into).only_address_id
        if only and only == last.data["only"]:
            end_confidentiality(patient=effect.into, by=by, now=now)
        links = PatientAddress.objects.filter(
            patient=effect.into, address__in=last.data["addresses"], given_at=last.happened_at, ended_at=None
        )
        given_back = list(links.values_list("address_id", flat=True))
        links.update(ended_at=now, preferred=False)
        data = {"addresses": given_back, "to": duplicate.pk}
        entry = Entry("patient.addresses_given_back", patient_id=effect.into.pk, data=data, tell=True)
        events.record(organisation_id=duplicate.organisation_id, entries=[entry], by=by, now=now)
    return effect


def _links(patient: Patient) -> list[PatientAddress]:
    rows = PatientAddress.objects.filter(patient=patient, ended_at=None).select_related("address")
    return list(rows.order_by("pk"))
