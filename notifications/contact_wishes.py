"""How a patient wants to be reached: which way, on the day itself, and nowhere but where they asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from notifications.addresses import NotTheirAddress
from notifications.models import Address, ContactWishes, PatientAddress
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Patient


def wishes_of(patient: Patient) -> ContactWishes:
    """What the patient wishes; without a row nothing in particular."""
    return ContactWishes.objects.filter(patient=patient).select_related("only_address").first() or ContactWishes(
        patient=patient
    )


def set_wishes(*, patient: Patient, way: str, wants_day_of: bool, by: Actor, now: datetime) -> bool:
    """The way they prefer ("sms", "email", "call" in place of every message, empty for none) and whether they want a
    reminder on the day itself. False when all of it was so before.

    Records `patient.contact_wishes_set`, and the planner looks at the patient.
    """
    return _set(patient, {"way": way, "wants_day_of": wants_day_of}, by=by, now=now)


def ask_for_confidentiality(*, patient: Patient, address: Address, note: str, by: Actor, now: datetime) -> bool:
    """Takes a request for confidential communication down: nothing goes anywhere but to `address`; `note` is what was
    asked, in the patient's words. It must be met where it is reasonable, and nobody may ask for its reason
    (45 CFR 164.522(b)). False when it stood so before.

    Refuses with NotTheirAddress. Records `patient.contact_wishes_set`, and the planner looks at the patient.
    """
    if not PatientAddress.objects.filter(patient=patient, address=address, ended_at=None).exists():
        raise NotTheirAddress
    return _set(patient, {"only_address_id": address.pk, "confidential_note": note.strip()[:300]}, by=by, now=now)


def end_confidentiality(*, patient: Patient, by: Actor, now: datetime) -> bool:
    """The patient takes the request back. False when there was none.

    Records `patient.contact_wishes_set`, and the planner looks at the patient.
    """
    return _set(patient, {"only_address_id": None, "confidential_note": ""}, by=by, now=now)


def _set(patient: Patient, wanted: dict[str, Any], *, by: Actor, now: datetime) -> bool:
    permissions.check(by, "address.change", organisation_id=patient.organisation_id)
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
