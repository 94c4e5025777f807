"""Signing what was said by word of mouth and written down by a nurse: by who said it, or for them, named so."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Q

from scheduling import permissions
from scheduling.covers import covers_for
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import (
    ClinicianTask,
    CounterSignature,
    ExitRuling,
    GateDecision,
    Order,
    OrderChange,
    User,
    VisitCheck,
)
from scheduling.said_by_word import Said, ToSign, of_who_left, to_sign
from scheduling.visit_steps import lock_visit


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


def counter_sign(*, said: Said, today: date, by: Actor, now: datetime) -> CounterSignature:
    """Signs what was written down; `today` is the clinic's, on which a cover may sign for who is away. For who has left
    without a cover any prescriber of the organisation may.

    Refuses with NotTheirs, NothingToSign and SignedAlready. Records `review.counter_signed`, `order.counter_signed` or
    `appointment.counter_signed` with as whom and, where it is another's word, for whom; with a decision its change of
    the order is signed as well.
    """
    words = to_sign(said)
    organisation_id = words.patient.organisation_id
    permissions.check(by, "order.counter_sign", organisation_id=organisation_id)
    if words.heard_by is None:
        raise NothingToSign
    signer = User.objects.get(pk=by.staff_id)
    signed_as = _as_whom(words, signer, today)
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
        for_them = {"for": words.said_by.shown_name} if words.said_by and signed_as != SignedAs.THEMSELVES else {}
        about = "appointment" if words.visit else "review" if "decision" in under else "order"
        entry = Entry(
            f"{about}.counter_signed",
            clinic_id=by.clinic_id,
            appointment_id=words.visit.pk if words.visit else None,
            order_id=words.order.pk if words.order else None,
            patient_id=words.patient.pk,
            data={"signature": signature.pk, "as": signed_as, **for_them},
        )
        record(organisation_id=organisation_id, entries=[entry], by=by, now=now)
    return signature


def _as_whom(words: ToSign, signer: User, today: date) -> SignedAs:
    if words.said_by == signer:
        return SignedAs.THEMSELVES
    if words.said_by in covers_for(signer, today):
        return SignedAs.COVER
    said = words.said
    if not type(said)._default_manager.filter(of_who_left(type(said), today), pk=said.pk).exists():
        raise NotTheirs
    return SignedAs.THEY_LEFT


def _signed_with(words: ToSign) -> dict[str, Said]:
    """What one signature stands under, by its column: a decision at a review and the change it made are one."""
    if isinstance(words.said, VisitCheck):
        return {"visit_check": words.said}
    if isinstance(words.said, ClinicianTask):
        return {"task": words.said}
    if isinstance(words.said, ExitRuling):
        return {"ruling": words.said}
    decision = words.said if isinstance(words.said, GateDecision) else words.said.decision
    change = OrderChange.objects.filter(decision=decision).first() if decision else words.said
    rows = (("decision", decision), ("change", change))
    return {what: row for what, row in rows if row is not None}
