"""Signing what was said by word of mouth and written down by a nurse: by who said it, or by their cover, named so."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q, QuerySet

from scheduling import permissions
from scheduling.covering import covers_for
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import CounterSignature, GateDecision, Order, OrderChange, User

# What is written of spoken orders asks for 48 to 72 hours; the shorter of them shows soonest.
DUE_WITHIN: Final = timedelta(hours=48)


class NotTheirs(Exception):
    """Only who said it signs it, or who covers for them today."""


class NothingToSign(Exception):
    """It was the prescriber's own act: nobody heard and wrote it down."""


class SignedAlready(Exception):
    """It is signed; `signature` says by whom and when."""

    def __init__(self, signature: CounterSignature) -> None:
        self.signature = signature
        super().__init__(f"counter-signature {signature.pk}")


@dataclass(frozen=True, slots=True)
class ToSign:
    """Something said by word of mouth, as it was written down: a decision at a review, or a change of an order."""

    said: GateDecision | OrderChange

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


def counter_signatures_due(*, user: User, organisation_id: int, today: date) -> list[ToSign]:
    """What this prescriber said, or somebody they cover for today, and nobody has signed; the longest waiting first,
    so that what is overdue stands on top."""
    return _waiting([user.pk, *(one.pk for one in covers_for(user, today))], organisation_id)


def counter_signatures_of_order(order: Order) -> list[ToSign]:
    """What of this order was said by word of mouth and is not signed yet."""
    decisions, changes = _spoken()
    return _by_time(decisions.filter(order=order), changes.filter(order=order))


def _waiting(user_ids: Collection[int], organisation_id: int) -> list[ToSign]:
    decisions, changes = _spoken()
    theirs = Q(decided_by__in=user_ids, order__organisation=organisation_id)
    return _by_time(decisions.filter(theirs), changes.filter(theirs))


def _by_time(decisions: Iterable[GateDecision], changes: Iterable[OrderChange]) -> list[ToSign]:
    waiting = [*(ToSign(said) for said in decisions), *(ToSign(said) for said in changes)]
    return sorted(waiting, key=lambda one: one.said.recorded_at)


def _spoken() -> tuple[QuerySet[GateDecision], QuerySet[OrderChange]]:
    """Unsigned ones. A change that was decided at a review is signed with that decision."""
    waits = Q(heard_by__isnull=False, counter_signature__isnull=True)
    decisions = GateDecision.objects.filter(waits).select_related("order__patient", "decided_by", "heard_by")
    changes = OrderChange.objects.filter(waits, decision__isnull=True)
    return decisions, changes.select_related("order__patient", "decided_by", "heard_by")


def counter_sign(*, said: GateDecision | OrderChange, today: date, by: Actor, now: datetime) -> CounterSignature:
    """Signs what was written down; `today` is the clinic's, on which a cover may sign for who is away.

    Refuses with NotTheirs, NothingToSign and SignedAlready. Records `review.counter_signed` or
    `order.counter_signed`; with a decision its change of the order is signed as well.
    """
    permissions.check(by, "order.counter_sign", organisation_id=said.order.organisation_id)
    if said.heard_by_id is None:
        raise NothingToSign
    signer = User.objects.get(pk=by.staff_id)
    is_cover = signer.pk != said.decided_by_id
    if is_cover and said.decided_by_id not in {one.pk for one in covers_for(signer, today)}:
        raise NotTheirs
    decision = said if isinstance(said, GateDecision) else said.decision
    change = OrderChange.objects.filter(decision=decision).first() if decision else said
    under = {what: row for what, row in (("decision", decision), ("change", change)) if row is not None}
    with writing():
        Order.objects.select_for_update(no_key=True).get(pk=said.order_id)
        either = reduce(or_, [Q(**{what: row}) for what, row in under.items()])
        if signed := CounterSignature.objects.filter(either).select_related("signed_by").first():
            raise SignedAlready(signed)
        signature, *_ = [
            CounterSignature.objects.create(**{what: row}, signed_by=signer, signed_at=now)
            for what, row in under.items()
        ]
        entry = Entry(
            "review.counter_signed" if decision else "order.counter_signed",
            clinic_id=by.clinic_id,
            order_id=said.order_id,
            patient_id=said.order.patient_id,
            data={"signature": signature.pk, "as_cover": is_cover},
        )
        record(organisation_id=said.order.organisation_id, entries=[entry], by=by, now=now)
    return signature
