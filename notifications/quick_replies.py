"""Answers that the desk may send with one press: a manager approves each, and lets it go rather than change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from notifications.models import QuickReply
from notifications.wording_lint import find_faults
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Clinic

LONGEST = 300


class ReplyRefused(Exception):
    """The answer can't be used; `faults` say why, in plain words."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(faults))


def approve_reply(*, clinic: Clinic, language: str, body: str, by: Actor, now: datetime) -> QuickReply:
    """Puts an answer among those the desk may send. The same answer again is the one there is.

    Refuses with ReplyRefused what tells of care, asks for a carrier's word, is empty or longer than 300 characters.
    Records `clinic.reply_approved` when it is new.
    """
    permissions.check(by, "clinic.word_messages", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    body = " ".join(body.split())
    faults = find_faults(body, channel="sms", purpose="reply", language=language)
    if len(body) > LONGEST:
        faults.append(f"An answer has at most {LONGEST} characters; this has {len(body)}.")
    if faults:
        raise ReplyRefused(faults)
    with transaction.atomic():
        who = {"approved_by_id": by.staff_id, "approved_at": now}
        reply, is_new = QuickReply.objects.get_or_create(
            clinic=clinic, language=language, body=body, ended_at=None, defaults=who
        )
        if is_new:
            _record(reply, "clinic.reply_approved", by=by, now=now)
    return reply


def let_reply_go(*, reply: QuickReply, by: Actor, now: datetime) -> None:
    """Nobody may send this answer any more; what was sent stays. Twice changes nothing.

    Records `clinic.reply_let_go`.
    """
    clinic = reply.clinic
    permissions.check(by, "clinic.word_messages", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with transaction.atomic():
        if QuickReply.objects.filter(pk=reply.pk, ended_at=None).update(ended_at=now):
            _record(reply, "clinic.reply_let_go", by=by, now=now)


def _record(reply: QuickReply, verb: str, *, by: Actor, now: datetime) -> None:
    entry = Entry(verb, clinic_id=reply.clinic_id, data={"reply": reply.pk})
    events.record(organisation_id=reply.clinic.organisation_id, entries=[entry], by=by, now=now)
