"""The rows that stand for signed content: infusions, their terms and least gaps, reviews, what is to follow them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.clinic_time import ClinicTime
from scheduling.events import Entry
from scheduling.follow_ups import open_follow_ups
from scheduling.models import (
    DoseGap,
    DoseTerms,
    FollowUp,
    FollowUpState,
    Gate,
    Order,
    OrderVersion,
    PlannedDose,
)
from scheduling.order_content import phases_of
from scheduling.protocol_parts import FollowUpRule
from scheduling.protocol_template import ProtocolTemplate
from scheduling.spacing import Gap, minimum_gap_after


@dataclass(frozen=True, slots=True)
class SignedRows:
    """The terms of each infusion by number, and the gap that was signed for it."""

    terms: Mapping[int, DoseTerms]
    gaps: Mapping[int, DoseGap]


def write_signed_rows(order: Order, version: OrderVersion, plan: ProtocolTemplate) -> SignedRows:
    """New terms and gaps for every infusion, and the reviews. An infusion that an earlier version had stays the same
    one; only those beyond are new. No review stands before an infusion that was given elsewhere."""
    spacing = version.content.get("spacing", [])
    doses = _doses(order, plan.doses)
    whose = {"patient_id": order.patient_id, "therapy": order.therapy}
    terms = DoseTerms.objects.bulk_create(
        DoseTerms(
            version=version,
            dose=dose,
            order=order,
            phases=phases_of(version.content, dose.number),
            spacing=[entry for entry in spacing if entry.get("dose", "each") in ("each", dose.number)],
            **whose,
        )
        for dose in doses
    )
    # No gap was signed for what may follow the last infusion: another order says its own.
    least = [*(minimum_gap_after(number, plan.spacing) for number in range(1, plan.doses)), Gap(0, 0)]
    gaps = DoseGap.objects.bulk_create(
        DoseGap(terms=one, days=gap.days, minutes=gap.minutes, **whose) for one, gap in zip(terms, least, strict=True)
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
        if review.after in reviews_of(plan)
    )
    numbers = range(1, plan.doses + 1)
    return SignedRows(dict(zip(numbers, terms, strict=True)), dict(zip(numbers, gaps, strict=True)))


def reviews_of(plan: ProtocolTemplate) -> frozenset[int]:
    """The infusions after which a review stands, 0 for one before the first."""
    return frozenset(review.after for review in plan.reviews if plan.given_up_to <= review.after < plan.doses)


def write_follow_ups(
    order: Order, plan: ProtocolTemplate, given: Mapping[int, tuple[datetime, str]], *, now: datetime
) -> list[Entry]:
    """What is to follow each infusion from now on. What waits and is no longer ordered is void; what is open or done
    stays. After an infusion that was `given` (when, in which zone) it opens at once, unless its day has passed."""
    wanted = {
        (str(rule.kind), number, rule.day): rule for rule in plan.follow_ups for number in rule.numbers(plan.doses)
    }
    there = {(one.kind, one.after_number, one.offset_days): one for one in FollowUp.objects.filter(order=order)}
    for key, one in there.items():
        rule = wanted.get(key)
        if one.state == FollowUpState.WAITING and rule is None:
            FollowUp.objects.filter(pk=one.pk).update(state=FollowUpState.VOID, settled_at=now)
        elif rule is not None and _may_wait(one, key[1] in given):
            waits = {"state": FollowUpState.WAITING, "settled_at": None, "instruments": list(rule.questionnaires)}
            FollowUp.objects.filter(pk=one.pk).update(**waits)
    new = {key: rule for key, rule in wanted.items() if key not in there and not _is_past(rule, key[1], given, now)}
    FollowUp.objects.bulk_create(
        FollowUp(
            order=order, kind=kind, after_number=number, offset_days=day, instruments=list(rule.questionnaires)
        )
        for (kind, number, day), rule in new.items()
    )  # fmt: skip
    opened: list[Entry] = []
    for number in sorted({number for _, number, _ in new} & given.keys()):
        at, zone = given[number]
        opened += open_follow_ups(order, number, zone, now=at)
    return opened


def _doses(order: Order, count: int) -> list[PlannedDose]:
    there = {dose.number: dose for dose in PlannedDose.objects.filter(order=order)}
    new = [PlannedDose(order=order, number=number) for number in range(1, count + 1) if number not in there]
    there |= {dose.number: dose for dose in PlannedDose.objects.bulk_create(new)}
    return [there[number] for number in range(1, count + 1)]


def _may_wait(one: FollowUp, is_given: bool) -> bool:  # noqa: FBT001 -- said by the two words beside it
    """Whether it waits on, or waits again: one that a former version took away was never opened."""
    return one.state == FollowUpState.WAITING or (
        one.state == FollowUpState.VOID and one.opened_at is None and not is_given
    )


def _is_past(rule: FollowUpRule, number: int, given: Mapping[int, tuple[datetime, str]], now: datetime) -> bool:
    if number not in given:
        return False
    at, zone = given[number]
    clock = ClinicTime(zone)
    return clock.local_day(at) + timedelta(days=rule.day) < clock.local_day(now)
