"""A call is a channel too: what is sent becomes a task for the desk, with the words to say."""

from __future__ import annotations

from uuid import UUID

from django.db import DatabaseError, transaction

from notifications.calls import ask_to_call
from notifications.channels.outcomes import (
    BUSY,
    REJECTED,
    Accepted,
    Found,
    LookUp,
    NotKnown,
    Outcome,
    Outgoing,
    refusal,
)
from notifications.models import CallKind, CallTask, Message
from scheduling.events import Actor

BY = Actor.system("messages")


class CallChannel:
    """Accepted: the task stands on the desk's list, and its id is the reference. A second send finds the first."""

    sender = ""
    at_once = 16

    def send(self, outgoing: Outgoing) -> Outcome:
        try:
            with transaction.atomic():
                message = (
                    Message.objects.select_related("clinic", "patient").filter(pk=UUID(outgoing.message_id)).first()
                )
                if message is None:
                    return refusal(REJECTED)
                return Accepted(reference=_reference(_open(message, outgoing)))
        except DatabaseError:
            return refusal(BUSY)

    def look_up(self, outgoing: Outgoing) -> LookUp:
        task = CallTask.objects.filter(task_key=_key(outgoing)).first()
        return Found(_reference(task)) if task else NotKnown()

    def rest(self) -> None:
        """Keeps nothing open."""


def _open(message: Message, outgoing: Outgoing) -> CallTask:
    notice = message.notices.order_by("pk").first()
    told = notice.told_visits.order_by("starts_at").first() if notice else None
    return ask_to_call(
        key=_key(outgoing),
        kind=CallKind.SAY_INSTEAD,
        clinic=message.clinic,
        patient=message.patient,
        visit_id=told.appointment_id if told else None,
        notice=notice,
        words=outgoing.body,
        language=message.language,
        useful_until=outgoing.valid_until,
        by=BY,
        now=outgoing.started_at,
    )


def _key(outgoing: Outgoing) -> str:
    return f"say/{outgoing.message_id}"


def _reference(task: CallTask) -> str:
    return f"call:{task.pk}"
