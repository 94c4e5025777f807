"""Calls that a reply, a bounce or an unsubscription asks for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications.models import CallKind, CallTask, InboundMessage
from scheduling import events
from scheduling.events import Actor, Entry
from scheduling.models import Clinic, Patient


def open_call(
    *,
    kind: CallKind,
    about: str,
    clinic_id: int,
    by: Actor,
    now: datetime,
    patient: Patient | None = None,
    visit_id: int | None = None,
    reply: InboundMessage | None = None,
    reason: str = "",
) -> CallTask:
    """Puts somebody on the call list, due at once; `about` makes it the only such call. Twice changes nothing.

    Records `call.opened`.
    """
    with transaction.atomic():
        task, is_new = CallTask.objects.get_or_create(
            task_key=f"{kind}/{about}/p{patient.pk if patient else 0}",
            defaults={
                "kind": kind,
                "clinic_id": clinic_id,
                "patient": patient,
                "visit_id": visit_id,
                "reply": reply,
                "reason": reason,
                "language": patient.language if patient else "en",
                "opened_at": now,
                "due_at": now,
            },
        )
        if is_new:
            clinic = Clinic.objects.get(pk=clinic_id)
            entry = Entry(
                "call.opened",
                clinic_id=clinic_id,
                patient_id=patient.pk if patient else None,
                appointment_id=visit_id,
                data={"call": task.pk, "kind": str(kind)},
            )
            events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return task
