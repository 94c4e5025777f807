"""The start of attempts: one short transaction that looks at the facts again, writes the texts and the attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from notifications import caps, links, reasons, say_instead
from notifications.calendar_feeds import put_calendars_in
from notifications.channels.outcomes import Attachment, Outgoing
from notifications.last_look import MAY_COME_BACK, Facts, is_said_later, shifts_for, visits_of, why_not
from notifications.link_address import url_for
from notifications.look_at_many import group_of, look_again, take_claimed
from notifications.message_texts import Stationery, words_to_say, write_text
from notifications.models import Attempt, Message, Notice, NoticeState
from notifications.models.notice import NoticeQuerySet
from notifications.notice_facts import ChannelName, Purpose
from notifications.notice_rules import goes_at, lives_until
from notifications.quiet_hours import next_allowed
from notifications.rendering import NoWording
from notifications.segments import measure
from notifications.unsubscribing import unsubscribe_url

# Longer than a text may take to leave: it waits for its thread, then for the gateway.
SHORTEST_WINDOW = timedelta(seconds=45)
# For the planner to drop or keep what has no consent or address just now.
LEFT_TO_PLANNER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt that is written down and now has to be made."""

    attempt_id: int
    channel: ChannelName
    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class Written:
    """A message ready to be kept, and the notices that it tells."""

    message: Message
    notice_ids: list[int]


def start_attempts(*, groups: Sequence[Sequence[int]], token: UUID, now: datetime, lease: timedelta) -> list[Started]:
    """Begins to send each group of notices, of one patient, address and purpose, as one message.

    Takes only notices still claimed under `token`. One whose visit, consent, address or hour is no longer right is
    suppressed, lapsed or planned for later, with its reason where it is for good. The commit is the start of the
    attempts: a change that commits later finds them, and is told as a correction. All or none: raises what any raises.
    """
    with transaction.atomic():
        rows = {row.pk: row for row in take_claimed([pk for group in groups for pk in group], token)}
        if not rows:
            return []
        facts = look_again(list(rows.values()), now)
        stationery = Stationery()
        written = []
        for group in groups:
            mine = [rows[pk] for pk in group if pk in rows]
            if mine:
                one = _prepare(mine, facts[group_of(mine[0])], stationery, now)
                written += [one] if one else []
        return _keep(written, now, lease)


def _prepare(rows: Sequence[Notice], facts: Facts, stationery: Stationery, now: datetime) -> Written | None:
    going = [row for row in rows if _goes(row, facts, now)]
    if not going or _is_over_cap(going, facts, now):
        return None
    valid_until = _valid_until(going, facts, now)
    if valid_until - now < SHORTEST_WINDOW:
        _of(going).move(NoticeState.PLANNED, now=now, due_at=valid_until)
        return None
    return _write(going, facts, valid_until, stationery, now)


def _is_over_cap(rows: Sequence[Notice], facts: Facts, now: datetime) -> bool:
    """Whether one routine text more is one too many for now: then it goes later while it is of use, or never."""
    purpose, channel = Purpose(rows[0].purpose), ChannelName(rows[0].channel)
    if not caps.bind(purpose, channel):
        facts.routine_sent.extend([now] * caps.count(purpose, channel))
        return False
    at = caps.free_at(facts.routine_sent, caps=facts.caps, now=now, zone=facts.zone)
    if at <= now:
        facts.routine_sent.append(now)
        return False
    at = next_allowed(at, facts.quiet, facts.zone)
    _of(rows).filter(useful_until__lte=at).move(NoticeState.LAPSED, now=now, reason=reasons.OVER_CAP)
    _of(rows).filter(useful_until__gt=at).move(NoticeState.PLANNED, now=now, due_at=at)
    return True


def _of(rows: Sequence[Notice]) -> NoticeQuerySet:
    return Notice.objects.filter(pk__in=[row.pk for row in rows])


def _goes(row: Notice, facts: Facts, now: datetime) -> bool:
    this = Notice.objects.filter(pk=row.pk)
    if reason := why_not(row, facts):
        if reason in MAY_COME_BACK and row.purpose != Purpose.REPLY:
            this.move(NoticeState.PLANNED, now=now, due_at=min(now + LEFT_TO_PLANNER, row.useful_until))
        else:
            this.move(NoticeState.SUPPRESSED, now=now, reason=reason)
        return False
    at = goes_at(
        purpose=Purpose(row.purpose),
        step=row.step,
        visits=visits_of([row], facts),
        due_at=row.due_at,
        useful_until=row.useful_until,
        now=now,
        hours=facts.quiet,
        zone=facts.zone,
        shifts=shifts_for(row, facts),
    )
    if at is None and is_said_later(row):
        this.move(NoticeState.SUPPRESSED, now=now, reason=reasons.SAID_LATER)
    elif at is None:
        why = reasons.why_lapsed(row.purpose, due_at=row.due_at, useful_until=row.useful_until, now=now)
        this.move(NoticeState.LAPSED, now=now, reason=why)
    elif at > now:
        this.move(NoticeState.PLANNED, now=now, due_at=at)
    return at is not None and at <= now


def _valid_until(rows: Sequence[Notice], facts: Facts, now: datetime) -> datetime:
    return lives_until(
        purpose=Purpose(rows[0].purpose),
        visits=visits_of(rows, facts),
        useful_until=min(row.useful_until for row in rows),
        now=now,
        hours=facts.quiet,
        zone=facts.zone,
    )


def _write(
    rows: Sequence[Notice], facts: Facts, valid_until: datetime, stationery: Stationery, now: datetime
) -> Written | None:
    one, message_id = rows[0], uuid4()
    purpose, channel = Purpose(one.purpose), ChannelName(one.channel)
    token = links.token_for(message_id, purpose)
    try:
        text, sender = write_text(rows, facts, link=url_for(token), stationery=stationery)
    except NoWording:
        words = words_to_say(rows, facts, stationery=stationery)
        say_instead.ask_to_say(
            notices=rows, words=words.body, language=words.language, reason=reasons.NO_WORDING, now=now
        )  # fmt: skip
        _of(rows).move(NoticeState.SUPPRESSED, now=now, reason=reasons.NO_WORDING)
        return None
    message = Message(
        id=message_id,
        patient=one.patient,
        clinic=one.clinic,
        address=one.address,
        channel=channel,
        purpose=purpose,
        language=text.language,
        template=text.template,
        template_version=text.version,
        sender_name=sender,
        sent_from=stationery.number(one.clinic) if channel is ChannelName.SMS else "",
        subject=text.subject,
        body=text.body,
        segments=measure(text.body).count if channel is ChannelName.SMS else 0,
        link_hash=links.hash_of(token),
        written_at=now,
        valid_until=valid_until,
    )
    return Written(message, [row.pk for row in rows])


TELLS = """
UPDATE notifications_notice SET message_id = written.message, tries = tries + 1, lease_until = %s, asked_at = NULL,
    changed_at = %s
FROM unnest(%s::bigint[], %s::uuid[]) AS written(notice, message) WHERE id = written.notice
"""


def _keep(written: Sequence[Written], now: datetime, lease: timedelta) -> list[Started]:
    put_calendars_in([(one.message, one.notice_ids) for one in written], now=now)
    messages = Message.objects.bulk_create(one.message for one in written)
    attempts = Attempt.objects.bulk_create(
        Attempt(message=message, started_at=now, lease_until=now + lease) for message in messages
    )
    pairs = [(pk, one.message.pk) for one in written for pk in one.notice_ids]
    with connection.cursor() as cursor:
        cursor.execute(TELLS, [now + lease, now, [pk for pk, _ in pairs], [message for _, message in pairs]])
    return [Started(one.pk, ChannelName(one.message.channel), outgoing_of(one)) for one in attempts]


def outgoing_of(attempt: Attempt) -> Outgoing:
    """The message of an attempt as its channel takes it, the same for a send and for a later look-up."""
    message = attempt.message
    return Outgoing(
        message_id=str(message.pk),
        to=message.address.value or "",
        subject=message.subject,
        body=message.body,
        started_at=attempt.started_at,
        valid_until=message.valid_until,
        sender_name=message.sender_name,
        sender=message.sent_from,
        is_practice=message.clinic.is_practice,
        unsubscribe_url=unsubscribe_url(message.pk) if message.channel == ChannelName.EMAIL else "",
        attachments=(_calendar_of(message),) if message.calendar else (),
    )


def _calendar_of(message: Message) -> Attachment:
    """The method stands in the head, too: mail programs look for it there before they offer the dates (RFC 6047)."""
    parameters = {"method": "PUBLISH", "charset": "utf-8"}
    return Attachment("visits.ics", "text/calendar", message.calendar.encode(), parameters)
