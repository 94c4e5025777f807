"""Calls that planning and sending ask for: whoever can't be reached, and what has no text in the patient's language.

A task that nobody needs any more is closed, for nothing is worse than a call about what is no longer so.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import QuerySet

from notifications import reasons
from notifications.models import CallKind, CallTask, Notice
from notifications.notice_facts import Standing, Visit
from scheduling.models import Patient

NOT_NEEDED = "not_needed"


def ask_to_call_unreachable(*, patient: Patient, visits: Sequence[Visit], reason: str, now: datetime) -> None:
    """Puts who can't be reached on the call list for these visits to come; `reason` is a word of `reasons`, empty for
    somebody who can be reached, whose task is closed. One open task a patient, kept up to date; what a person has
    called about is asked for again once a visit is new or has changed.
    """
    tasks = CallTask.objects.filter(patient=patient, kind=CallKind.CANNOT_REACH)
    ahead = [one for one in visits if one.standing in (Standing.FIRM, Standing.TENTATIVE) and one.starts_at > now]
    if not reason or not ahead:
        _close(tasks, now)
        return
    subject = {f"{one.id}v{one.told_version}" for one in ahead}
    called = tasks.filter(closed_at__isnull=False).exclude(outcome=NOT_NEEDED).values_list("task_key", flat=True)
    if any(subject <= set(key.rpartition("/")[2].split("+")) for key in called):
        _close(tasks, now)
        return
    first = min(ahead, key=lambda one: one.starts_at)
    key = f"{CallKind.CANNOT_REACH}/p{patient.pk}/{'+'.join(sorted(subject))}"
    said = {
        "clinic_id": first.clinic_id,
        "visit_id": first.id,
        "reason": reason,
        "language": patient.language,
        "useful_until": first.starts_at,
    }
    opened = tasks.filter(closed_at=None).order_by("pk").first()
    same = tasks.filter(task_key=key).first()
    if same is not None and same.closed_at is not None:
        # It was needed no more, and now is again.
        _close(tasks.exclude(pk=same.pk), now)
        tasks.filter(pk=same.pk).update(closed_at=None, closed_by=None, outcome="", opened_at=now, due_at=now, **said)
    elif opened is None:
        CallTask.objects.create(
            task_key=key, kind=CallKind.CANNOT_REACH, patient=patient, opened_at=now, due_at=now, **said
        )
    elif any(getattr(opened, name) != value for name, value in {"task_key": key, **said}.items()):
        tasks.filter(pk=opened.pk).update(task_key=key, **said)


def ask_to_say(*, notices: Sequence[Notice], words: str, language: str, reason: str, now: datetime) -> None:
    """One call in place of what these notices of a patient and purpose would have said; asked once, whatever the
    channels. `language` is that of the words."""
    one = notices[0]
    told = sorted({(told.appointment_id, told.told_version) for row in notices for told in row.told_visits.all()})
    subject = "+".join(f"{visit}v{version}" for visit, version in told)
    CallTask.objects.get_or_create(
        task_key=f"{CallKind.SAY_INSTEAD}/{one.purpose}/{one.step}/p{one.patient_id}/{subject}",
        defaults={
            "kind": CallKind.SAY_INSTEAD,
            "clinic_id": one.clinic_id,
            "patient_id": one.patient_id,
            "visit_id": told[0][0] if told else None,
            "notice": one,
            "reason": reason,
            "words": words,
            "language": language,
            "opened_at": now,
            "due_at": now,
            "useful_until": min(row.useful_until for row in notices),
        },
    )


def close_outdated(*, patient: Patient, outdated: Collection[int], now: datetime) -> None:
    """Closes the calls that would say what these notices say, which is no longer so."""
    _close(CallTask.objects.filter(patient=patient, kind=CallKind.SAY_INSTEAD, notice__in=outdated), now)


def close_all(*, patient: Patient, now: datetime) -> None:
    """Closes every call to a patient who has died or whose record was merged into another."""
    tasks = CallTask.objects.filter(patient=patient, closed_at=None)
    tasks.update(closed_at=now, outcome=NOT_NEEDED, reason=reasons.PATIENT_GONE)


def _close(tasks: QuerySet[CallTask], now: datetime) -> None:
    tasks.filter(closed_at=None).update(closed_at=now, outcome=NOT_NEEDED)
