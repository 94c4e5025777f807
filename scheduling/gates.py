"""Reviews between infusions: which are due, and what a prescriber decided. The software never decides one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.models import OPENS_GATE, Appointment, Clinic, Decision, Gate, GateDecision, Order, OrderState, User


class NothingToDecide(Exception):
    """The order has no review after this infusion."""


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """A review that stands between a patient and the next infusion. `since`: when the infusion before it was given."""

    order: Order
    gate: Gate
    since: datetime


def decide(
    *,
    order: Order,
    after_number: int,
    decision: Decision,
    decided_by: User,
    note: str = "",
    heard_by_word_of_mouth: bool = False,
    read_back: bool = False,
    by: Actor,
    now: datetime,
) -> GateDecision:
    """Records what `decided_by` (a prescriber) decided; by word of mouth a nurse writes it down, read back.

    Refuses with NothingToDecide, or NotAllowed when `by` is neither the prescriber nor, by word of mouth, a nurse.
    Records `review.decided`; the note stays with clinical staff.
    """
    permissions.check(by, "review.write_down" if heard_by_word_of_mouth else "review.decide")
    if not heard_by_word_of_mouth and by.user_id != decided_by.pk:
        raise permissions.NotAllowed("review.decide")
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        if not Gate.objects.filter(version_id=order.current_version_id, after_number=after_number).exists():
            raise NothingToDecide
        made = GateDecision.objects.create(
            order=order,
            after_number=after_number,
            decision=decision,
            decided_by=decided_by,
            decided_at=now,
            note=note,
            heard_by_id=by.user_id if heard_by_word_of_mouth else None,
            was_read_back=heard_by_word_of_mouth and read_back,
            recorded_at=now,
        )
        entry = Entry(
            "review.decided",
            clinic_id=by.clinic_id,
            order_id=order.pk,
            patient_id=order.patient_id,
            data={"after": after_number, "decision_id": made.pk},
        )
        record(organisation_id=order.organisation_id, entries=[entry], by=by, now=now)
    return made


def reviews_due(*, clinic: Clinic) -> list[ReviewDue]:
    """Reviews of active orders whose infusion was given and that no prescriber has opened; longest waiting first."""
    gates = Gate.objects.filter(order__sites=clinic, order__state=OrderState.ACTIVE).select_related("order__patient")
    current = [gate for gate in gates if gate.version_id == gate.order.current_version_id]
    open_already = opened_reviews([gate.order_id for gate in current])
    visits = Appointment.objects.filter(order_id__in=[gate.order_id for gate in current], given_at__isnull=False)
    rows = visits.values_list("order_id", "dose_number", "given_at")
    given = {(order, number): at for order, number, at in rows if at is not None}
    due = [
        ReviewDue(gate.order, gate, given[gate.order_id, gate.after_number])
        for gate in current
        if (gate.order_id, gate.after_number) in given and (gate.order_id, gate.after_number) not in open_already
    ]
    return sorted(due, key=lambda review: (review.since, review.gate.pk))


def opened_reviews(order_ids: Iterable[int]) -> set[tuple[int, int]]:
    """(order, after number) of the reviews whose latest decision lets the series go on."""
    latest: dict[tuple[int, int], str] = {}
    decisions = GateDecision.objects.filter(order_id__in=list(order_ids)).order_by("pk")
    for order_id, after, decision in decisions.values_list("order_id", "after_number", "decision"):
        latest[order_id, after] = decision
    return {key for key, decision in latest.items() if decision in OPENS_GATE}
