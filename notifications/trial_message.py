"""A message to oneself, to see how it looks on a telephone. It goes through the channel and is no patient's message."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from notifications.addresses import normalise
from notifications.channels.outcomes import Accepted, Outcome, Outgoing, Refused
from notifications.channels.registry import channel_for
from notifications.clinic_rules import sender_name
from notifications.consent import KIND_OF
from notifications.models import StaffContact
from notifications.notice_facts import ChannelName
from notifications.rendering import Text
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Clinic, User

VALID_FOR = timedelta(minutes=30)


class NotAnAddress(Exception):
    """What was typed is no number or mailbox."""


def set_own_contact(
    *, user: User, clinic: Clinic, channel: ChannelName, raw: str, by: Actor, now: datetime
) -> StaffContact:
    """Where a person of the staff gets alerts and trials. Refuses with NotAnAddress.

    Records `staff.contact_set`.
    """
    permissions.check(by, "clinic.word_messages", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    value = normalise(KIND_OF[channel], raw)
    if value is None:
        raise NotAnAddress
    with transaction.atomic():
        contact, _ = StaffContact.objects.update_or_create(user=user, channel=channel, defaults={"value": value})
        entry = Entry("staff.contact_set", clinic_id=clinic.pk, data={"user": user.pk, "channel": channel})
        events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return contact


def send_trial(*, contact: StaffContact, clinic: Clinic, text: Text, by: Actor, now: datetime) -> Outcome:
    """Sends `text` to a person of the staff, now, and says what the provider made of it. Nothing of it is kept but the
    event `clinic.trial_sent`; its times are made up and its link leads nowhere.
    """
    permissions.check(by, "clinic.word_messages", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    channel = ChannelName(contact.channel)
    # Sent before it is recorded, with no transaction open: nobody's message hangs on it.
    outcome = channel_for(channel).send(
        Outgoing(
            message_id=str(uuid4()),
            to=contact.value,
            subject=text.subject,
            body=text.body,
            started_at=now,
            valid_until=now + VALID_FOR,
            sender_name=sender_name(clinic, text.language),
            is_practice=clinic.is_practice,
        )
    )
    came = "accepted" if isinstance(outcome, Accepted) else "refused" if isinstance(outcome, Refused) else "unknown"
    with transaction.atomic():
        data = {"channel": channel, "template": text.template, "version": text.version, "came": came}
        entry = Entry("clinic.trial_sent", clinic_id=clinic.pk, data=data)
        events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return outcome
