"""Where a patient is reached: numbers and mailboxes as given, normalised, never messaged when they make no sense."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import phonenumbers
from django.db import transaction

from notifications.models import Address, AddressKind, PatientAddress
from notifications.reasons import GIVEN_UP_ADDRESS, WRONG_NUMBER
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Patient

REGION = "US"
# Why an address is stopped that may well be somebody else's by now.
MAY_BE_ANOTHERS = (GIVEN_UP_ADDRESS, WRONG_NUMBER)
# Deliberately narrow: what mail servers take without quoting or SMTPUTF8.
MAILBOX = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


class NotTheirAddress(Exception):
    """The address is not, or no longer, the patient's."""


def normalise(kind: AddressKind, raw: str) -> str | None:
    """The number as E.164 or the mailbox in lower case; None when it can't be one."""
    text = raw.strip()
    if kind is AddressKind.EMAIL:
        lower = text.lower()
        return lower if len(lower) <= 254 and MAILBOX.fullmatch(lower) and ".." not in lower else None
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    # A number with an extension is answered by a switchboard, which takes no texts.
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def set_address(
    *, patient: Patient, kind: AddressKind, raw: str, by: Actor, now: datetime, preferred: bool = False
) -> Address:
    """Makes `raw` the patient's address of this kind, in place of the one before; its consent starts anew.

    The one before is stopped where nobody else has it, and one that was given up or a wrong number works again. What
    is not a number or mailbox is kept as text and never messaged. The same address again changes nothing.
    Records `patient.address_set` (with ids only) and has the planner look at the patient.
    """
    permissions.check(by, "address.change", organisation_id=patient.organisation_id)
    with transaction.atomic():
        # A send under way reads this row FOR SHARE: it begins before this commit or sees the new address.
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        address = _address(patient, AddressKind(kind), raw.strip()[:254], now)
        links = PatientAddress.objects.filter(patient=patient, ended_at=None)
        link = links.filter(address=address).first()
        if link is not None and (link.preferred or not preferred):
            return address
        before = links.filter(address__kind=address.kind).exclude(address=address)
        given_up = list(before.values_list("address_id", flat=True))
        before.update(ended_at=now, preferred=False)
        if preferred:
            links.exclude(address=address).update(preferred=False)
        begins = {"given_at": now, "verified_at": None, "told_apart_label": ""} if link is None else {}
        PatientAddress.objects.update_or_create(
            patient=patient,
            address=address,
            defaults={"ended_at": None, "preferred": preferred, **begins},
            create_defaults={"organisation_id": patient.organisation_id, "given_at": now, "preferred": preferred},
        )
        take_up([address.pk])
        _stop_where_nobody_is(given_up, now)
        entry = Entry("patient.address_set", patient_id=patient.pk, data={"address": address.pk}, tell=True)
        events.record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return address


def take_up(address_ids: Sequence[int]) -> None:
    """Addresses that somebody gives as their own work again where they had only been given up or been wrong numbers."""
    Address.objects.filter(pk__in=address_ids, stop_reason__in=MAY_BE_ANOTHERS).update(stopped_at=None, stop_reason="")


def _stop_where_nobody_is(address_ids: Sequence[int], now: datetime) -> None:
    """Whoever gets such a number next is a stranger. Nobody is reached there any more, so there is nobody to plan."""
    left = Address.objects.filter(pk__in=address_ids, value__isnull=False, stopped_at=None)
    left.exclude(patients__ended_at=None).update(stopped_at=now, stop_reason=GIVEN_UP_ADDRESS)


def check_theirs(patient: Patient, address: Address) -> None:
    """Refuses with NotTheirAddress what is not the patient's address now."""
    if not PatientAddress.objects.filter(patient=patient, address=address, ended_at=None).exists():
        raise NotTheirAddress


def tell_apart(*, patient: Patient, address: Address, label: str, by: Actor, now: datetime) -> None:
    """Says whose an address is that several share ("his wife's phone"), at most 40 characters; empty takes it back.

    Refuses with NotTheirAddress. Records `patient.address_told_apart`.
    """
    permissions.check(by, "address.change", organisation_id=patient.organisation_id)
    with transaction.atomic():
        links = PatientAddress.objects.filter(patient=patient, address=address, ended_at=None)
        if not links.update(told_apart_label=label.strip()[:40]):
            raise NotTheirAddress
        entry = Entry("patient.address_told_apart", patient_id=patient.pk, data={"address": address.pk})
        events.record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)


def stop_address(*, address: Address, reason: str, by: Actor, now: datetime) -> None:
    """Stops an address for everyone on it, whatever consent says; `reason` is one word. Twice changes nothing.

    Records `address.stopped` for each patient reached there, whom the planner then looks at.
    """
    with transaction.atomic():
        stopped = Address.objects.filter(pk=address.pk, stopped_at=None).update(stopped_at=now, stop_reason=reason)
        if stopped:
            _record_for_patients(address, "address.stopped", by=by, now=now, reason=reason)


def reopen_address(*, address: Address, by: Actor, now: datetime) -> None:
    """Takes a stop back (the patient opted in again, a number was put right). Records `address.reopened`."""
    with transaction.atomic():
        opened = Address.objects.filter(pk=address.pk, stopped_at__isnull=False).update(stopped_at=None, stop_reason="")
        if opened:
            _record_for_patients(address, "address.reopened", by=by, now=now)


def _record_for_patients(address: Address, verb: str, *, by: Actor, now: datetime, reason: str = "") -> None:
    patients = PatientAddress.objects.filter(address=address, ended_at=None).values_list("patient_id", flat=True)
    entries = [
        Entry(verb, patient_id=patient, reason=reason, data={"address": address.pk}, tell=True) for patient in patients
    ]
    events.record(organisation_id=address.organisation_id, entries=entries, by=by, now=now)


def _address(patient: Patient, kind: AddressKind, raw: str, now: datetime) -> Address:
    value = normalise(kind, raw)
    same = {"value": value} if value else {"value": None, "raw": raw}
    # Conflict-safe: two desks may type the same new number at once.
    return Address.objects.get_or_create(
        organisation_id=patient.organisation_id, kind=kind, **same, defaults={"raw": raw, "created_at": now}
    )[0]
