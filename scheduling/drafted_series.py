"""A series as it would be if its draft were signed: for looking for times before the signature, and keeping them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from scheduling.clinic_time import ClinicTime
from scheduling.models import Clinic, DoseGap, DoseTerms, Gate, Order, OrderVersion, PlannedDose
from scheduling.order_content import phases_of
from scheduling.protocol_template import ProtocolTemplate
from scheduling.series import Series, series_of
from scheduling.spacing import Gap, minimum_gap_after


def read_drafted(order: Order, clinic: Clinic, *, now: datetime, without: Collection[int] = ()) -> Series:
    """The series of a draft; nothing of it is in the database, so nothing can be booked from it. What it says was given
    elsewhere counts at noon of its day. Refuses with InvalidFields a draft that contradicts itself."""
    plan, content = ProtocolTemplate.from_dict(order.draft, "order"), order.draft
    version = OrderVersion(
        order=order, number=1, doses=plan.doses, within_days=plan.within_days, per_week=plan.per_week,
        not_before=plan.not_before, not_after=plan.not_after, content=content,
    )  # fmt: skip
    gaps: dict[int, DoseGap] = {}
    for number in range(1, plan.doses + 1):
        terms = DoseTerms(
            version=version,
            dose=PlannedDose(order=order, number=number),
            order=order,
            patient_id=order.patient_id,
            therapy=order.therapy,
            phases=phases_of(content, number),
        )
        gap = minimum_gap_after(number, plan.spacing) if number < plan.doses else Gap(0, 0)
        gaps[number] = DoseGap(terms=terms, days=gap.days, minutes=gap.minutes)
    gates = {
        review.after: Gate(
            version=version, order=order, after_number=review.after, method=review.method, minutes=review.minutes
        )
        for review in plan.reviews
        if plan.given_up_to <= review.after < plan.doses
    }
    clock = ClinicTime(clinic.time_zone)
    given = {one.number: one.given_at(clock) for one in plan.given_before}
    return replace(series_of(order, version, gaps, gates, now=now, without=without), given=given)
