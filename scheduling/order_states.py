"""The states of an order: one table of what leads where, and the one way a state changes, for the verbs above."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import F

from scheduling.events import Entry
from scheduling.models import ChangeKind, GateDecision, Order, OrderChange, OrderState, Patient, User

# From which states a change leads where. Drafts become active by a signature alone; what is over stays over.
LEADS_TO: Final[dict[ChangeKind, tuple[frozenset[OrderState], OrderState]]] = {
    ChangeKind.PAUSE: (frozenset({OrderState.ACTIVE}), OrderState.PAUSED),
    ChangeKind.RESUME: (frozenset({OrderState.PAUSED}), OrderState.ACTIVE),
    ChangeKind.STOP: (frozenset({OrderState.ACTIVE, OrderState.PAUSED}), OrderState.STOPPED),
    ChangeKind.COMPLETE: (frozenset({OrderState.ACTIVE, OrderState.PAUSED}), OrderState.COMPLETED),
    ChangeKind.EXPIRE: (frozenset({OrderState.ACTIVE, OrderState.PAUSED}), OrderState.EXPIRED),
}


class OrderIsNot(Exception):
    """The order is in another state than this change leads from; `state` is where it stands."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(state)


class RecordClosed(Exception):
    """The patient has died, or the record was merged into another: nothing goes on here."""


def refuse_closed(patient: Patient) -> None:
    """Refuses with RecordClosed. Call it under the patient's lock."""
    if Patient.objects.get(pk=patient.pk).is_gone:
        raise RecordClosed


def next_changes(order: Order) -> Sequence[ChangeKind]:
    """The changes that lead on from where the order stands."""
    return [kind for kind, (before, _after) in LEADS_TO.items() if order.state in before]


def change_state(
    order: Order,
    kind: ChangeKind,
    *,
    decided_by: User | None,
    decided_at: datetime,
    reason: str = "",
    decision: GateDecision | None = None,
    heard_by_id: int | None = None,
    keep_places_until: datetime | None = None,
    clinic_id: int | None,
    now: datetime,
) -> tuple[OrderChange, Entry]:
    """Changes the state of an order that the verb has locked FOR UPDATE; gives the change and the event to record,
    `order.<kind>` without the reason, which stays with clinical staff. `heard_by_id`: which nurse wrote it down.

    Refuses with OrderIsNot. What becomes of the order's visits is the verb's to do.
    """
    before, after = LEADS_TO[kind]
    if order.state not in before:
        raise OrderIsNot(order.state)
    change = OrderChange.objects.create(
        order=order,
        kind=kind,
        from_state=order.state,
        to_state=after,
        decision=decision,
        decided_by=decided_by,
        decided_at=decided_at,
        reason=reason,
        heard_by_id=heard_by_id,
        was_read_back=heard_by_id is not None,
        recorded_at=now,
    )
    until = keep_places_until if after == OrderState.PAUSED else None
    Order.objects.filter(pk=order.pk).update(state=after, keep_places_until=until, row_version=F("row_version") + 1)
    order.state, order.keep_places_until = after, until
    entry = Entry(
        f"order.{kind}",
        clinic_id=clinic_id,
        order_id=order.pk,
        patient_id=order.patient_id,
        data={"change": change.pk},
        tell=True,
    )
    return change, entry
