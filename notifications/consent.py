"""Consent of an address: recorded word for word, the latest counts, for everyone on the address and at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery

from notifications.models import Address, AddressKind, ConsentMethod, ConsentRecord, PatientAddress, PurposeGroup
from notifications.notice_facts import ChannelName
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Patient

CHANNEL_OF = {AddressKind.PHONE: ChannelName.SMS, AddressKind.EMAIL: ChannelName.EMAIL}
KIND_OF = {channel: kind for kind, channel in CHANNEL_OF.items()}


class WrongChannel(Exception):
    """A mailbox takes no texts and a phone no e-mail."""


def record_consent(
    *,
    address: Address,
    channel: ChannelName,
    granted: bool,
    wording_version: str,
    method: ConsentMethod,
    language: str,
    by: Actor,
    now: datetime,
    purpose: PurposeGroup = PurposeGroup.APPOINTMENTS,
    patient: Patient | None = None,
    raw_text: str = "",
) -> ConsentRecord:
    """Keeps a yes or no as it was given. Refuses a channel that the address is not of (WrongChannel).

    Records `consent.given` or `consent.withdrawn` for each patient reached there, whom the planner then looks at.
    """
    permissions.check(by, "consent.record", organisation_id=address.organisation_id)
    if CHANNEL_OF[AddressKind(address.kind)] is not ChannelName(channel):
        raise WrongChannel(f"{channel} to {address.kind}")
    with transaction.atomic():
        # A send under way reads this row FOR SHARE: it begins before this commit or sees the answer.
        Address.objects.select_for_update().get(pk=address.pk)
        record = ConsentRecord.objects.create(
            address=address,
            patient=patient,
            purpose_group=purpose,
            channel=channel,
            granted=granted,
            wording_version=wording_version,
            method=method,
            language=language,
            recorded_by_id=by.user_id,
            recorded_at=now,
            raw_text=raw_text,
        )
        verb = "consent.given" if granted else "consent.withdrawn"
        links = PatientAddress.objects.filter(address=address, ended_at=None)
        entries = [
            Entry(verb, patient_id=link.patient_id, data={"address": address.pk, "consent": record.pk}, tell=True)
            for link in links
        ]
        events.record(organisation_id=address.organisation_id, entries=entries, by=by, now=now)
    return record


def withdraw_consent(
    *,
    address: Address,
    method: ConsentMethod,
    language: str,
    patient: Patient | None,
    by: Actor,
    now: datetime,
    raw_text: str = "",
    wording_version: str = "",
) -> bool:
    """Nothing more goes to an address, for everyone on it. False where its last word was a no already.

    Records `consent.withdrawn` as `record_consent` does.
    """
    last = ConsentRecord.objects.filter(address=address).order_by("-pk").first()
    if last is not None and not last.granted:
        return False
    record_consent(
        address=address,
        channel=CHANNEL_OF[AddressKind(address.kind)],
        granted=False,
        wording_version=wording_version,
        method=method,
        language=language,
        patient=patient,
        raw_text=raw_text,
        by=by,
        now=now,
    )
    return True


def consenting(address_ids: Iterable[int], purpose: PurposeGroup = PurposeGroup.APPOINTMENTS) -> set[int]:
    """Of these addresses those whose latest word is yes, on the one channel each has.

    A yes given before anyone who has the address now had it was somebody else's, or is of an earlier time: it is no
    yes of theirs. Whoever comes to share an address with others comes under its consent.
    """
    held_since = PatientAddress.objects.filter(address=OuterRef("address"), ended_at=None).order_by("given_at")
    latest = (
        ConsentRecord.objects.filter(address_id__in=list(address_ids), purpose_group=purpose)
        .order_by("address_id", "channel", "-id")
        .distinct("address_id", "channel")
        .annotate(held_since=Subquery(held_since.values("given_at")[:1]))
    )
    return {
        record.address_id
        for record in latest
        if record.granted and record.held_since is not None and record.recorded_at >= record.held_since
    }
