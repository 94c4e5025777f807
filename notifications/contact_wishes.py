"""How a patient wants to be reached, as they or the desk say: which way, in which language, nowhere else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from notifications.addresses import check_theirs
from notifications.consent import CHANNEL_OF, consenting
from notifications.models import Address, AddressKind, ContactWishes, PatientAddress
from notifications.models.wishes import CALL
from notifications.notice_facts import ChannelName
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Clinic, Patient
from scheduling.patients import choose_language


class NotReachedThatWay(Exception):
    """No working number or mailbox of the patient's has agreed to this."""


def wishes_of(patient: Patient) -> ContactWishes:
    """What the patient wishes; without a row nothing in particular."""
    return ContactWishes.objects.filter(patient=patient).select_related("only_address").first() or ContactWishes(
        patient=patient
    )


def ways_open(patient: Patient) -> list[str]:
    """The ways the patient may choose between, whatever they chose before: where a working number or mailbox of theirs
    has agreed to messages, and being called."""
    links = PatientAddress.objects.filter(patient=patient, ended_at=None).select_related("address")
    working = [link.address for link in links if link.address.works]
    agreed = consenting(address.pk for address in working)
    open_to = {CHANNEL_OF[AddressKind(address.kind)] for address in working if address.pk in agreed}
    return [*(str(channel) for channel in ChannelName if channel in open_to), CALL]


def messaged_by(patient: Patient, clinic: Clinic) -> list[ChannelName]:
    """By which channels messages of this clinic can reach the patient: one that sends no texts yet has e-mail alone."""
    open_to = [ChannelName(way) for way in ways_open(patient) if way != CALL]
    return [channel for channel in open_to if channel != ChannelName.SMS or clinic.sends_texts]


def choose_contact(*, patient: Patient, way: str, language: str, by: Actor, now: datetime) -> bool:
    """Keeps the way (`sms`, `email`, `call`) and the language that the patient chose on their page; what else they wish
    stays. False when it was so.

    Refuses with NotReachedThatWay. Records `patient.languages_set` and `patient.contact_wishes_set`, where it changed.
    """
    permissions.check(by, "contact.choose", organisation_id=patient.organisation_id)
    if way not in ways_open(patient):
        raise NotReachedThatWay(way)
    with transaction.atomic():
        speaks = choose_language(patient=patient, language=language, by=by, now=now)
        return _set(patient, {"way": way}, by=by, now=now) or speaks


def set_wishes(*, patient: Patient, way: str, wants_day_of: bool, by: Actor, now: datetime) -> bool:
    """The way they prefer ("sms", "email", "call" in place of every message, empty for none) and whether they want a
    reminder on the day itself. False when all of it was so before.

    Records `patient.contact_wishes_set`, and the planner looks at the patient.
    """
    permissions.check(by, "address.change", organisation_id=patient.organisation_id)
    return _set(patient, {"way": way, "wants_day_of": wants_day_of}, by=by, now=now)


def ask_for_confidentiality(*, patient: Patient, address: Address, note: str, by: Actor, now: datetime) -> bool:
    """Takes a request for confidential communication down: nothing goes anywhere but to `address`; `note` is what was
    asked, in the patient's words. It must be met where it is reasonable, and nobody may ask for its reason
    (45 CFR 164.522(b)). False when it stood so before.

    Refuses with NotTheirAddress. Records `patient.contact_wishes_set`, and the planner looks at the patient.
    """
    permissions.check(by, "address.change", organisation_id=patient.organisation_id)
    check_theirs(patient, address)
    return _set(patient, {"only_address_id": address.pk, "confidential_note": note.strip()[:300]}, by=by, now=now)


def end_confidentiality(*, patient: Patient, by: Actor, now: datetime) -> bool:
    """The patient takes the request back. False when there was none.

    Records `patient.contact_wishes_set`, and the planner looks at the patient.
    """
    permissions.check(by, "address.change", organisation_id=patient.organisation_id)
    return _set(patient, {"only_address_id": None, "confidential_note": ""}, by=by, now=now)


def _set(patient: Patient, wanted: dict[str, Any], *, by: Actor, now: datetime) -> bool:
    with transaction.atomic():
        # A send under way reads this row FOR SHARE: it begins before this commit or sees the wish.
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        before = wishes_of(patient)
        changed = [name for name, value in wanted.items() if getattr(before, name) != value]
        if not changed:
            return False
        who = {"changed_by_id": by.user_id, "changed_at": now}
        ContactWishes.objects.update_or_create(patient=patient, defaults=wanted | who)
        # Names of fields alone: a patient's words and numbers stay out of the trail.
        entry = Entry("patient.contact_wishes_set", patient_id=patient.pk, data={"changed": changed}, tell=True)
        events.record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return True
