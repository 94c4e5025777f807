"""Calls that a reply, a bounce or an unsubscription asks for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications.models import CallKind, CallTask, InboundMessage, Notice
from scheduling import events
from scheduling.events import Actor, Entry
from scheduling.models import Clinic, Patient


def ask_to_call(
    *,
    key: str,
    kind: CallKind,
    clinic: Clinic,
    by: Actor,
    now: datetime,
    patient: Patient | None = None,
    notice: Notice | None = None,
    reply: InboundMessage | None = None,
    reason: str = "",
    words: str = "",
) -> CallTask:
    """Puts a call on the clinic's list, once for each `key`, whatever became of it since. Records `call.asked` when it
    is new.
    """
    with transaction.atomic():
        task, is_new = CallTask.objects.get_or_create(
            task_key=key,
            defaults={
                "kind": kind,
                "clinic": clinic,
                "patient": patient,
                "notice": notice,
                "reply": reply,
                "reason": reason,
                "words": words,
                "language": patient.language if patient else "en",
                "opened_at": now,
                "due_at": now,
            },
        )
        if is_new:
            entry = Entry(
                "call.asked",
                clinic_id=clinic.pk,
                patient_id=patient.pk if patient else None,
                data={"call": task.pk, "kind": str(kind)},
            )
            events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return task
