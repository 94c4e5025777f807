"""Drafting and signing orders. Signing alone makes infusions and their terms; nothing here decides what to order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from scheduling import permissions
from scheduling.as_needed import reasons_not_to_sign_as_needed
from scheduling.events import Actor, Entry, record
from scheduling.locking import lock_patients, writing
from scheduling.models import (
    Appointment,
    Clinic,
    DoseGap,
    DoseTerms,
    FollowUp,
    Gate,
    Order,
    OrderState,
    OrderVersion,
    Patient,
    PlannedDose,
    ProtocolVersion,
)
from scheduling.protocol_template import ProtocolTemplate
from scheduling.spacing import Gap, InvalidFields, minimum_gap_after


class NotSignable(Exception):
    """The order can't be signed as it stands; `reasons` are plain sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        super().__init__("; ".join(reasons))


def approve_protocol(*, version: ProtocolVersion, by: Actor, now: datetime) -> None:
    """A prescriber approves a protocol's version for use; again changes nothing. Records `protocol.approved`."""
    organisation_id = version.protocol.organisation_id
    permissions.check(by, "protocol.approve", organisation_id=organisation_id)
    with writing():
        approved = ProtocolVersion.objects.filter(pk=version.pk, approved_at__isnull=True).update(
            approved_by=by.staff_id, approved_at=now
        )
        if approved:
            entry = Entry("protocol.approved", clinic_id=by.clinic_id, data={"protocol_version": version.pk})
            record(organisation_id=organisation_id, entries=[entry], by=by, now=now)
    version.refresh_from_db()


def draft_order(
    *,
    patient: Patient,
    protocol_version: ProtocolVersion,
    clinics: Sequence[Clinic],
    doses: int | None = None,
    content: dict[str, Any] | None = None,
    follows: Order | None = None,
    by: Actor,
    now: datetime,
) -> Order:
    """A draft from a protocol, to be given at `clinics`; `doses` overrides the protocol's number. Not bookable yet.
    `content` is what it says instead of the protocol, where it `follows` a series.

    Refuses with NotSignable a patient whose record is closed, and a protocol or clinic of another organisation.
    Records `order.drafted`.
    """
    permissions.check(by, "order.draft", organisation_id=patient.organisation_id)
    ours = {protocol_version.protocol.organisation_id, *(clinic.organisation_id for clinic in clinics)}
    if ours != {patient.organisation_id} or not clinics:
        raise NotSignable(["The protocol, the clinics and the patient belong to one organisation."])
    if patient.is_gone:
        raise NotSignable(["This patient's record is closed."])
    content = dict(content or protocol_version.template)
    title = protocol_version.protocol.name
    if doses is not None:
        content["doses"] = doses
    with writing():
        order = Order.objects.create(
            organisation_id=patient.organisation_id,
            patient=patient,
            therapy=protocol_version.protocol.therapy,
            title=f"{title}: {content['word']}" if follows and content.get("word") else title,
            protocol_version=protocol_version,
            follows=follows,
            draft=content,
            created_at=now,
            created_by_id=by.staff_id,
        )
        order.sites.set(clinics)
        entry = Entry("order.drafted", clinic_id=by.clinic_id, order_id=order.pk, patient_id=patient.pk)
        record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return order


def reasons_not_to_sign(order: Order) -> list[str]:
    """Why this draft can't be signed: state, patient, protocol, contradictions in what it says; empty when it can."""
    reasons = []
    if order.state != OrderState.DRAFT:
        reasons.append("This order is signed already.")
    if order.patient.deceased_at is not None:
        reasons.append("The patient has died.")
    if order.patient.merged_into_id is not None:
        reasons.append("This record was merged into another; order for that one.")
    if not order.protocol_version.is_approved:
        reasons.append("A prescriber of this organisation has to approve the protocol first.")
    reasons += reasons_not_to_sign_as_needed(order)
    try:
        ProtocolTemplate.from_dict(order.draft, "order")
    except InvalidFields as error:
        reasons += [f"{path} {reason}." for path, reason in error.errors.items()]
    return reasons


def sign_order(*, order: Order, by: Actor, now: datetime) -> OrderVersion:
    """A prescriber signs the draft: it becomes version 1, its infusions exist, and the desk may book them.

    Refuses with NotSignable. Records `order.signed` with the content's hash.
    """
    permissions.check(by, "order.sign", organisation_id=order.organisation_id)
    with writing():
        lock_patients(order.patient_id)
        order = Order.objects.select_for_update().get(pk=order.pk)
        reasons = reasons_not_to_sign(order)
        if reasons:
            raise NotSignable(reasons)
        content = order.draft
        version = OrderVersion.objects.create(
            order=order,
            number=1,
            doses=content["doses"],
            within_days=content.get("within_days"),
            per_week=content.get("per_week"),
            not_before=content.get("not_before"),
            not_after=content.get("not_after"),
            content=content,
            content_hash=content_hash(content),
            signed_by_id=by.staff_id,
            signed_at=now,
        )
        _write_terms(order, version)
        Order.objects.filter(pk=order.pk).update(
            state=OrderState.ACTIVE, current_version=version, row_version=F("row_version") + 1
        )
        entry = Entry(
            "order.signed",
            clinic_id=by.clinic_id,
            order_id=order.pk,
            patient_id=order.patient_id,
            data={"version": version.number, "content_hash": version.content_hash},
        )
        record(organisation_id=order.organisation_id, entries=[entry], by=by, now=now)
    return version


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 over the content as canonical JSON: what the signature stands for."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _write_terms(order: Order, version: OrderVersion) -> None:
    """The rows that stand for the signed content: infusions, their terms and least gaps, reviews, follow-ups."""
    plan = ProtocolTemplate.from_dict(version.content, "order")
    spacing = version.content.get("spacing", [])
    numbers = range(1, plan.doses + 1)
    own = version.content.get("phases_of", [])
    phases_of = {number: entry["phases"] for entry in own for number in entry["doses"]}
    doses = PlannedDose.objects.bulk_create(PlannedDose(order=order, number=number) for number in numbers)
    whose = {"patient_id": order.patient_id, "therapy": order.therapy}
    terms = DoseTerms.objects.bulk_create(
        DoseTerms(
            version=version,
            dose=dose,
            order=order,
            phases=phases_of.get(dose.number, version.content["phases"]),
            spacing=[entry for entry in spacing if entry.get("dose", "each") in ("each", dose.number)],
            **whose,
        )
        for dose in doses
    )
    # No gap was signed for what may follow the last infusion: another order says its own.
    gaps = [*(minimum_gap_after(number, plan.spacing) for number in numbers[:-1]), Gap(0, 0)]
    DoseGap.objects.bulk_create(
        DoseGap(terms=one, days=gap.days, minutes=gap.minutes, **whose) for one, gap in zip(terms, gaps, strict=True)
    )
    Gate.objects.bulk_create(
        Gate(
            version=version,
            order=order,
            after_number=review.after,
            method=review.method,
            minutes=review.minutes,
            decide_within_days=review.decide_within_days,
            at_limit=review.at_limit,
        )
        for review in plan.reviews
        if review.after < plan.doses
    )
    FollowUp.objects.bulk_create(
        FollowUp(
            order=order,
            kind=rule.kind,
            after_number=number,
            offset_days=rule.day,
            instruments=list(rule.questionnaires),
        )
        for rule in plan.follow_ups
        for number in rule.numbers(plan.doses)
    )


def orders_to_book(*, clinic: Clinic) -> list[Order]:
    """Active orders for this clinic with infusions neither booked nor given, oldest signature first."""
    orders = Order.objects.filter(sites=clinic, state=OrderState.ACTIVE, patient__in=Patient.objects.current())
    orders = orders.select_related("patient", "current_version").order_by("current_version__signed_at", "pk")
    taken: dict[int, int] = {}
    for order_id in Appointment.objects.counting_for_order(orders).values_list("order_id", flat=True):
        taken[order_id] = taken.get(order_id, 0) + 1
    return [order for order in orders if order.current_version and taken.get(order.pk, 0) < order.current_version.doses]
