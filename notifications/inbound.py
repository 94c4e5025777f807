"""Replies as they come in: kept word for word, once each, then acted on; what fails is acted on by the sweep."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from notifications import reply_outcomes
from notifications.calendar_effects import act_on_answers
from notifications.calendar_replies import CalendarAnswer
from notifications.models import InboundMessage, Intent
from notifications.notice_facts import ChannelName
from notifications.quoted_text import what_is_said
from notifications.reply_effects import Reply, take_effect
from notifications.reply_intent import Reading, read_reply
from notifications.reply_matching import addresses_of, find_origin
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing

log = logging.getLogger(__name__)
BY = Actor.system("replies")
LONGEST_TEXT, MOST_PICTURES = 10_000, 99
# What could not be acted on for so long is a person's: it stands in the inbox all the time.
TRIED_FOR = timedelta(hours=1)
BATCH = 100
# These hold beside an answer from a calendar.
WHATEVER_WAS_PRESSED = (Intent.STOP, Intent.STOP_AND_CALL, Intent.WRONG_NUMBER)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A reply at the edge. `reference` names it at its provider; `ours`: our messages it says it answers.

    `is_automatic`: a machine answered. `opted_out`: the carrier took it as an opt-out, whatever the words are.
    `calendar`: what was pressed in a calendar.
    """

    provider: str
    reference: str
    channel: ChannelName
    sender: str
    to: Sequence[str]
    text: str
    pictures: int = 0
    ours: Sequence[UUID] = ()
    is_automatic: bool = False
    opted_out: bool = False
    subject: str = ""
    calendar: Sequence[CalendarAnswer] = ()


def take_reply(*, arrived: Arrived, now: datetime) -> bool:
    """Keeps a reply whose provider the edge has checked, then acts on it; False if it had come before.

    Keeping commits first: whatever goes wrong later, the words are in the inbox. Records `reply.received`.
    """
    reply_id = _keep(arrived, now)
    if reply_id is None:
        return False
    _act(reply_id, now=now)
    return True


def act_on_waiting(*, now: datetime) -> int:
    """Acts on replies that nothing was done about yet, oldest first; gives how many."""
    waiting = InboundMessage.objects.filter(outcome="", handled_at=None, received_at__gt=now - TRIED_FOR)
    ids = list(waiting.order_by("received_at", "pk").values_list("pk", flat=True)[:BATCH])
    return sum(_act(reply_id, now=now) for reply_id in ids)


def apply_reply(*, reply_id: int, now: datetime) -> bool:
    """Acts on one reply in one transaction; False if another is at it or it is done. Records what its verbs record."""
    with writing():
        rows = InboundMessage.objects.select_for_update(skip_locked=True, of=("self",))
        row = rows.select_related("patient", "answers", "address", "clinic").filter(pk=reply_id, outcome="").first()
        if row is None:
            return False
        outcome = _take_effect(row, now)
        closed = {"handled_at": now} if outcome in reply_outcomes.CLOSED else {}
        InboundMessage.objects.filter(pk=row.pk).update(outcome=outcome, **closed)
    return True


def _take_effect(row: InboundMessage, now: datetime) -> str:
    addresses = addresses_of(row)
    pressed = act_on_answers(row, addresses, now=now) if row.calendar else ""
    if pressed and row.intent not in WHATEVER_WAS_PRESSED:
        return pressed
    is_loose = read_reply(what_is_said(row.text, row.subject)).is_loose
    return take_effect(Reply(row, addresses, is_loose=is_loose, now=now))


def _act(reply_id: int, *, now: datetime) -> bool:
    try:
        return apply_reply(reply_id=reply_id, now=now)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # the words are kept, and the sweep comes back to them
        log.exception("acting on a reply failed", extra={"reply": reply_id})
        return False


def _keep(arrived: Arrived, now: datetime) -> int | None:
    text, subject = arrived.text.replace("\x00", "")[:LONGEST_TEXT], arrived.subject.replace("\x00", "")[:200]
    reading = read_reply(what_is_said(text, subject))
    # "Cancel" is one of the carrier's words, too: the opt-out is done, and a visit may be meant all the same.
    if arrived.opted_out and reading.intent is not Intent.STOP_AND_CALL:
        reading = Reading(Intent.STOP)
    with transaction.atomic():
        origin = find_origin(channel=arrived.channel, sender=arrived.sender, to=arrived.to, ours=arrived.ours, now=now)
        row, is_new = InboundMessage.objects.get_or_create(
            provider=arrived.provider,
            reference=arrived.reference[:200],
            defaults={
                "channel": arrived.channel,
                "sender": arrived.sender.replace("\x00", "")[:254],
                "address": origin.address,
                "clinic_id": origin.clinic_id,
                "patient": origin.patient,
                "answers": origin.answers,
                "text": text,
                "subject": subject,
                "calendar": [answer.as_data() for answer in arrived.calendar],
                "pictures": min(arrived.pictures, MOST_PICTURES),
                "intent": reading.intent,
                "late_minutes": reading.late_minutes,
                "received_at": now,
                "outcome": reply_outcomes.AUTOMATIC if arrived.is_automatic else "",
                "handled_at": now if arrived.is_automatic else None,
            },
        )
        if not is_new:
            return None
        if origin.clinic_id is None and origin.address is None:
            log.warning("a reply is of nobody: see manage.py replies_of_nobody", extra={"reply": row.pk})
        if origin.address is not None:
            entry = Entry(
                "reply.received",
                clinic_id=origin.clinic_id,
                patient_id=origin.patient.pk if origin.patient else None,
                data={"reply": row.pk, "intent": str(reading.intent)},
            )
            record(organisation_id=origin.address.organisation_id, entries=[entry], by=BY, now=now)
    return row.pk
