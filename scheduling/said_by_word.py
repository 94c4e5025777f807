"""What prescribers said by word of mouth, as nurses wrote it down, and nobody has signed yet. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from scheduling.covers import is_nobodys
from scheduling.models import Clinic, GateDecision, Order, OrderChange, User

# What is written of spoken orders asks for 48 to 72 hours; the shorter of them shows soonest.
DUE_WITHIN: Final = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class ToSign:
    """Something said by word of mouth, as it was written down: a decision at a review, or a change of an order.
    `is_nobodys`: who said it has left, and nobody covers for them."""

    said: GateDecision | OrderChange
    is_nobodys: bool = False

    @property
    def order(self) -> Order:
        return self.said.order

    @property
    def decision(self) -> GateDecision | None:
        return self.said if isinstance(self.said, GateDecision) else None

    @property
    def words(self) -> str:
        """What was written down with it, for clinical staff alone."""
        return self.said.note if isinstance(self.said, GateDecision) else self.said.reason

    @property
    def due_at(self) -> datetime:
        return self.said.recorded_at + DUE_WITHIN

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at <= now


def counter_signatures_due(*, user: User, covered: Iterable[User], clinic: Clinic, today: date) -> list[ToSign]:
    """What this prescriber said, or somebody they cover for today (`covered`), and nobody has signed; of the orders of
    this clinic also what was said by who has left. The longest waiting first, so that what is overdue stands on top."""
    theirs = {user.pk, *(one.pk for one in covered)}
    which = Q(decided_by__in=theirs) | (Q(order__in=clinic.orders.values("pk")) & is_nobodys(today))
    waiting = [
        ToSign(said, is_nobodys=said.decided_by_id not in theirs)
        for rows in _spoken()
        for said in rows.filter(which, order__organisation=clinic.organisation_id)
    ]
    return sorted(waiting, key=lambda one: one.said.recorded_at)


def _spoken() -> tuple[QuerySet[GateDecision], QuerySet[OrderChange]]:
    """Unsigned ones. A change that was decided at a review is signed with that decision."""
    waits = Q(heard_by__isnull=False, counter_signature__isnull=True)
    decisions = GateDecision.objects.filter(waits).select_related("order__patient", "decided_by", "heard_by")
    changes = OrderChange.objects.filter(waits, decision__isnull=True)
    return decisions, changes.select_related("order__patient", "decided_by", "heard_by")
