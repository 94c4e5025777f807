"""Signing what was said by word of mouth and written down by a nurse: by who said it, or by their cover, named so."""

from __future__ import annotations

from datetime import date, datetime
from functools import reduce
from operator import or_

from django.db.models import Q

from scheduling import permissions
from scheduling.covers import covers_for
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import CounterSignature, ExitRuling, GateDecision, Order, OrderChange, User, VisitCheck
from scheduling.said_by_word import Said, ToSign, to_sign
from scheduling.visit_steps import lock_visit


class NotTheirs(Exception):
    """Only who said it signs it, or who covers for them today."""


class NothingToSign(Exception):
    """It was the prescriber's own act: nobody heard and wrote it down."""


class SignedAlready(Exception):
    """It is signed; `signature` says by whom and when."""

    def __init__(self, signature: CounterSignature) -> None:
        self.signature = signature
        super().__init__(f"counter-signature {signature.pk}")


def counter_sign(*, said: Said, today: date, by: Actor, now: datetime) -> CounterSignature:
    """Signs what was written down; `today` is the clinic's, on which a cover may sign for who is away.

    Refuses with NotTheirs, NothingToSign and SignedAlready. Records `review.counter_signed`, `order.counter_signed` or
    `appointment.counter_signed`; with a decision its change of the order is signed as well.
    """
    words = to_sign(said)
    organisation_id = words.patient.organisation_id
    permissions.check(by, "order.counter_sign", organisation_id=organisation_id)
    if words.heard_by is None:
        raise NothingToSign
    signer = User.objects.get(pk=by.staff_id)
    if words.said_by != signer and words.said_by not in covers_for(signer, today):
        raise NotTheirs
    under = _signed_with(words)
    with writing():
        if words.order is not None:
            Order.objects.select_for_update(no_key=True).get(pk=words.order.pk)
        elif words.visit is not None:
            lock_visit(words.visit.pk)
        either = reduce(or_, [Q(**{what: row}) for what, row in under.items()])
        if signed := CounterSignature.objects.filter(either).select_related("signed_by").first():
            raise SignedAlready(signed)
        signature, *_ = [
            CounterSignature.objects.create(**{what: row}, signed_by=signer, signed_at=now)
            for what, row in under.items()
        ]
        about = "appointment" if words.visit else "review" if "decision" in under else "order"
        entry = Entry(
            f"{about}.counter_signed",
            clinic_id=by.clinic_id,
            appointment_id=words.visit.pk if words.visit else None,
            order_id=words.order.pk if words.order else None,
            patient_id=words.patient.pk,
            data={"signature": signature.pk, "as_cover": words.said_by != signer},
        )
        record(organisation_id=organisation_id, entries=[entry], by=by, now=now)
    return signature


def _signed_with(words: ToSign) -> dict[str, Said]:
    """What one signature stands under, by its column: a decision at a review and the change it made are one."""
    if isinstance(words.said, VisitCheck):
        return {"visit_check": words.said}
    if isinstance(words.said, ExitRuling):
        return {"ruling": words.said}
    decision = words.said if isinstance(words.said, GateDecision) else words.said.decision
    change = OrderChange.objects.filter(decision=decision).first() if decision else words.said
    rows = (("decision", decision), ("change", change))
    return {what: row for what, row in rows if row is not None}
