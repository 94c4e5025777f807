"""Words that the desk may send with one press. A manager approves them; changed ones are new ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from notifications.models import QuickReply
from notifications.rendering import base_language
from notifications.wording_lint import find_faults
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Clinic

LONGEST = 300


class Faulty(Exception):
    """These words may not go out; `faults` say why, for the manager."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("faulty words")


class AlreadyApproved(Exception):
    """The clinic has this very reply."""


def approve_quick_reply(*, clinic: Clinic, language: str, body: str, by: Actor, now: datetime) -> QuickReply:
    """Lets the desk send these words. Refuses with Faulty what the wording rules forbid, and with AlreadyApproved what
    the clinic has. Records `quick_reply.approved`.
    """
    permissions.check(by, "quick_reply.approve", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    body = " ".join(body.split())
    faults = find_faults(body, channel="sms", purpose="reply", language=language)
    if len(body) > LONGEST:
        faults.append(f"It is longer than {LONGEST} characters.")
    if faults:
        raise Faulty(faults)
    try:
        with transaction.atomic():
            quick = QuickReply.objects.create(
                clinic=clinic, language=language, body=body, approved_by_id=by.staff_id, approved_at=now
            )
            _record("quick_reply.approved", quick, clinic, by, now)
    except IntegrityError:
        raise AlreadyApproved from None
    return quick


def end_quick_reply(*, quick: QuickReply, by: Actor, now: datetime) -> None:
    """Takes words back; what was sent stays. Twice changes nothing. Records `quick_reply.ended`."""
    clinic = quick.clinic
    permissions.check(by, "quick_reply.approve", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with transaction.atomic():
        if QuickReply.objects.filter(pk=quick.pk, ended_at=None).update(ended_at=now):
            _record("quick_reply.ended", quick, clinic, by, now)


def quick_replies(clinic: Clinic, language: str) -> list[QuickReply]:
    """What may be sent to a patient of this language at the clinic: no words of another one."""
    rows = QuickReply.objects.filter(clinic=clinic, ended_at=None).order_by("pk")
    return [one for one in rows if base_language(one.language) == base_language(language)]


def _record(verb: str, quick: QuickReply, clinic: Clinic, by: Actor, now: datetime) -> None:
    entry = Entry(verb, clinic_id=clinic.pk, data={"quick_reply": quick.pk})
    events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
