"""What has become of an order so far, for clinicians: signatures, decisions, changes with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from notifications.models import ToldInPerson
from scheduling.models import Gate, GateDecision, Order, OrderChange, OrderVersion
from web.clinician.order_words import order_words
from web.spoken import infusion_of

SHORT_HASH = 12


@dataclass(frozen=True, slots=True)
class Signature:
    """One signed version: by whom, when, and the beginning of its content's hash."""

    number: int
    name: str
    signed_at: datetime
    short_hash: str
    words: list[tuple[str, list[str]]]
    is_current: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A decision or a change: what, by whose word, why; and who heard it, where it was not the prescriber's own hand.

    `owes_signature`: heard by word of mouth, and not counter-signed yet; `signed_for_them`: by whom, where another did.
    """

    what: str
    who: str
    at: datetime
    note: str
    heard_by: str
    owes_signature: bool
    signed_for_them: str


@dataclass(frozen=True, slots=True)
class Review:
    """A review of the current version, with what was decided so far, the latest first."""

    after_number: int
    after: str
    decisions: list[Said]


def signatures(order: Order) -> list[Signature]:
    """The signed versions, the latest first."""
    versions = OrderVersion.objects.filter(order=order).select_related("signed_by").order_by("-number")
    return [
        Signature(
            number=version.number,
            name=version.signed_name or version.signed_by.shown_name,
            signed_at=version.signed_at,
            short_hash=version.content_hash[:SHORT_HASH],
            words=order_words(version.content),
            is_current=version.pk == order.current_version_id,
        )
        for version in versions
    ]


def reviews(order: Order) -> list[Review]:
    """The reviews of the current version in order, and what was decided at each."""
    version = order.current_version
    if version is None:
        return []
    decisions = GateDecision.objects.filter(order=order).select_related(
        "decided_by", "heard_by", "counter_signature__signed_by"
    )
    said: dict[int, list[Said]] = {}
    for decision in decisions.order_by("-pk"):
        said.setdefault(decision.after_number, []).append(_said_at_review(decision))
    gates = Gate.objects.filter(version=version).order_by("after_number")
    return [
        Review(gate.after_number, _after(gate.after_number, version.doses), said.get(gate.after_number, []))
        for gate in gates
    ]


def changes(order: Order) -> list[Said]:
    """How the order changed its state, the latest first."""
    rows = OrderChange.objects.filter(order=order).select_related(
        "decided_by", "heard_by", "counter_signature__signed_by"
    )
    return [_said_of_order(change) for change in rows.order_by("-pk")]


def told_about(order: Order) -> Sequence[ToldInPerson]:
    """Who told the patient of what became of the order, and when; the latest first."""
    return list(ToldInPerson.objects.filter(order=order).select_related("told_by").order_by("-pk"))


def _after(number: int, doses: int) -> str:
    return infusion_of(number, doses) if number else gettext("before the first infusion")


def _said_at_review(decision: GateDecision) -> Said:
    return Said(
        what=str(decision.get_decision_display()),
        who=decision.decided_by.shown_name,
        at=decision.decided_at,
        note=decision.note,
        heard_by=decision.heard_by.shown_name if decision.heard_by else "",
        owes_signature=decision.heard_by is not None and not hasattr(decision, "counter_signature"),
        signed_for_them=_signed_for_them(decision),
    )


def _said_of_order(change: OrderChange) -> Said:
    return Said(
        what=str(change.get_kind_display()),
        who=change.decided_by.shown_name if change.decided_by else gettext("the last day that was signed"),
        at=change.decided_at,
        note=change.reason,
        heard_by=change.heard_by.shown_name if change.heard_by else "",
        owes_signature=change.heard_by is not None and not hasattr(change, "counter_signature"),
        signed_for_them=_signed_for_them(change),
    )


def _signed_for_them(said: GateDecision | OrderChange) -> str:
    """Who signed another's word: their cover, or a colleague since they left."""
    signature = getattr(said, "counter_signature", None)
    return signature.signed_by.shown_name if signature and signature.signed_by_id != said.decided_by_id else ""
