"""A caller becomes a patient: record, addresses and what they said about messages, all at once or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from notifications.addresses import set_address
from notifications.models import AddressKind, MessageRules
from notifications.opting import write_down_answer
from scheduling.events import Actor
from scheduling.models import Clinic, Patient
from scheduling.patients import PossibleDuplicate, create_patient
from web.look_alikes import on_file


def rules_of(clinic: Clinic) -> MessageRules:
    """What the clinic says about its messages, by default or as set."""
    return MessageRules.objects.filter(clinic=clinic).first() or MessageRules(clinic=clinic)


def register(
    *, clinic: Clinic, identity: Mapping[str, Any], phone: str, email: str, may_message: bool,
    told_apart: Collection[int] | None, by: Actor, now: datetime,
) -> Patient:  # fmt: skip
    """A new patient with what is needed to reach them. `may_message`: they said yes to the sentence read out.

    Refuses with PossibleDuplicate where somebody who may be the same person, by their number too, is not among
    `told_apart`; None asks nobody. Records what its verbs record.
    """
    if told_apart is not None:
        refuse_twins(clinic, identity, phone=phone, told_apart=told_apart)
    with transaction.atomic():
        patient = create_patient(clinic=clinic, **identity, told_apart=told_apart, by=by, now=now)
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


def refuse_twins(clinic: Clinic, identity: Mapping[str, Any], *, phone: str, told_apart: Collection[int]) -> None:
    """Refuses with PossibleDuplicate as `register` does."""
    names = {name: identity[name] for name in ("given_name", "family_name", "birth_date")}
    alike = on_file(organisation=clinic.organisation, phone=phone, **names)
    if twins := [one.patient for one in alike if one.may_be and one.patient.pk not in told_apart]:
        raise PossibleDuplicate(twins)
