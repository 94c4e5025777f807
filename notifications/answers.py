"""Our answers to what people write: the clinic's one fixed answer a day, and words that a manager approved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from notifications.clinic_rules import read_rules
from notifications.consent import CHANNEL_OF
from notifications.contact_wishes import wishes_of
from notifications.models import Address, AddressKind, InboundMessage, MessageRules, Notice, QuickReply
from notifications.notice_facts import ChannelName, Purpose
from notifications.notice_rules import FIXED_ANSWER, QUICK_ANSWER, WRITTEN, notice_key, one_a_channel, step_of_words
from notifications.quiet_hours import next_allowed
from notifications.reaching import may_answer, read_reachable
from notifications.rendering import base_language
from notifications.reply_outcomes import DONE
from notifications.wake_up import wake_worker
from scheduling import events, permissions
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry
from scheduling.models import Appointment, Clinic, Patient

NOT_AGAIN_WITHIN = timedelta(days=1)
FIXED_IS_USEFUL_FOR, QUICK_IS_USEFUL_FOR = timedelta(hours=1), timedelta(hours=12)
# The Spanish needs a qualified reviewer.
PICTURES_REFUSED = {
    "en": "We can't take pictures or files here; yours was not kept.",
    "es": "No podemos recibir fotos ni archivos aqui; el suyo no se guardo.",
}


class CannotWriteThere(Exception):
    """The patient wants no messages there, the address is stopped, or nobody knows who it is: call instead."""


class OnlyElsewhere(CannotWriteThere):
    """The patient asked to be written to at another address alone."""


class AnsweredAlready(Exception):
    """Somebody has dealt with the reply meanwhile."""


class NotApproved(Exception):
    """These words are not, or no longer, approved for this clinic."""


def fixed_answer(*, reply: InboundMessage, patient: Patient, now: datetime, says_more: bool) -> bool:
    """Plans the clinic's fixed answer to a reply that a person has to read, or that came with pictures; True when one
    goes.

    Where pictures came it says first that they were not kept; without `says_more` it goes for the pictures alone. No
    address gets more than one in 24 hours, so that each names the numbers to call in need; none goes where the patient
    may not be answered. In Spanish to who speaks it, in English to all others: those numbers are better read in a
    foreign language than not at all.
    """
    if not (says_more or reply.pictures) or reply.address is None or reply.clinic_id is None:
        return False
    if not may_answer(patient, reply.address):
        return False
    language = "es" if base_language(patient.language) == "es" else "en"
    # Two replies at once must not both find that none went today.
    Address.objects.select_for_update(no_key=True).get(pk=reply.address.pk)
    if _went_lately(reply.address, now):
        return False
    rules = MessageRules.objects.filter(clinic=reply.clinic_id).first() or MessageRules(clinic_id=reply.clinic_id)
    words = rules.fixed_answer_es if language == "es" else rules.fixed_answer
    if reply.pictures:
        words = f"{PICTURES_REFUSED[language]} {words}"
    _plan(
        Planned(FIXED_ANSWER, patient, reply.clinic_id, reply.address, words, now, now + FIXED_IS_USEFUL_FOR),
        about=f"r{reply.pk}",
        now=now,
        reply=reply,
    )
    InboundMessage.objects.filter(pk=reply.pk).update(fixed_answer_at=now)
    return True


def approved_for(clinic: Clinic, language: str) -> list[QuickReply]:
    """What may be sent to a patient of this language at the clinic: no words of another one."""
    return in_language(approved(clinic), language)


def approved(clinic: Clinic) -> QuerySet[QuickReply]:
    """What may be sent at the clinic, in whatever language."""
    return QuickReply.objects.filter(clinic=clinic, ended_at=None).order_by("pk")


def in_language(quick: Iterable[QuickReply], language: str) -> list[QuickReply]:
    """Of these the words a patient of this language reads."""
    return [one for one in quick if base_language(one.language) == base_language(language)]


def answer_with(*, reply: InboundMessage, quick: QuickReply, key: str, by: Actor, now: datetime) -> Notice:
    """Sends approved words back to where a reply came from, and closes it. The same `key` again sends nothing more.

    To who wrote within 72 hours it goes at once, else in allowed hours. Refuses with AnsweredAlready a reply that
    somebody has dealt with, with NotApproved words of another clinic or withdrawn ones, with OnlyElsewhere where the
    patient wants to be written to at another address alone, and with CannotWriteThere an address that wants no messages
    or a reply of nobody known. Records `reply.answered`.
    """
    if reply.clinic_id is None or reply.clinic is None or reply.patient is None or reply.address is None:
        raise CannotWriteThere
    permissions.check(by, "reply.handle", organisation_id=reply.clinic.organisation_id, clinic_id=reply.clinic_id)
    _check_approved(quick, reply.clinic_id)
    with transaction.atomic():
        # Two people at one reply: the second waits here, and then finds it done.
        row = InboundMessage.objects.select_for_update().get(pk=reply.pk)
        sent = _sent_before(reply.address, key)
        if sent is not None:
            return sent
        if row.handled_at is not None:
            raise AnsweredAlready
        _check_may_answer(reply.patient, reply.address)
        step = step_of_words(wrote_at=row.received_at, now=now)
        zone = ZoneInfo(reply.patient.time_zone or reply.clinic.time_zone)
        due_at = now if step == QUICK_ANSWER else _allowed(reply.clinic_id, zone, now)
        planned = Planned(
            step, reply.patient, reply.clinic_id, reply.address, quick.body, due_at, due_at + QUICK_IS_USEFUL_FOR
        )
        notice = _plan(planned, about=_pressed(key), now=now, reply=row)
        InboundMessage.objects.filter(pk=row.pk).update(handled_at=now, handled_by_id=by.user_id, outcome=DONE)
        entry = Entry(
            "reply.answered",
            clinic_id=reply.clinic_id,
            patient_id=reply.patient_id,
            appointment_id=reply.visit_id,
            data={"reply": reply.pk, "quick_reply": quick.pk, "notice": notice.pk},
        )
        events.record(organisation_id=reply.clinic.organisation_id, entries=[entry], by=by, now=now)
    return notice


def write_about(*, visit: Appointment, quick: QuickReply, key: str, by: Actor, now: datetime) -> Notice:
    """Sends approved words to the patient of a visit, by text before e-mail or as they prefer, in allowed hours: nobody
    says that they are awake. The same `key` again sends nothing more.

    Refuses with NotApproved, and with CannotWriteThere a patient who can't be reached. Records `visit.written_about`.
    """
    clinic, patient = visit.clinic, visit.patient
    permissions.check(by, "reply.handle", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    _check_approved(quick, clinic.pk)
    reachable = read_reachable(patient, ClinicTime(clinic.time_zone).zone, by_text=clinic.sends_texts)
    at = next(iter(sorted(one_a_channel(reachable), key=lambda one: not one.preferred)), None)
    if at is None:
        raise CannotWriteThere
    with transaction.atomic():
        # Two presses at once: the second finds what the first has planned.
        address = Address.objects.select_for_update(no_key=True).get(pk=at.id)
        if (sent := _sent_before(address, key)) is not None:
            return sent
        due_at = _allowed(clinic.pk, at.zone, now)
        step = step_of_words(wrote_at=None, now=now)
        planned = Planned(step, patient, clinic.pk, address, quick.body, due_at, due_at + QUICK_IS_USEFUL_FOR)
        notice = _plan(planned, about=_pressed(key), now=now)
        entry = Entry.of_visit("visit.written_about", visit, data={"quick_reply": quick.pk, "notice": notice.pk})
        events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return notice


def _check_may_answer(patient: Patient, address: Address) -> None:
    if wishes_of(patient).only_address_id not in (None, address.pk):
        raise OnlyElsewhere
    if not may_answer(patient, address):
        raise CannotWriteThere


def _check_approved(quick: QuickReply, clinic_id: int) -> None:
    if quick.clinic_id != clinic_id or quick.ended_at is not None:
        raise NotApproved


@dataclass(frozen=True, slots=True)
class Planned:
    """Words that are to go, and when."""

    step: str
    patient: Patient
    clinic_id: int
    address: Address
    words: str
    due_at: datetime
    useful_until: datetime


def _plan(planned: Planned, *, about: str, now: datetime, reply: InboundMessage | None = None) -> Notice:
    # No NoticeVisit: the planner must not take an answer for the news of a visit's time.
    notice, _ = Notice.objects.get_or_create(
        notice_key=_key(planned.step, planned.address, about),
        defaults={
            "patient": planned.patient,
            "clinic_id": planned.clinic_id,
            "purpose": Purpose.REPLY,
            "step": planned.step,
            "channel": CHANNEL_OF[AddressKind(planned.address.kind)],
            "address": planned.address,
            "words": planned.words,
            "reply": reply,
            "due_at": planned.due_at,
            "useful_until": planned.useful_until,
            "planned_at": now,
            "changed_at": now,
        },
    )
    transaction.on_commit(wake_worker, robust=True)
    return notice


def _allowed(clinic_id: int, zone: ZoneInfo, now: datetime) -> datetime:
    return next_allowed(now, read_rules([clinic_id])[clinic_id].quiet, zone)


def _key(step: str, address: Address, about: str) -> str:
    channel = ChannelName(CHANNEL_OF[AddressKind(address.kind)])
    return notice_key(subject=(), purpose=Purpose.REPLY, step=step, channel=channel, recipient=address.pk) + about


def _pressed(key: str) -> str:
    return f"q{key}"


def _sent_before(address: Address, key: str) -> Notice | None:
    keys = [_key(step, address, _pressed(key)) for step in (QUICK_ANSWER, WRITTEN)]
    return Notice.objects.filter(notice_key__in=keys).first()


def _went_lately(address: Address, now: datetime) -> bool:
    answers = Notice.objects.filter(address=address, purpose=Purpose.REPLY, step=FIXED_ANSWER)
    return answers.filter(planned_at__gt=now - NOT_AGAIN_WITHIN).exists()
