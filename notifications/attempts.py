"""The start of attempts: one short transaction that looks at the facts again, writes the texts and the attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from notifications import caps, links, patient_facts, reasons
from notifications.channels.outcomes import Outgoing
from notifications.look_at_many import Facts, look_again, take_claimed
from notifications.models import Attempt, Message, Notice, NoticeState
from notifications.models.notice import NoticeQuerySet
from notifications.notice_facts import ChannelName, Purpose, Standing, Visit
from notifications.notice_rules import NEVER_LATE
from notifications.quiet_hours import next_allowed, quiet_from, when_to_send
from notifications.rendering import NoWording, Wording, render
from notifications.segments import measure

SHORTEST_WINDOW = timedelta(seconds=10)
# For the planner to drop or keep what has no consent or address just now.
LEFT_TO_PLANNER = timedelta(minutes=1)
STANDING_FOR = {
    Purpose.BOOKING_CONFIRMATION: (Standing.FIRM, Standing.TENTATIVE),
    Purpose.CHANGED: (Standing.FIRM, Standing.TENTATIVE),
    Purpose.REMINDER: (Standing.FIRM,),
    Purpose.CANCELLED: (Standing.CANCELLED,),
}


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
        names: dict[tuple[int, str], str] = {}
        written = []
        for group in groups:
            mine = [rows[pk] for pk in group if pk in rows]
            if mine:
                of_these = facts[mine[0].patient_id, mine[0].address_id, mine[0].clinic_id]
                one = _prepare(mine, of_these, names, now)
                written += [one] if one else []
        return _keep(written, now, lease)


def _prepare(rows: Sequence[Notice], facts: Facts, names: dict[tuple[int, str], str], now: datetime) -> Written | None:
    going = [row for row in rows if _goes(row, facts, now)]
    if not going or _is_over_cap(going, facts, now):
        return None
    valid_until = _valid_until(going, facts, now)
    if valid_until - now < SHORTEST_WINDOW:
        _of(going).move(NoticeState.PLANNED, now=now, due_at=valid_until)
        return None
    return _write(going, facts, valid_until, names, now)


def _is_over_cap(rows: Sequence[Notice], facts: Facts, now: datetime) -> bool:
    """Whether one routine text more is one too many for now: then it goes later while it is of use, or never."""
    if not caps.bind(Purpose(rows[0].purpose), ChannelName(rows[0].channel)):
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
    if reason := _why_not(row, facts):
        if reason in (reasons.NO_CONSENT, reasons.ADDRESS_STOPPED):
            # These may come back, and a suppressed row would block its key: the planner, told of the change, drops it.
            this.move(NoticeState.PLANNED, now=now, due_at=now + LEFT_TO_PLANNER)
        else:
            this.move(NoticeState.SUPPRESSED, now=now, reason=reason)
        return False
    at = when_to_send(
        row.due_at,
        useful_until=row.useful_until,
        now=now,
        hours=facts.quiet,
        zone=facts.zone,
        exempt=Purpose(row.purpose) in NEVER_LATE,
    )
    if at is None:
        this.move(NoticeState.LAPSED, now=now, reason=reasons.TOO_LATE)
    elif at > now:
        this.move(NoticeState.PLANNED, now=now, due_at=at)
    return at is not None and at <= now


def _why_not(row: Notice, facts: Facts) -> str:
    if facts.patient_gone:
        return reasons.PATIENT_GONE
    if not facts.address_works:
        return reasons.ADDRESS_STOPPED
    if not facts.has_consent:
        return reasons.NO_CONSENT
    for told in row.told_visits.all():
        visit = facts.visits.get(told.appointment_id)
        if visit is None or visit.told_version != told.told_version:
            return reasons.VISIT_CHANGED
        if visit.standing not in STANDING_FOR[Purpose(row.purpose)]:
            return reasons.VISIT_CHANGED
    return ""


def _valid_until(rows: Sequence[Notice], facts: Facts, now: datetime) -> datetime:
    useful_until = min(row.useful_until for row in rows)
    if Purpose(rows[0].purpose) in NEVER_LATE:
        return useful_until
    quiet = quiet_from(now, facts.quiet, facts.zone)
    return min(useful_until, quiet) if quiet else useful_until


def _write(
    rows: Sequence[Notice], facts: Facts, valid_until: datetime, names: dict[tuple[int, str], str], now: datetime
) -> Written | None:
    one, message_id = rows[0], uuid4()
    purpose, channel = Purpose(one.purpose), ChannelName(one.channel)
    token = links.token_for(message_id, purpose)
    told = sorted(
        (facts.visits[told.appointment_id] for row in rows for told in row.told_visits.all()),
        key=lambda visit: visit.starts_at,
    )
    later = _known_after(told[-1].starts_at, facts) if purpose is Purpose.REMINDER else []
    kept = [visit for visit in told if visit.standing is Standing.TENTATIVE]
    named = one.clinic_id, one.patient.language
    if named not in names:
        names[named] = patient_facts.sender_name(one.clinic, one.patient.language)
    sender = names[named]
    try:
        text = render(
            purpose=purpose,
            channel=channel,
            language=one.patient.language,
            wording=Wording(
                sender=sender,
                phone=one.clinic.phone,
                link=links.url_for(token),
                visits=[(visit.starts_at, visit.zone) for visit in told if visit not in kept],
                later=[(visit.starts_at, visit.zone) for visit in later],
                kept=[(visit.starts_at, visit.zone) for visit in kept],
                to_confirm=any(visit not in kept and not visit.is_confirmed for visit in told),
            ),
        )
    except NoWording:
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
    messages = Message.objects.bulk_create(one.message for one in written)
    attempts = Attempt.objects.bulk_create(
        Attempt(message=message, started_at=now, lease_until=now + lease) for message in messages
    )
    pairs = [(pk, one.message.pk) for one in written for pk in one.notice_ids]
    with connection.cursor() as cursor:
        cursor.execute(TELLS, [now + lease, now, [pk for pk, _ in pairs], [message for _, message in pairs]])
    return [Started(one.pk, ChannelName(one.message.channel), outgoing_of(one)) for one in attempts]


def _known_after(end: datetime, facts: Facts) -> list[Visit]:
    """The firm visits after `end` that the patient has heard of at their present time: a reminder is no news."""
    visits = [one for one in facts.visits.values() if one.standing is Standing.FIRM and one.starts_at > end]
    last = {one.visit_id: one for one in sorted(facts.told, key=lambda one: one.said_at) if one.still_theirs}
    heard = {(key, one.starts_at) for key, one in last.items() if one.purpose is not Purpose.CANCELLED}
    return sorted((one for one in visits if (one.id, one.starts_at) in heard), key=lambda one: one.starts_at)


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
    )
