"""Signing what was said by word of mouth and written down by a nurse: by who said it, or for them, named so."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Q

from scheduling import permissions
from scheduling.covers import covers_for, is_nobodys
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import CounterSignature, GateDecision, Order, OrderChange, User


class NotTheirs(Exception):
    """Only who said it signs it, or who covers for them today; another where they have left and nobody covers."""


class NothingToSign(Exception):
    """It was the prescriber's own act: nobody heard and wrote it down."""


class SignedAlready(Exception):
    """It is signed; `signature` says by whom and when."""

    def __init__(self, signature: CounterSignature) -> None:
        self.signature = signature
        super().__init__(f"counter-signature {signature.pk}")


class SignedAs(StrEnum):
    """As whom somebody signs: who said it, who covers for them, or another since they have left."""

    THEMSELVES = "themselves"
    COVER = "cover"
    THEY_LEFT = "they_left"


def counter_sign(*, said: GateDecision | OrderChange, today: date, by: Actor, now: datetime) -> CounterSignature:
    """Signs what was written down; `today` is the clinic's, on which a cover may sign for who is away. For who has left
    without a cover any prescriber of the organisation may.

    Refuses with NotTheirs, NothingToSign and SignedAlready. Records `review.counter_signed` or
    `order.counter_signed` with as whom and, where it is another's word, for whom; with a decision its change of the
    order is signed as well.
    """
    permissions.check(by, "order.counter_sign", organisation_id=said.order.organisation_id)
    if said.heard_by_id is None:
        raise NothingToSign
    signer = User.objects.get(pk=by.staff_id)
    signed_as = _as_whom(said, signer, today)
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
        for_them = {"for": said.decided_by.shown_name} if said.decided_by and signed_as != SignedAs.THEMSELVES else {}
        entry = Entry(
            "review.counter_signed" if decision else "order.counter_signed",
            clinic_id=by.clinic_id,
            order_id=said.order_id,
            patient_id=said.order.patient_id,
            data={"signature": signature.pk, "as": signed_as, **for_them},
        )
        record(organisation_id=said.order.organisation_id, entries=[entry], by=by, now=now)
    return signature


def _as_whom(said: GateDecision | OrderChange, signer: User, today: date) -> SignedAs:
    if signer.pk == said.decided_by_id:
        return SignedAs.THEMSELVES
    if said.decided_by_id in {one.pk for one in covers_for(signer, today)}:
        return SignedAs.COVER
    if not type(said).objects.filter(is_nobodys(today), pk=said.pk).exists():
        raise NotTheirs
    return SignedAs.THEY_LEFT
