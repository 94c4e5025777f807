"""What a reply does, by what it was taken to mean. Each gives the word for what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from notifications import reply_outcomes as outcomes
from notifications.addresses import reopen_address
from notifications.answers import fixed_answer
from notifications.calls import ask_to_call
from notifications.confirming import confirm_told
from notifications.consent import CHANNEL_OF, record_consent, withdraw_consent
from notifications.models import Address, AddressKind, CallKind, ConsentMethod, ConsentRecord, InboundMessage, Intent
from notifications.notice_facts import ChannelName, Purpose
from notifications.reply_matching import ASKS, is_in_conversation, patients_at, told_in
from notifications.wrong_number import record_wrong_number
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor
from scheduling.models import Appointment, Status
from scheduling.running_late import NotLate, note_late
from scheduling.visit_steps import NotPossibleFromHere

BY = Actor.system("replies")
OPTED_OUT_AT_CARRIER = "opted_out"
START_WORDING = "reply START"
# Of the visits of one message, what a person has to look at comes first.
BY_NEED = (outcomes.CHANGED_MEANWHILE, outcomes.TO_READ, outcomes.CONFIRMED)
MAY_COME_WITH_A_PICTURE = (Intent.CONFIRM, Intent.CALL_ME, Intent.LATE, Intent.THANKS)
LATE_AFTER_START = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply with everything its effect asks for; `addresses`: each row of its sender's number or mailbox."""

    row: InboundMessage
    addresses: Sequence[Address]
    is_loose: bool
    now: datetime


def take_effect(reply: Reply) -> str:
    """Does what the reply asks for and gives an outcome of `reply_outcomes`. Records what its verbs record."""
    intent = Intent(reply.row.intent)
    outcome = EFFECTS[intent](reply)
    if reply.row.pictures and reply.row.patient and intent in MAY_COME_WITH_A_PICTURE:
        fixed_answer(reply=reply.row, patient=reply.row.patient, now=reply.now, says_more=False)
    return outcome


def _confirm(reply: Reply) -> str:
    row = reply.row
    if row.patient is None and len(patients_at(reply.addresses)) > 1:
        return outcomes.WHO_IS_IT
    if row.patient is None or row.answers is None:
        return outcomes.NOTHING_ASKED
    in_conversation = is_in_conversation(
        addresses=reply.addresses, channel=ChannelName(row.channel), at=row.received_at
    )
    # A yes to "please do not come" confirms nothing.
    is_no_question = row.answers.purpose in (Purpose.CLOSURE, Purpose.ORDER_PAUSED)
    if is_no_question or (reply.is_loose and (in_conversation or row.answers.purpose not in ASKS)):
        return outcomes.TO_READ
    became = confirm_told(told_in(row.answers), reply.now)
    return next((one for one in BY_NEED if one in became), outcomes.NOTHING_ASKED)


def _call(reply: Reply) -> str:
    return outcomes.CALL_OPENED if _open(reply, CallKind.ASKED_FOR_CALL) else outcomes.TO_READ


def _stop(reply: Reply) -> str:
    return outcomes.OPTED_OUT if _withdraw(reply) else outcomes.TO_READ


def _stop_and_call(reply: Reply) -> str:
    withdrawn = _withdraw(reply)
    called = _open(reply, CallKind.WANTS_TO_CANCEL)
    return outcomes.OPTED_OUT_AND_CALL if withdrawn and called else outcomes.TO_READ


def _start(reply: Reply) -> str:
    """Takes an opt-out back. Who never agreed does not agree by a word to a carrier: a person asks them."""
    again = 0
    for address in reply.addresses:
        last = ConsentRecord.objects.filter(address=address).order_by("-pk").first()
        if address.stop_reason == OPTED_OUT_AT_CARRIER:
            reopen_address(address=address, by=BY, now=reply.now)
            again += 1
        elif address.stopped_at is not None or last is None or last.granted:
            continue
        if last is not None and not last.granted:
            channel = CHANNEL_OF[AddressKind(address.kind)]
            record_consent(
                address=address, channel=channel, granted=True, wording_version=START_WORDING, by=BY, now=reply.now,
                **_as_said(reply),
            )  # fmt: skip
            again += 1
    return outcomes.OPTED_IN if again else outcomes.TO_READ


def _late(reply: Reply) -> str:
    if (visit := _visit_of_today(reply)) is not None:
        InboundMessage.objects.filter(pk=reply.row.pk).update(visit=visit)
        if reply.row.late_minutes:
            # Who is too late to be told apart from not coming, or is here by now, is left to whoever reads it.
            with suppress(NotLate, NotPossibleFromHere):
                note_late(appointment=visit, minutes=reply.row.late_minutes, how="reply", by=BY, now=reply.now)
    return outcomes.LATE


def _wrong_number(reply: Reply) -> str:
    """All that the desk's button does. Where no clinic can make the calls somebody has to read it."""
    for address in reply.addresses:
        record_wrong_number(address=address, clinic=reply.row.clinic, reply=reply.row, by=BY, now=reply.now)
    return outcomes.WRONG_NUMBER if reply.addresses and reply.row.clinic else outcomes.TO_READ


def _thanks(reply: Reply) -> str:
    return outcomes.TO_READ if reply.row.pictures else outcomes.THANKED


def _to_read(reply: Reply) -> str:
    row = reply.row
    several = patients_at(reply.addresses)
    patient = row.patient or (row.answers.patient if row.answers else next(iter(several), None))
    if patient is not None:
        fixed_answer(reply=row, patient=patient, now=reply.now, says_more=bool(row.text.strip()))
    return outcomes.WHO_IS_IT if row.patient is None and len(several) > 1 else outcomes.TO_READ


EFFECTS: Mapping[Intent, Callable[[Reply], str]] = {
    Intent.CONFIRM: _confirm,
    Intent.CALL_ME: _call,
    Intent.STOP: _stop,
    Intent.STOP_AND_CALL: _stop_and_call,
    Intent.START: _start,
    Intent.HELP: _to_read,
    Intent.LATE: _late,
    Intent.WRONG_NUMBER: _wrong_number,
    Intent.THANKS: _thanks,
    Intent.OTHER: _to_read,
}


def _open(reply: Reply, kind: CallKind) -> bool:
    """A call to whoever wrote; False where no clinic could make it, so that the reply itself must be read."""
    clinic, patient = reply.row.clinic, reply.row.patient
    if clinic is None:
        return False
    ask_to_call(
        key=f"{kind}/r{reply.row.pk}/p{patient.pk if patient else 0}",
        kind=kind,
        clinic=clinic,
        patient=patient,
        reply=reply.row,
        by=BY,
        now=reply.now,
    )
    return True


def _withdraw(reply: Reply) -> bool:
    for address in reply.addresses:
        withdraw_consent(address=address, by=BY, now=reply.now, **_as_said(reply))
    return bool(reply.addresses)


def _as_said(reply: Reply) -> dict[str, Any]:
    patient = reply.row.patient
    language = patient.language if patient else ""
    return {"method": ConsentMethod.REPLY, "language": language, "patient": patient, "raw_text": reply.row.text}


def _visit_of_today(reply: Reply) -> Appointment | None:
    """The visit they are late for: the first of today that is not long past."""
    patient, now = reply.row.patient, reply.now
    if patient is None:
        return None
    near = Appointment.objects.filter(
        patient=patient, status=Status.BOOKED, period__startswith__gt=now - LATE_AFTER_START
    )
    for visit in near.order_by("period")[:3]:
        clock = ClinicTime(visit.time_zone)
        if clock.local_day(visit.period.lower) == clock.local_day(now):
            return visit
    return None
