"""A caller becomes a patient: record, addresses and what they said about messages, all at once or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from notifications.addresses import set_address
from notifications.models import AddressKind, MessageRules
from notifications.opting import write_down_answer
from scheduling.events import Actor
from scheduling.models import Clinic, Patient
from scheduling.patients import create_patient


def rules_of(clinic: Clinic) -> MessageRules:
    """What the clinic says about its messages, by default or as set."""
    return MessageRules.objects.filter(clinic=clinic).first() or MessageRules(clinic=clinic)


def register(
    *, clinic: Clinic, identity: Mapping[str, Any], phone: str, email: str, may_message: bool, allow_duplicate: bool,
    by: Actor, now: datetime,
) -> Patient:  # fmt: skip
    """A new patient with what is needed to reach them. `may_message`: they said yes to the sentence read out.

    Refuses with PossibleDuplicate. Records what its verbs record.
    """
    with transaction.atomic():
        patient = create_patient(clinic=clinic, **identity, allow_duplicate=allow_duplicate, by=by, now=now)
        for kind, raw in ((AddressKind.PHONE, phone), (AddressKind.EMAIL, email)):
            if raw.strip():
                address = set_address(
                    patient=patient,
                    kind=kind,
                    raw=raw,
                    preferred=kind == AddressKind.PHONE or not phone,
                    by=by,
                    now=now,
                )
                if may_message and address.value:
                    write_down_answer(patient=patient, address=address, clinic=clinic, granted=True, by=by, now=now)
    return patient
