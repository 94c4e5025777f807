"""Who can't be reached is on the desk's call list at once, with the reason and what to say, until they can be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from notifications.by_telephone import find_to_say
from notifications.calls import NEEDED_NO_MORE, ask_to_call, close_unneeded
from notifications.message_texts import Stationery, words_about
from notifications.models import CallKind, CallTask
from notifications.notice_facts import Draft, PatientFacts, Purpose
from notifications.said_by_call import Subject, subject_of, subjects_of
from scheduling.events import Actor
from scheduling.models import Appointment, CancelledBy, Clinic, Patient

# In the order in which a call says them.
SAID = (
    Purpose.CANCELLED,
    Purpose.ORDER_PAUSED,
    Purpose.CLOSURE,
    Purpose.CHANGED,
    Purpose.BOOKING_CONFIRMATION,
    Purpose.CHECK_IN,
    Purpose.MISSED,
)
# For these a call in place of a message says all that there is; visits to come ask for one all the same.
SAID_ONCE = (Purpose.CANCELLED, Purpose.ORDER_PAUSED, Purpose.CLOSURE, Purpose.CHECK_IN, Purpose.MISSED)
# After a visit: each is a call of its own, due when its message would be.
AFTERWARDS = (Purpose.CHECK_IN, Purpose.MISSED)
OF_AFTERWARDS = r"(day\d+|missed)$"


def ask_to_call_unreachable(*, patient: Patient, facts: PatientFacts, reason: str, by: Actor, now: datetime) -> None:
    """Puts who can't be reached on the call list with all that they have to hear: visits to come, what became of those
    they believe in, closures; each check-in, and the words after a missed visit, as a call of its own.

    `reason` is a word of `reasons`, empty for somebody who can be reached, whose calls are closed. One open call a
    patient beside those, kept up to date; what a person has called about is asked for again once it has changed.
    What the patient cancelled they know. Records `call.asked` and `call.settled`.
    """
    calls = CallTask.objects.filter(patient=patient, kind=CallKind.CANNOT_REACH)
    drafts = _unsaid(patient, find_to_say(facts, now), calls) if reason else []
    news = [one for one in drafts if one.purpose not in AFTERWARDS]
    asks = {_key(patient, [one]): [one] for one in drafts if one.purpose in AFTERWARDS}
    afterwards = calls.filter(task_key__regex=OF_AFTERWARDS)
    close_unneeded(calls=afterwards.exclude(task_key__in=asks), by=by, now=now)
    for key, ask in asks.items():
        _ask(patient, ask, afterwards.filter(task_key=key), reason, by=by, now=now)
    of_news = calls.exclude(task_key__regex=OF_AFTERWARDS)
    if news:
        _ask(patient, news, of_news, reason, by=by, now=now)
    else:
        close_unneeded(calls=of_news, by=by, now=now)


def _unsaid(patient: Patient, drafts: Sequence[Draft], calls: QuerySet[CallTask]) -> list[Draft]:
    """Without what a person has called about, is asked to say in place of a message, or heard from the patient."""
    settled = calls.filter(closed_at__isnull=False).exclude(NEEDED_NO_MORE).values_list("task_key", flat=True)
    called = {subject for key in settled for subject in subjects_of(key)}
    # That it is open, or goes ahead, after all says the visit too.
    called |= {
        Subject(one.visit_id, one.told_version, one.purpose) for one in called if one.step.startswith(("o", "r"))
    }
    instead = CallTask.objects.filter(patient=patient, task_key__startswith=CallKind.SAY_INSTEAD)
    keys = instead.exclude(NEEDED_NO_MORE).values_list("task_key", flat=True)
    called |= {subject for key in keys for subject in subjects_of(key) if subject.purpose in SAID_ONCE}
    cancelled = [one.visit.id for one in drafts if one.purpose is Purpose.CANCELLED]
    theirs = Appointment.objects.filter(pk__in=cancelled, cancelled_by=CancelledBy.PATIENT) if cancelled else ()
    known = {visit.pk for visit in theirs}
    return [one for one in drafts if subject_of(one) not in called and one.visit.id not in known]


def _key(patient: Patient, drafts: Sequence[Draft]) -> str:
    return f"{CallKind.CANNOT_REACH}/p{patient.pk}/{'+'.join(sorted(str(subject_of(one)) for one in drafts))}"


def _ask(
    patient: Patient, drafts: Sequence[Draft], calls: QuerySet[CallTask], reason: str, *, by: Actor, now: datetime
) -> None:
    key, first = _key(patient, drafts), min(drafts, key=lambda one: one.visit.starts_at)
    words, language = _words(patient, drafts)
    said: dict[str, Any] = {
        "clinic": Clinic.objects.get(pk=first.visit.clinic_id),
        "visit_id": first.visit.id,
        "reason": reason,
        "words": words,
        "language": language,
        "useful_until": max(one.useful_until for one in drafts),
    }
    due_at = max(now, min(one.due_at for one in drafts))
    if _bring_up_to_date(calls.filter(closed_at=None).order_by("pk").first(), key, said, due_at):
        return
    close_unneeded(calls=calls.exclude(task_key=key), by=by, now=now)
    ask_to_call(
        key=key, kind=CallKind.CANNOT_REACH, patient=patient, due_at=due_at, by=by, now=now, **said
    )  # fmt: skip


def _bring_up_to_date(call: CallTask | None, key: str, said: dict[str, Any], due_at: datetime) -> bool:
    """Whether an open call now says what is so; what is new in it brings it back where it was put off. One of the same
    key that was closed is to be opened in its place."""
    if call is None or CallTask.objects.filter(task_key=key).exclude(pk=call.pk).exists():
        return False
    if not set(subjects_of(key)) <= set(subjects_of(call.task_key)):
        said = {**said, "due_at": min(call.due_at, due_at)}
    said = {**said, "task_key": key}
    if any(getattr(call, name) != value for name, value in said.items()):
        CallTask.objects.filter(pk=call.pk).update(**said)
    return True


def _words(patient: Patient, drafts: Sequence[Draft]) -> tuple[str, str]:
    """What to say and in which language: the clinics' words, purpose by purpose."""
    stationery = Stationery()
    in_order = sorted(drafts, key=lambda one: one.visit.starts_at)
    clinics = Clinic.objects.in_bulk({one.visit.clinic_id for one in drafts})
    texts = []
    for purpose in SAID:
        for clinic in clinics.values():
            about = [one.visit for one in in_order if (one.purpose, one.visit.clinic_id) == (purpose, clinic.pk)]
            if about:
                texts.append(
                    words_about(about, purpose=purpose, clinic=clinic, patient=patient, stationery=stationery)
                )  # fmt: skip
    return "\n\n".join(text.body for text in texts), texts[0].language
