"""An alert to a person of the staff, at every contact they have: a sentence and a link, no patient data."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from notifications.channels.outcomes import Accepted, Outgoing
from notifications.channels.registry import channel_for
from notifications.clinic_rules import sender_name
from notifications.models import StaffAlert, StaffContact
from notifications.notice_facts import ChannelName
from scheduling.models import User

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """What an alert says. `path`: the page behind its link; after `valid_for` it is not to arrive any more."""

    subject: str
    words: str
    path: str
    valid_for: timedelta


def send_letter(letter: Letter, *, alert: StaffAlert, person: User, now: datetime) -> None:
    """Sends it to each of the person's contacts; one that fails keeps no other from going."""
    contacts = list(StaffContact.objects.filter(user=person).order_by("channel"))
    if not contacts:
        log.warning("a clinician to alert has no contact", extra={"alert": alert.pk, "user": person.pk})
    name = sender_name(alert.clinic, "en")
    for contact in contacts:
        outgoing = Outgoing(
            message_id=str(uuid.uuid4()),
            to=contact.value,
            subject=letter.subject,
            body=f"{name}: {letter.words} {settings.PUBLIC_URL.rstrip('/')}{letter.path}",
            started_at=now,
            valid_until=now + letter.valid_for,
            sender_name=name,
            is_practice=alert.clinic.is_practice,
        )
        try:
            outcome = channel_for(ChannelName(contact.channel)).send(outgoing)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("an alert failed", extra={"alert": alert.pk})
        else:
            if not isinstance(outcome, Accepted):
                log.warning("an alert was not taken", extra={"alert": alert.pk, "channel": contact.channel})
