"""Which booked infusions of a paused order would no longer keep its rules once it goes on: days went by meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Order, Override, Status
from scheduling.spacing import OpenDaysUnknown, Spacing, broken_rules


def no_longer_fit(order: Order, *, now: datetime) -> frozenset[int]:
    """Ids of booked infusions to come that were booked under replaced terms, or don't keep a hard rule beside what was
    given and what else is to come. What somebody allowed stays allowed. Reads only.

    Rules that count open days are left to whoever moves the visit.
    """
    version = order.current_version
    visits = list(Appointment.objects.filter(order=order, dose__isnull=False).select_related("terms"))
    given = {visit.dose_number: visit for visit in visits if visit.given_at and not visit.is_repeated}
    ahead = [visit for visit in visits if visit.status == Status.BOOKED and visit.period.lower > now]
    if version is None or not ahead:
        return frozenset()
    old = {visit.pk for visit in ahead if visit.terms and visit.terms.version_id != version.pk}
    starts = {number: visit.given_at or visit.period.lower for number, visit in given.items() if number}
    starts |= {visit.dose_number: visit.period.lower for visit in ahead if visit.dose_number}
    clock = ClinicTime(ahead[0].time_zone)
    spacings = Spacing.list_from(version.content.get("spacing", []))
    try:
        broken = broken_rules(
            starts, spacings, clock, within_days=version.within_days, per_week=version.per_week
        )  # fmt: skip
    except OpenDaysUnknown:
        return frozenset(old)
    hard = {(rule.number, rule.rule) for rule in broken if not rule.soft}
    return frozenset(old | _not_allowed(ahead, hard))


def _not_allowed(ahead: Collection[Appointment], broken: Collection[tuple[int, str]]) -> set[int]:
    allowed = set(Override.objects.filter(appointment__in=ahead).values_list("appointment", "rule"))
    return {
        visit.pk
        for visit in ahead
        for number, rule in broken
        if number == visit.dose_number and (visit.pk, rule) not in allowed
    }
