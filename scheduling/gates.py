"""Reviews between infusions: which are due, and what a prescriber decided. The software never decides one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import OPENS_GATE, Appointment, Clinic, Decision, Gate, GateDecision, Order, OrderState, User


class NothingToDecide(Exception):
    """There is no review to decide after this infusion now, or this decision can't be carried out."""


class NotReadBack(Exception):
    """A decision heard by word of mouth counts only when it was read back."""


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

    Carries out the decisions that let the series go on: visits that waited for this review become firm. Refuses with
    NothingToDecide (no such review, its infusion not given, or another decision), NotReadBack, or NotAllowed when `by`
    is neither the prescriber nor, by word of mouth, a nurse; AgainstTheOrder when `decided_by` is no prescriber.
    Records `review.decided` and `appointment.made_firm`; the note stays with clinical staff.
    """
    verb = "review.write_down" if heard_by_word_of_mouth else "review.decide"
    permissions.check(by, verb, organisation_id=order.organisation_id)
    if not heard_by_word_of_mouth and by.user_id != decided_by.pk:
        raise permissions.NotAllowed(verb)
    if heard_by_word_of_mouth and not read_back:
        raise NotReadBack
    with writing():
        order = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        given = Appointment.objects.filter(order=order, dose_number=after_number, given_at__isnull=False)
        gates = Gate.objects.filter(version_id=order.current_version_id, after_number=after_number)
        if decision not in OPENS_GATE or not gates.exists() or not given.exists():
            raise NothingToDecide
        # Before the decision, which shuts the order's row altogether: a cancel that has its visit's row asks for the
        # order's at its commit.
        list(_waiting(order).select_for_update())
        made = GateDecision.objects.create(
            order=order,
            after_number=after_number,
            decision=decision,
            decided_by=decided_by,
            decided_at=now,
            note=note,
            heard_by_id=by.user_id if heard_by_word_of_mouth else None,
            was_read_back=heard_by_word_of_mouth,
            recorded_at=now,
        )
        entry = Entry(
            "review.decided",
            clinic_id=by.clinic_id,
            order_id=order.pk,
            patient_id=order.patient_id,
            data={"after": after_number, "decision_id": made.pk},
        )
        record(organisation_id=order.organisation_id, entries=[entry, *_firm_up(order)], by=by, now=now)
    return made


def _waiting(order: Order) -> QuerySet[Appointment]:
    """Visits that wait for a review of the order, by id."""
    return Appointment.objects.filter(order=order, live=True, is_tentative=True).order_by("pk")


def _firm_up(order: Order) -> list[Entry]:
    """Visits that no longer wait for a review become firm; the patient's reminders are planned anew."""
    gates = Gate.objects.filter(version_id=order.current_version_id).values_list("after_number", flat=True)
    opened = {after for _, after in opened_reviews([order.pk])}
    closed = [after for after in gates if after not in opened]
    waiting = _waiting(order)
    visits = list(waiting.filter(dose_number__lte=min(closed)) if closed else waiting)
    Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).update(
        is_tentative=False, row_version=F("row_version") + 1, told_version=F("told_version") + 1
    )
    return [
        Entry(
            "appointment.made_firm",
            clinic_id=visit.clinic_id,
            appointment_id=visit.pk,
            order_id=order.pk,
            patient_id=visit.patient_id,
            data={"told_version": visit.told_version + 1},
            tell=True,
        )
        for visit in visits
    ]


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
