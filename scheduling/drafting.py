"""Drafts: what the next signature would say. A nurse or a prescriber prepares and changes them.

The draft of an order under way is an amendment: what is signed stays in force until a prescriber signs that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from scheduling import permissions
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.given_elsewhere import days_that_can_not_be
from scheduling.holds import let_go
from scheduling.locking import lock_patients, writing
from scheduling.models import UNDER_WAY, Clinic, Order, OrderState, Patient, ProtocolVersion
from scheduling.options import options_of
from scheduling.order_content import (
    Contradicts,
    DraftChanged,
    NotSignable,
    SignedAlready,
    content_hash,
    what_is_wrong,
    with_changes,
)
from scheduling.protocol_template import ProtocolTemplate

CHANGED = "The draft was changed meanwhile. This is what it says now: please read it again."
SIGNED_MEANWHILE = "The draft was signed meanwhile. What is in force is changed by an amendment."
DISCARDED = "This draft was discarded."
OVER = "This order is over. Order anew from the treatment plan."


def draft_order(
    *,
    patient: Patient,
    protocol_version: ProtocolVersion,
    clinics: Sequence[Clinic],
    doses: int | None = None,
    changes: Mapping[str, Any] | None = None,
    follows: Order | None = None,
    by: Actor,
    now: datetime,
) -> Order:
    """A draft from a protocol, to be given at `clinics`; `doses` and `changes` are what this patient's order says
    otherwise. `follows`: the series after which it is ordered, and then all may be said otherwise. Not bookable yet.

    Refuses with NotSignable a patient whose record is closed, a protocol or clinic of another organisation, a plan that
    is retired (but for what follows a series of it), and changes that contradict what the plan says. Records
    `order.drafted`.
    """
    permissions.check(by, "order.draft", organisation_id=patient.organisation_id)
    ours = {protocol_version.protocol.organisation_id, *(clinic.organisation_id for clinic in clinics)}
    if ours != {patient.organisation_id} or not clinics:
        raise NotSignable(["The protocol, the clinics and the patient belong to one organisation."])
    if protocol_version.protocol.retired_at is not None and follows is None:
        raise NotSignable(["This treatment plan is retired: order from another one."])
    said = {**(changes or {}), **({"doses": doses} if doses is not None else {})}
    content = with_changes(protocol_version.template, said, all_of_it=follows is not None)
    content |= {"sites": _short_names(clinics)}
    if changes:
        _refuse_what_can_not_be(content, patient, clinics, now)
    with writing():
        # A merge carries the drafts there are, a death discards them: none is written behind its back.
        lock_patients(patient.pk)
        if Patient.objects.get(pk=patient.pk).is_gone:
            raise NotSignable(["This patient's record is closed."])
        order = Order.objects.create(
            organisation_id=patient.organisation_id,
            patient=patient,
            therapy=protocol_version.protocol.therapy,
            title=_title(protocol_version, content if follows else {}),
            protocol_version=protocol_version,
            follows=follows,
            draft=content,
            created_at=now,
            created_by_id=by.staff_id,
        )
        order.sites.set(clinics)
        _record("order.drafted", order, by=by, now=now)
    return order


def _title(protocol_version: ProtocolVersion, content: Mapping[str, Any]) -> str:
    """The plan's name, with what single infusions after a series are called."""
    name = protocol_version.protocol.name
    return f"{name}: {content['word']}" if content.get("word") else name


def change_draft(
    *, order: Order, changes: Mapping[str, Any], read: str | None = None, by: Actor, now: datetime
) -> Order:
    """Says something else in a draft: new values by field, None to take one away. Of an order under way without a draft
    it begins an amendment of what is in force. The same again changes nothing.

    Refuses with Contradicts what contradicts itself and an infusion given before on a day that can't be; with
    NotSignable clinics that are not the organisation's, a closed record, a draft that was discarded and an order that
    is over; with SignedAlready a draft that was signed meanwhile; with
    DraftChanged when `read`, the hash of what was read, is not what it says. Records `order.draft_changed` or
    `order.amendment_drafted`.
    """
    permissions.check(by, "order.draft", organisation_id=order.organisation_id)
    seen = order.state
    with writing():
        lock_patients(order.patient_id)
        order = lock_draft(order)
        if closed := reasons_about_patient(order):
            raise NotSignable(closed)
        if seen == OrderState.DRAFT and order.state != OrderState.DRAFT:
            raise SignedAlready([SIGNED_MEANWHILE])
        was, begins = order.draft, not order.draft
        content = what_is_signed(order)
        if read is not None and read != content_hash(content):
            raise DraftChanged([CHANGED])
        content = with_changes(content, changes)
        sites = clinics_of(order, content)
        _refuse_what_can_not_be(content, order.patient, sites, now)
        if content == was or (begins and content == in_force(order)):
            return order
        _write(order, content)
        if order.state == OrderState.DRAFT:
            order.sites.set(sites)
        verb = "order.amendment_drafted" if begins else "order.draft_changed"
        _record(verb, order, data={"content_hash": content_hash(content)}, by=by, now=now)
    return order


def discard_draft(*, order: Order, by: Actor, now: datetime) -> None:
    """Nobody will sign it: a draft is kept as discarded, an amendment is taken away and what is in force stays so.
    Times that were pencilled for it are let go.

    Refuses with NotSignable one that is discarded or has nothing to discard, SignedAlready one that was signed
    meanwhile. Records `order.draft_discarded`, with what it said as a hash; its history keeps the words.
    """
    permissions.check(by, "order.draft", organisation_id=order.organisation_id)
    seen = order.state
    with writing():
        lock_patients(order.patient_id)
        order = lock_draft(order)
        if order.state != OrderState.DRAFT and not order.draft:
            reasons = ["There is no change of this order to discard."]
            raise SignedAlready(reasons) if seen == OrderState.DRAFT else NotSignable(reasons)
        data = {"content_hash": content_hash(what_is_signed(order))}
        if order.state == OrderState.DRAFT:
            kept = [visit for option in options_of(order, now=now) for visit in option.visits]
            let_go(kept, patient_id=order.patient_id, by=by, now=now)
            Order.objects.filter(pk=order.pk).update(discarded_at=now, row_version=F("row_version") + 1)
        else:
            _write(order, {})
        _record("order.draft_discarded", order, data=data, by=by, now=now)


def lock_draft(order: Order) -> Order:
    """The order, locked, with its patient, plan and version. Refuses with NotSignable a discarded draft and an order
    that is over. Call it in the transaction of a verb, after the patient's lock and before any visit's row."""
    locked = Order.objects.select_for_update(no_key=True, of=("self",))
    order = locked.select_related("patient", "protocol_version", "current_version").get(pk=order.pk)
    if order.discarded_at is not None:
        # Drafts of a closed record are discarded with it; that it is closed says more.
        raise NotSignable(reasons_about_patient(order) or [DISCARDED])
    if order.state not in (OrderState.DRAFT, *UNDER_WAY):
        raise NotSignable([OVER])
    return order


def reasons_about_patient(order: Order) -> list[str]:
    """Why nothing is signed for this record."""
    reasons = []
    if order.patient.deceased_at is not None:
        reasons.append("The patient has died.")
    if order.patient.merged_into_id is not None:
        reasons.append("This record was merged into another; order for that one.")
    return reasons


def what_is_signed(order: Order) -> dict[str, Any]:
    """What a signature would be for: the draft, or what is in force where there is none, with the clinics it names."""
    content = order.draft or in_force(order)
    return {**content, "sites": content.get("sites") or _short_names(order.sites.all())}


def in_force(order: Order) -> dict[str, Any]:
    """What was signed last; empty before the first signature."""
    return dict(order.current_version.content) if order.current_version else {}


def clinics_of(order: Order, content: Mapping[str, Any]) -> list[Clinic]:
    """The clinics that it may be given at. Refuses with NotSignable one that the organisation does not have."""
    found = list(Clinic.objects.filter(organisation=order.organisation_id, slug__in=content["sites"]).order_by("pk"))
    if len(found) < len(content["sites"]) or not found:
        raise NotSignable(["The clinics of an order are those of its organisation."])
    return found


def drafts_to_sign(*, clinic: Clinic) -> list[Order]:
    """What waits for a signature at this clinic, oldest first: drafts, and amendments of orders under way."""
    waits = Q(state=OrderState.DRAFT, discarded_at__isnull=True) | (Q(state__in=UNDER_WAY) & ~Q(draft={}))
    drafts = Order.objects.filter(waits, sites=clinic, patient__in=Patient.objects.current())
    drafts = drafts.select_related("patient", "created_by", "protocol_version", "current_version")
    return list(drafts.order_by("created_at", "pk"))


def beside(patient: Patient, *, without: Order | None = None) -> list[Order]:
    """What else is ordered for them: orders under way and drafts, the oldest first. Nothing is forbidden by it."""
    open_ones = Q(state__in=UNDER_WAY) | Q(state=OrderState.DRAFT, discarded_at__isnull=True)
    others = Order.objects.filter(open_ones, patient=patient).exclude(pk__in=[without.pk] if without else [])
    return list(others.select_related("current_version", "protocol_version__protocol").order_by("pk"))


def _short_names(clinics: Iterable[Clinic]) -> list[str]:
    return sorted(clinic.slug for clinic in clinics)


def _refuse_what_can_not_be(
    content: Mapping[str, Any], patient: Patient, clinics: Sequence[Clinic], now: datetime
) -> None:
    if wrong := what_is_wrong(content):
        raise Contradicts(wrong)
    plan = ProtocolTemplate.from_dict(content, "order")
    # Whose clock counts is known once somebody signs; till then a day that has begun at one of the clinics will do.
    today = max((ClinicTime(clinic.time_zone).local_day(now) for clinic in clinics), default=now.date())
    days = days_that_can_not_be(plan, patient, today=today)
    if wrong := {
        f"given_before[{at}].on": days[one.number] for at, one in enumerate(plan.given_before) if one.number in days
    }:
        raise Contradicts(wrong)


def _write(order: Order, content: dict[str, Any]) -> None:
    Order.objects.filter(pk=order.pk).update(draft=content, row_version=F("row_version") + 1)
    order.draft = content


def _record(verb: str, order: Order, *, data: dict[str, Any] | None = None, by: Actor, now: datetime) -> None:
    entry = Entry(verb, clinic_id=by.clinic_id, order_id=order.pk, patient_id=order.patient_id, data=data or {})
    record(organisation_id=order.organisation_id, entries=[entry], by=by, now=now)
