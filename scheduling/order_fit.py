"""Whether visits that are booked already still fit what an order is to say from now on. No Django."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from scheduling.clinic_time import ClinicTime
from scheduling.protocol_parts import PlanParts
from scheduling.spacing import OpenDays, broken_rules

TEXTS: Final = {
    "number": "the order has no such infusion any more",
    "site": "the order is no longer for this clinic",
    "phases": "the visit takes other times or people than it was booked with",
    "days": "it lies outside the days the order is good for",
    "spacing": "it does not keep the ordered distance",
    "order": "it would not come in its order",
    "within_days": "it lies outside the days for the whole series",
    "per_week": "it is one too many in its calendar week",
    "other_order": "it is too near to an infusion of another order",
}


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit that is booked or kept for an infusion: where (the clinic's short name), and since when it may break
    which rules by a prescriber's word that still means the same (`allowed`)."""

    id: int
    number: int
    start: datetime
    site: str
    zone: str
    has_same_phases: bool
    allowed: frozenset[str] = field(default=frozenset())


def reasons_against_visits(
    plan: PlanParts,
    visits: Collection[PlannedVisit],
    given: Mapping[int, datetime],
    clock: ClinicTime,
    open_days: OpenDays | None = None,
) -> dict[int, tuple[str, ...]]:
    """By the visit's id why it no longer fits (keys of TEXTS); those that fit are not in it.

    `given` are the starts of infusions that were given, here or elsewhere: they are never asked, only counted from.
    A distance that two visits don't keep is said of the later one; soft sides are no reason.
    """
    left = {visit.number: visit for visit in visits if visit.number <= plan.doses}
    starts = {**{number: visit.start for number, visit in left.items()}, **given}
    broken = broken_rules(
        starts, plan.spacing, clock, within_days=plan.within_days, per_week=plan.per_week, open_days=open_days
    )
    found: dict[int, set[str]] = {visit.id: _alone(plan, visit) for visit in visits}
    for rule in broken:
        visit = left.get(rule.number)
        if visit is not None and rule.number not in given and not rule.soft and rule.rule not in visit.allowed:
            found[visit.id].add(rule.rule)
    return {visit_id: tuple(sorted(reasons)) for visit_id, reasons in found.items() if reasons}


def _alone(plan: PlanParts, visit: PlannedVisit) -> set[str]:
    """What stands against one visit, whatever the others."""
    if visit.number > plan.doses:
        return {"number"}
    day = ClinicTime(visit.zone).local_day(visit.start)
    asked = {
        "site": bool(plan.sites) and visit.site not in plan.sites,
        "phases": not visit.has_same_phases,
        "days": day < (plan.not_before or date.min) or day > (plan.not_after or date.max),
    }
    return {reason for reason, is_so in asked.items() if is_so}
