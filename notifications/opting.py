"""A patient's yes or no to messages at one address, as the desk hears it; a yes takes an earlier stop back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications.addresses import check_theirs, reopen_address
from notifications.consent import CHANNEL_OF, record_consent
from notifications.models import Address, AddressKind, ConsentMethod, ConsentRecord, MessageRules
from scheduling.events import Actor
from scheduling.models import Clinic, Patient


def write_down_answer(
    *,
    patient: Patient,
    address: Address,
    clinic: Clinic,
    granted: bool,
    by: Actor,
    now: datetime,
    raw_text: str = "",
    method: ConsentMethod = ConsentMethod.VERBAL,
) -> ConsentRecord:
    """Keeps what was said to the clinic's sentence, `raw_text` word for word. It holds for everyone on the address.

    Refuses with NotTheirAddress. Records what `record_consent` does, and `address.reopened` where a yes takes a stop
    back; a carrier that still blocks the number has its own word, START, which only the patient can send.
    """
    check_theirs(patient, address)
    rules = MessageRules.objects.filter(clinic=clinic).first() or MessageRules(clinic=clinic)
    with transaction.atomic():
        if granted:
            reopen_address(address=address, by=by, now=now)
        return record_consent(
            address=address,
            channel=CHANNEL_OF[AddressKind(address.kind)],
            granted=granted,
            wording_version=rules.consent_version,
            method=method,
            language=patient.language,
            patient=patient,
            raw_text=raw_text.strip(),
            by=by,
            now=now,
        )
