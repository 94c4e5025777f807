"""The one way an event is written: history, audit trail and outbox in the verb's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from scheduling.models import ActorKind, Appointment, Clinic, Event, EventToPlan, EventToSeal, Membership, Role, User
from scheduling.new_rows import insert_rows

# Sent after commit with `event_ids`: only a wake-up. What a receiver misses is found by the sweep over EventToPlan.
events_committed = Signal()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: staff at a clinic with their roles there, a patient by a link, or the system under a name."""

    kind: ActorKind
    name: str = ""
    user_id: int | None = None
    clinic_id: int | None = None
    roles: frozenset[Role] = frozenset()
    organisation_id: int | None = None

    @classmethod
    def staff(cls, user: User, clinic: Clinic) -> Actor:
        """The signed-in person with the roles they have at `clinic` (none: they may do nothing there)."""
        roles = Membership.objects.filter(user=user, clinic=clinic, user__is_active=True).values_list("role", flat=True)
        held = frozenset(Role(role) for role in roles)
        return cls(ActorKind.STAFF, user.username, user.pk, clinic.pk, held, clinic.organisation_id)

    @property
    def staff_id(self) -> int:
        """The person's id where only staff may act; refuses patients and the system (RuntimeError)."""
        if self.user_id is None:
            raise RuntimeError("only a person of the staff signs")
        return self.user_id

    @classmethod
    def patient(cls) -> Actor:
        """Whoever opened a patient's link; the event names the patient."""
        return cls(ActorKind.PATIENT)

    @classmethod
    def system(cls, name: str) -> Actor:
        """A command or task, by its name."""
        return cls(ActorKind.SYSTEM, name)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to write. `tell`: someone outside may have to hear of it. `data`: ids, numbers and codes only."""

    verb: str
    clinic_id: int | None = None
    appointment_id: int | None = None
    order_id: int | None = None
    patient_id: int | None = None
    happened_at: datetime | None = None
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    tell: bool = False

    @classmethod
    def of_visit(cls, verb: str, visit: Appointment, **more: Any) -> Entry:
        """An event about a visit: it names its clinic, patient and order."""
        return cls(
            verb,
            clinic_id=visit.clinic_id,
            appointment_id=visit.pk,
            order_id=visit.order_id,
            patient_id=visit.patient_id,
            **more,
        )


def record(*, organisation_id: int, entries: Sequence[Entry], by: Actor, now: datetime) -> list[Event]:
    """Writes the events, and for those to tell a row for the planner; after commit sends `events_committed`.

    Refuses outside a transaction (RuntimeError): an event and its change are one. `happened_at` defaults to `now`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event is written in the transaction of its change")
    events = insert_rows(
        Event(
            organisation_id=organisation_id,
            clinic_id=entry.clinic_id,
            verb=entry.verb,
            appointment_id=entry.appointment_id,
            order_id=entry.order_id,
            patient_id=entry.patient_id,
            actor_kind=by.kind,
            user_id=by.user_id,
            actor_name=by.name,
            happened_at=entry.happened_at or now,
            recorded_at=now,
            reason=entry.reason,
            data=entry.data,
        )
        for entry in entries
    )
    insert_rows(EventToSeal(event_id=event.pk) for event in events)
    told = [event.pk for event, entry in zip(events, entries, strict=True) if entry.tell]
    if told:
        insert_rows(EventToPlan(event_id=event_id) for event_id in told)
        transaction.on_commit(partial(events_committed.send, sender=Event, event_ids=told), robust=True)
    return events
