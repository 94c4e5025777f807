"""A call in place of a message: what it would have said is said by a person, once, whatever the channels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from notifications.calls import ask_to_call, close_unneeded
from notifications.models import CallKind, CallTask, Notice
from notifications.models.notice import AGAIN
from scheduling.events import Actor
from scheduling.models import Patient

SENDING = Actor.system("messages")


def ask_to_say(
    *,
    notices: Sequence[Notice],
    words: str,
    language: str,
    reason: str,
    now: datetime,
    kind: CallKind = CallKind.SAY_INSTEAD,
    useful_until: datetime | None = None,
    by: Actor = SENDING,
) -> CallTask:
    """One call in place of what these notices of a patient and purpose would have said, those that ask for it first.

    Asked once for the same news, sent again asks again. `language` is that of the words; `useful_until` by default
    that of the first to lose its use. Records `call.asked` when it is new.
    """
    one = notices[0]
    told = sorted({(told.appointment_id, told.told_version) for row in notices for told in row.told_visits.all()})
    subject = "+".join(f"{visit}v{version}" for visit, version in told) or f"n{one.pk}"
    again = AGAIN * one.notice_key.count(AGAIN)
    return ask_to_call(
        key=f"{CallKind.SAY_INSTEAD}/{one.purpose}/{one.step}/p{one.patient_id}/{subject}{again}",
        kind=kind,
        clinic=one.clinic,
        patient=one.patient,
        visit_id=told[0][0] if told else None,
        notice=one,
        reason=reason,
        words=words,
        language=language,
        useful_until=useful_until or min(row.useful_until for row in notices),
        by=by,
        now=now,
    )


def close_outdated(*, patient: Patient, outdated: Collection[int], by: Actor, now: datetime) -> None:
    """Closes the calls that would say what these notices say, which is no longer so. Records `call.settled`."""
    calls = CallTask.objects.filter(patient=patient, kind=CallKind.SAY_INSTEAD, notice__in=outdated)
    close_unneeded(calls=calls, by=by, now=now)
