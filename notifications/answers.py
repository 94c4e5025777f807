"""Our answers to what people write: the clinic's one fixed answer a day, and words that a manager approved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from notifications.consent import CHANNEL_OF
from notifications.models import Address, AddressKind, InboundMessage, MessageRules, Notice, QuickReply
from notifications.notice_facts import ChannelName, Purpose
from notifications.notice_rules import notice_key, one_a_channel
from notifications.reaching import may_answer, read_reachable
from notifications.rendering import base_language
from notifications.reply_outcomes import DONE
from notifications.wake_up import wake_worker
from scheduling import events, permissions
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry
from scheduling.models import Appointment, Clinic, Patient

FIXED, PICTURE, QUICK = "fixed", "picture", "quick"
NOT_AGAIN_WITHIN = timedelta(days=1)
FIXED_IS_USEFUL_FOR, QUICK_IS_USEFUL_FOR = timedelta(hours=1), timedelta(hours=12)
# The Spanish needs a qualified reviewer.
PICTURES_REFUSED = {
    "en": "We can't take pictures or files here; yours was not kept.",
    "es": "No podemos recibir fotos ni archivos aqui; el suyo no se guardo.",
}


class CannotWriteThere(Exception):
    """The patient wants no messages there, the address is stopped, or nobody knows who it is: call instead."""


class NotApproved(Exception):
    """These words are not, or no longer, approved for this clinic."""


def fixed_answer(*, reply: InboundMessage, patient: Patient, now: datetime, says_more: bool) -> bool:
    """Plans the clinic's fixed answer to a reply that a person has to read; True when one goes.

    Where pictures came the answer says that they were not kept, and with `says_more` the fixed answer as well. Neither
    goes to an address more than once in 24 hours, or where messages may not go. In Spanish to who speaks it, in English
    to all others: the numbers to call in need are better read in a foreign language than not at all.
    """
    if reply.address is None or reply.clinic_id is None or not may_answer(patient, reply.address):
        return False
    language = "es" if base_language(patient.language) == "es" else "en"
    # Two replies at once must not both find that none went today.
    Address.objects.select_for_update(no_key=True).get(pk=reply.address.pk)
    rules = MessageRules.objects.filter(clinic=reply.clinic_id).first() or MessageRules(clinic_id=reply.clinic_id)
    words = {}
    if reply.pictures and not _went_lately(reply.address, PICTURE, now):
        words[PICTURE] = PICTURES_REFUSED[language]
    if says_more and not _went_lately(reply.address, FIXED, now):
        words[FIXED] = rules.fixed_answer_es if language == "es" else rules.fixed_answer
    for step, text in words.items():
        key = _key(step, reply.address, f"r{reply.pk}")
        _plan(key, step, patient, reply.clinic_id, reply.address, text, FIXED_IS_USEFUL_FOR, now, reply=reply)
    if FIXED in words:
        InboundMessage.objects.filter(pk=reply.pk).update(fixed_answer_at=now)
    return bool(words)


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

    Refuses with NotApproved words of another clinic or withdrawn ones, and with CannotWriteThere an address that
    wants no messages or a reply of nobody known. Records `reply.answered`.
    """
    if reply.clinic_id is None or reply.clinic is None or reply.patient is None or reply.address is None:
        raise CannotWriteThere
    permissions.check(by, "reply.handle", organisation_id=reply.clinic.organisation_id, clinic_id=reply.clinic_id)
    _check_approved(quick, reply.clinic_id)
    with transaction.atomic():
        notice = _write(quick, reply.patient, reply.clinic_id, reply.address, key, now, reply=reply)
        InboundMessage.objects.filter(pk=reply.pk, handled_at=None).update(
            handled_at=now, handled_by_id=by.user_id, outcome=DONE
        )
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
    """Sends approved words to the patient of a visit, by text before e-mail or as they prefer. The same `key` again
    sends nothing more.

    Refuses with NotApproved, and with CannotWriteThere a patient who can't be reached. Records `visit.written_about`.
    """
    clinic, patient = visit.clinic, visit.patient
    permissions.check(by, "reply.handle", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    _check_approved(quick, clinic.pk)
    reachable = read_reachable(patient, ClinicTime(clinic.time_zone).zone)
    address = next(iter(sorted(one_a_channel(reachable), key=lambda one: not one.preferred)), None)
    if address is None:
        raise CannotWriteThere
    with transaction.atomic():
        notice = _write(quick, patient, clinic.pk, Address.objects.get(pk=address.id), key, now)
        entry = Entry.of_visit("visit.written_about", visit, data={"quick_reply": quick.pk, "notice": notice.pk})
        events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return notice


def _check_approved(quick: QuickReply, clinic_id: int) -> None:
    if quick.clinic_id != clinic_id or quick.ended_at is not None:
        raise NotApproved


def _write(
    quick: QuickReply, patient: Patient, clinic_id: int, address: Address, key: str, now: datetime,
    *, reply: InboundMessage | None = None,
) -> Notice:  # fmt: skip
    if not may_answer(patient, address):
        raise CannotWriteThere
    whole_key = _key(QUICK, address, f"q{key}")
    return _plan(whole_key, QUICK, patient, clinic_id, address, quick.body, QUICK_IS_USEFUL_FOR, now, reply)


def _plan(
    key: str, step: str, patient: Patient, clinic_id: int, address: Address, words: str, useful_for: timedelta,
    now: datetime, reply: InboundMessage | None = None,
) -> Notice:  # fmt: skip
    # No NoticeVisit: the planner must not take an answer for the news of a visit's time.
    notice, _ = Notice.objects.get_or_create(
        notice_key=key,
        defaults={
            "patient": patient,
            "clinic_id": clinic_id,
            "purpose": Purpose.REPLY,
            "step": step,
            "channel": CHANNEL_OF[AddressKind(address.kind)],
            "address": address,
            "words": words,
            "reply": reply,
            "due_at": now,
            "useful_until": now + useful_for,
            "planned_at": now,
            "changed_at": now,
        },
    )
    transaction.on_commit(wake_worker, robust=True)
    return notice


def _key(step: str, address: Address, about: str) -> str:
    channel = ChannelName(CHANNEL_OF[AddressKind(address.kind)])
    return notice_key(subject=(), purpose=Purpose.REPLY, step=step, channel=channel, recipient=address.pk) + about


def _went_lately(address: Address, step: str, now: datetime) -> bool:
    answers = Notice.objects.filter(address=address, purpose=Purpose.REPLY, step=step)
    return answers.filter(planned_at__gt=now - NOT_AGAIN_WITHIN).exists()
