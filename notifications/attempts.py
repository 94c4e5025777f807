"""The start of an attempt: one short transaction that looks at the facts again, writes the text and the attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F

from notifications import asking_after, call_list, links, patient_facts, reasons, said_in_person
from notifications.channels.outcomes import Outgoing
from notifications.last_look import MAY_COME_BACK, Facts, is_said_later, visits_of, why_not
from notifications.message_texts import words_to_say, write_text
from notifications.models import Attempt, Message, Notice, NoticeState
from notifications.models.notice import NoticeQuerySet
from notifications.notice_facts import ChannelName, Purpose
from notifications.notice_rules import NEVER_LATE, goes_at, wakes
from notifications.quiet_hours import quiet_from
from notifications.rendering import NoWording
from notifications.segments import measure
from notifications.visit_news import NOW_STEP

SHORTEST_WINDOW = timedelta(seconds=10)
# For the planner to drop or keep what has no consent or address just now.
LEFT_TO_PLANNER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt that is written down and now has to be made."""

    attempt_id: int
    channel: ChannelName
    outgoing: Outgoing


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
    found = patient_facts.read_visits(one.patient, now)
    reachable = patient_facts.read_reachable(one.patient, ZoneInfo(one.clinic.time_zone))
    here = next((found for found in reachable if (found.id, found.channel) == (one.address_id, one.channel)), None)
    answers = one.purpose == Purpose.REPLY and patient_facts.may_answer(one.patient, one.address)
    open_check_ins = asking_after.read_check_ins(one.patient, found, now) if one.purpose == Purpose.CHECK_IN else []
    return Facts(
        visits={visit.id: visit for visit in found},
        has_consent=here is not None or answers,
        address_works=here is not None or patient_facts.is_address_of(one.patient, one.address),
        patient_gone=one.patient.is_gone,
        quiet=patient_facts.read_rules([one.clinic_id])[one.clinic_id].quiet,
        zone=here.zone if here else ZoneInfo(one.patient.time_zone or one.clinic.time_zone),
        in_person=said_in_person.read_in_person(one.patient, found) if one.step == NOW_STEP else (),
        check_ins=frozenset((check_in.visit.id, f"day{check_in.day}") for check_in in open_check_ins),
    )


def _goes(row: Notice, facts: Facts, now: datetime) -> bool:
    this = Notice.objects.filter(pk=row.pk)
    if reason := why_not(row, facts):
        if reason in MAY_COME_BACK:
            this.move(NoticeState.PLANNED, now=now, due_at=now + LEFT_TO_PLANNER)
        else:
            this.move(NoticeState.SUPPRESSED, now=now, reason=reason)
        return False
    at = goes_at(
        purpose=Purpose(row.purpose),
        visits=visits_of([row], facts),
        due_at=row.due_at,
        useful_until=row.useful_until,
        now=now,
        hours=facts.quiet,
        zone=facts.zone,
    )
    if at is None and is_said_later(row):
        this.move(NoticeState.SUPPRESSED, now=now, reason=reasons.SAID_LATER)
    elif at is None:
        this.move(NoticeState.LAPSED, now=now, reason=reasons.TOO_LATE)
    elif at > now:
        this.move(NoticeState.PLANNED, now=now, due_at=at)
    return at is not None and at <= now


def _valid_until(rows: Sequence[Notice], facts: Facts, now: datetime) -> datetime:
    useful_until = min(row.useful_until for row in rows)
    purpose = Purpose(rows[0].purpose)
    if purpose in NEVER_LATE or wakes(purpose, visits_of(rows, facts)):
        return useful_until
    quiet = quiet_from(now, facts.quiet, facts.zone)
    return min(useful_until, quiet) if quiet else useful_until


def _write(
    rows: Sequence[Notice], facts: Facts, valid_until: datetime, now: datetime, lease: timedelta
) -> Started | None:
    one, message_id = rows[0], uuid4()
    purpose, channel = Purpose(one.purpose), ChannelName(one.channel)
    token = links.token_for(message_id, purpose)
    try:
        text, sender = write_text(rows, list(facts.visits.values()), link=links.url_for(token))
    except NoWording:
        words = words_to_say(rows, list(facts.visits.values()))
        call_list.ask_to_say(
            notices=rows, words=words.body, language=words.language, reason=reasons.NO_WORDING, now=now
        )  # fmt: skip
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
