"""The start of an attempt: one short transaction that looks at the facts again, writes the text and the attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F

from notifications import links, patient_facts, reasons
from notifications.channels.outcomes import Outgoing
from notifications.models import Attempt, Message, Notice, NoticeState
from notifications.models.notice import NoticeQuerySet
from notifications.notice_facts import ChannelName, Purpose, Standing, Visit
from notifications.notice_rules import NEVER_LATE
from notifications.quiet_hours import QuietHours, quiet_from, when_to_send
from notifications.rendering import NoWording, Wording, render
from notifications.segments import measure
from notifications.wording import wording_for
from scheduling.models import Patient

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
class Facts:
    """What holds at the start of the attempt.

    A change of the patient, an order, a visit, an address or its consent commits before this look or after the attempt.
    The clinic's quiet hours have no such promise: a change of them may come a moment too late for one message.
    """

    visits: dict[int, Visit]
    has_consent: bool
    address_works: bool
    patient_gone: bool
    quiet: QuietHours
    zone: ZoneInfo


def start_attempt(*, notice_ids: Sequence[int], token: UUID, now: datetime, lease: timedelta) -> Started | None:
    """Begins to send these notices of one patient, address and purpose as one message; None when none may go any more.

    Takes only notices still claimed under `token`. One whose visit, consent, address or hour is no longer right is
    suppressed, lapsed or planned for later, with its reason where it is for good. The commit is the start of the
    attempt: a change that commits later finds it, and is told as a correction.
    """
    with transaction.atomic():
        rows = list(
            Notice.objects.select_for_update(of=("self",))
            .filter(pk__in=notice_ids, state=NoticeState.CLAIMED, claimed_by=token, message=None)
            .select_related("patient", "clinic", "address")
            .prefetch_related("told_visits")
            .order_by("pk")
        )
        if not rows:
            return None
        facts = _look_again(rows, now)
        going = [row for row in rows if _goes(row, facts, now)]
        if not going:
            return None
        valid_until = _valid_until(going, facts, now)
        if valid_until - now < SHORTEST_WINDOW:
            _of(going).move(NoticeState.PLANNED, now=now, due_at=valid_until)
            return None
        return _write(going, facts, valid_until, now, lease)


def _of(rows: Sequence[Notice]) -> NoticeQuerySet:
    return Notice.objects.filter(pk__in=[row.pk for row in rows])


def _look_again(rows: Sequence[Notice], now: datetime) -> Facts:
    one = rows[0]
    visit_ids = sorted({told.appointment_id for row in rows for told in row.told_visits.all()})
    with connection.cursor() as cursor:
        # In every verb's order. Whoever changes one of these commits before this or finds the attempt.
        cursor.execute("SELECT 1 FROM scheduling_patient WHERE id = %s FOR SHARE", [one.patient_id])
        cursor.execute(
            "SELECT 1 FROM scheduling_order"
            " WHERE id IN (SELECT order_id FROM scheduling_appointment WHERE id = ANY(%s)) ORDER BY id FOR SHARE",
            [visit_ids],
        )
        cursor.execute("SELECT 1 FROM scheduling_appointment WHERE id = ANY(%s) ORDER BY id FOR SHARE", [visit_ids])
        cursor.execute("SELECT 1 FROM notifications_address WHERE id = %s FOR SHARE", [one.address_id])
    one.patient.refresh_from_db()
    one.address.refresh_from_db()
    visits = {visit.id: visit for visit in patient_facts.read_visits(one.patient, now)}
    reachable = patient_facts.read_reachable(one.patient, ZoneInfo(one.clinic.time_zone))
    here = next((address for address in reachable if address.id == one.address_id), None)
    return Facts(
        visits=visits,
        has_consent=here is not None,
        address_works=patient_facts.is_address_of(one.patient, one.address),
        patient_gone=bool(one.patient.deceased_at or one.patient.merged_into_id),
        quiet=patient_facts.read_rules([one.clinic_id])[one.clinic_id].quiet,
        zone=here.zone if here else ZoneInfo(one.clinic.time_zone),
    )


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
    rows: Sequence[Notice], facts: Facts, valid_until: datetime, now: datetime, lease: timedelta
) -> Started | None:
    one, message_id = rows[0], uuid4()
    purpose, channel = Purpose(one.purpose), ChannelName(one.channel)
    token = links.token_for(message_id, purpose)
    told = sorted(
        (facts.visits[told.appointment_id] for row in rows for told in row.told_visits.all()),
        key=lambda visit: visit.starts_at,
    )
    later = _known_after(told[-1].starts_at, one.patient, facts) if purpose is Purpose.REMINDER else []
    kept = [visit for visit in told if visit.standing is Standing.TENTATIVE]
    sender = patient_facts.sender_name(one.clinic, one.patient.language)
    try:
        text = render(
            own=wording_for(one.clinic, purpose, channel, one.patient.language),
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
    message = Message.objects.create(
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
    attempt = Attempt.objects.create(message=message, started_at=now, lease_until=now + lease)
    _of(rows).update(message=message, tries=F("tries") + 1, lease_until=now + lease, asked_at=None, changed_at=now)
    return Started(attempt.pk, channel, outgoing_of(attempt))


def _known_after(end: datetime, patient: Patient, facts: Facts) -> list[Visit]:
    """The firm visits after `end` that the patient has heard of at their present time: a reminder is no news."""
    visits = [one for one in facts.visits.values() if one.standing is Standing.FIRM and one.starts_at > end]
    said = sorted(patient_facts.read_told(patient, [one.id for one in visits]), key=lambda one: one.said_at)
    last = {one.visit_id: one for one in said if one.still_theirs}
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
