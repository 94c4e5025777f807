"""What a patient chooses on their page: which way they are told of visits, in which language, and not here at all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from notifications.consent import CHANNEL_OF, consenting, record_consent
from notifications.models import AddressKind, ConsentMethod, ContactWishes, Message, PatientAddress
from notifications.models.wishes import CALL
from notifications.notice_facts import ChannelName
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Patient

PAGE_WORDING = "page-1"


class NotReachedThatWay(Exception):
    """No working number or mailbox of the patient's has agreed to this."""


def ways_open(message: Message) -> list[str]:
    """The ways the patient may choose between, whatever they chose before: where a working number or mailbox of theirs
    has agreed to messages, and being called."""
    links = PatientAddress.objects.filter(patient=message.patient, ended_at=None).select_related("address")
    working = [link.address for link in links.filter(address__is_valid=True, address__stopped_at=None)]
    agreed = consenting(address.pk for address in working)
    open_to = {CHANNEL_OF[AddressKind(address.kind)] for address in working if address.pk in agreed}
    return [*(str(channel) for channel in ChannelName if channel in open_to), CALL]


def choose_contact(*, message: Message, way: str, language: str, by: Actor, now: datetime) -> bool:
    """Keeps the way (`sms`, `email`, `call`) and the language the patient wants to be told in. False when it was so.

    Refuses with NotReachedThatWay. Records `patient.contact_chosen`, and the planner looks at the patient.
    """
    patient = message.patient
    permissions.check(by, "contact.choose", organisation_id=patient.organisation_id)
    if way not in ways_open(message):
        raise NotReachedThatWay(way)
    with transaction.atomic():
        # A send under way reads this row FOR SHARE: it begins before this commit or sees the choice.
        before = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        changed = []
        if before.language != language:
            Patient.objects.filter(pk=patient.pk).update(language=language, row_version=F("row_version") + 1)
            changed.append("language")
        wishes = ContactWishes.objects.filter(patient=patient).first()
        if (wishes.way if wishes else "") != way:
            chosen = {"way": way, "changed_by_id": by.user_id, "changed_at": now}
            ContactWishes.objects.update_or_create(patient=patient, defaults=chosen)
            changed.append("way")
        if changed:
            entry = Entry("patient.contact_chosen", patient_id=patient.pk, data={"changed": changed}, tell=True)
            events.record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return bool(changed)


def stop_messages(*, message: Message, by: Actor, now: datetime) -> None:
    """No more messages to the address this message went to, for everyone on it. Records `consent.withdrawn`."""
    record_consent(
        address=message.address,
        channel=CHANNEL_OF[AddressKind(message.address.kind)],
        granted=False,
        wording_version=PAGE_WORDING,
        method=ConsentMethod.WEB,
        language=message.language,
        patient=message.patient,
        by=by,
        now=now,
    )
