"""What prescribers said by word of mouth, as nurses wrote it down, and nobody has signed yet. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q

from scheduling.covers import covers_for
from scheduling.models import Appointment, ExitRuling, GateDecision, Order, OrderChange, Patient, User, VisitCheck

# What is written of spoken orders asks for 48 to 72 hours; the shorter of them shows soonest.
DUE_WITHIN: Final = timedelta(hours=48)
# At a review, of an order, on an infusion that was broken off, or what let a visit go on.
Said = GateDecision | OrderChange | ExitRuling | VisitCheck


@dataclass(frozen=True, slots=True)
class ToSign:
    """One thing that was said by word of mouth, as it was written down. `heard_by` is None for a prescriber's own act;
    `words` are for clinical staff alone; `visit` is what a ruling or a check is about."""

    said: Said
    patient: Patient
    order: Order | None
    said_by: User | None
    said_at: datetime
    heard_by: User | None
    recorded_at: datetime
    words: str
    visit: Appointment | None = None

    @property
    def decision(self) -> GateDecision | None:
        return self.said if isinstance(self.said, GateDecision) else None

    @property
    def due_at(self) -> datetime:
        return self.recorded_at + DUE_WITHIN

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at <= now


def to_sign(said: Said) -> ToSign:
    """What was said, whatever it was about, in the same words."""
    if isinstance(said, VisitCheck):
        visit, nurse = said.appointment, said.said_by if said.heard_at else None
        who, at, recorded, words = said.passed_by, said.heard_at or said.said_at, said.said_at, said.reason
        return ToSign(said, visit.patient, visit.order, who, at, nurse, recorded, words, visit)
    who, at, nurse, recorded = said.decided_by, said.decided_at, said.heard_by, said.recorded_at
    if isinstance(said, ExitRuling):
        visit = said.appointment
        return ToSign(said, visit.patient, visit.order, who, at, nurse, recorded, said.note, visit)
    words = said.note if isinstance(said, GateDecision) else said.reason
    return ToSign(said, said.order.patient, said.order, who, at, nurse, recorded, words)


def counter_signatures_due(*, user: User, organisation_id: int, today: date) -> list[ToSign]:
    """What this prescriber said, or somebody they cover for today, and nobody has signed; the longest waiting first,
    so that what is overdue stands on top."""
    return _waiting([user.pk, *(one.pk for one in covers_for(user, today))], organisation_id)


def _waiting(user_ids: Collection[int], organisation_id: int) -> list[ToSign]:
    """Four queries. A change that was decided at a review is signed with that decision."""
    heard = Q(heard_by__isnull=False, counter_signature__isnull=True, decided_by__in=user_ids)
    of_order = Q(order__organisation=organisation_id)
    of_visit = Q(appointment__organisation=organisation_id)
    decisions = GateDecision.objects.filter(heard, of_order)
    changes = OrderChange.objects.filter(heard, of_order, decision__isnull=True)
    rulings = ExitRuling.objects.filter(heard, of_visit)
    checks = VisitCheck.objects.filter(
        of_visit, heard_at__isnull=False, counter_signature__isnull=True, passed_by__in=user_ids
    )
    about = ("appointment__patient", "appointment__order__current_version", "appointment__visit_type")
    waiting: list[Said] = [
        *decisions.select_related("order__patient", "decided_by", "heard_by"),
        *changes.select_related("order__patient", "decided_by", "heard_by"),
        *rulings.select_related(*about, "decided_by", "heard_by"),
        *checks.select_related(*about, "passed_by", "said_by"),
    ]
    return sorted(map(to_sign, waiting), key=lambda one: one.recorded_at)
