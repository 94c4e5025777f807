"""What an amendment does to the visits that are booked already: shown before it is signed, found anew under the lock.

Nothing is moved, and what no longer fits is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F

from scheduling.availability import snapshot
from scheduling.clinic_time import ClinicTime
from scheduling.decisions_made import opened_reviews
from scheduling.intervals import Interval
from scheduling.models import UNDER_WAY, Appointment, Clinic, Order, Override
from scheduling.order_content import phases_of
from scheduling.order_fit import PlannedVisit, reasons_against_visits
from scheduling.protocol_parts import PlanParts
from scheduling.protocol_template import ProtocolTemplate
from scheduling.signed_rows import reviews_of
from scheduling.spacing import Gap, OpenDays, minimum_gap_after

# What of an order a rule looks at: an exception from it goes on only while that stays as it was.
SAYS = {"spacing": "spacing", "within_days": "within_days", "per_week": "per_week"}


@dataclass(frozen=True, slots=True)
class Effect:
    """`fitting` go on under the new terms; `unfitting` have reasons (keys of `order_fit.TEXTS`) and keep the old ones.
    Of those that fit `will_wait` are to wait for a review from now on, and `become_firm` no longer do."""

    fitting: tuple[Appointment, ...] = ()
    unfitting: tuple[tuple[Appointment, tuple[str, ...]], ...] = ()
    will_wait: frozenset[int] = frozenset()
    become_firm: frozenset[int] = frozenset()


def effect_of(order: Order, content: Mapping[str, Any], *, now: datetime) -> Effect:
    """The effect of signing `content` for this order as things stand. Reads only."""
    if order.current_version is None:
        return Effect()
    plan = ProtocolTemplate.from_dict(content, "order")
    counting = counting_infusions(order)
    given = {visit.dose_number or 0: max(visit.given_at, visit.period.lower) for visit in counting if visit.given_at}
    booked = [visit for visit in counting if visit.given_at is None]
    if not booked:
        return Effect()
    clock = ClinicTime(booked[0].time_zone)
    for one in plan.given_before:
        given.setdefault(one.number, one.given_at(clock))
    planned = _planned(order, content, booked)
    starts = [*given.values(), *(visit.start for visit in planned)]
    days = _open_days(booked[0].clinic, plan, starts, clock, now)
    against = reasons_against_visits(plan, planned, given, clock, days)
    near = _near_another_order(order, plan, booked)
    found = {visit.pk: (*against.get(visit.pk, ()), *(["other_order"] * (visit.pk in near))) for visit in booked}
    fitting = tuple(visit for visit in booked if not found[visit.pk])
    closed = reviews_of(plan) - {after for _, after in opened_reviews([order.pk], once_signed=True)}
    first_closed = min(closed, default=plan.doses)
    waits = {visit.pk for visit in fitting if (visit.dose_number or 0) > first_closed}
    return Effect(
        fitting=fitting,
        unfitting=tuple((visit, found[visit.pk]) for visit in booked if found[visit.pk]),
        will_wait=frozenset(visit.pk for visit in fitting if visit.pk in waits and not visit.is_tentative),
        become_firm=frozenset(visit.pk for visit in fitting if visit.pk not in waits and visit.is_tentative),
    )


def counting_infusions(order: Order) -> list[Appointment]:
    """Its infusions that are booked, kept, under way or were given and count, by number."""
    visits = Appointment.objects.spaced().filter(order=order, is_repeated=False)
    return list(visits.select_related("clinic", "terms").order_by("dose_number", "pk"))


def fits_no_longer(visit: Appointment) -> bool:
    """Whether the visit was booked under terms that an amendment has replaced: it keeps its place, and can't be started
    until it is moved, cancelled, or fits what is signed next. It comes with its terms and order."""
    if visit.terms is None or visit.order is None or visit.given_at is not None:
        return False
    return visit.live and visit.terms.version_id != visit.order.current_version_id


def orders_not_fitting(*, clinic: Clinic) -> list[Order]:
    """Orders under way with visits at this clinic that no longer fit them, longest in force first."""
    visits = Appointment.objects.filter(clinic=clinic, live=True, dose__isnull=False, given_at__isnull=True)
    stale = visits.filter(order__state__in=UNDER_WAY).exclude(terms__version=F("order__current_version"))
    orders = Order.objects.filter(pk__in=stale.values("order")).select_related("patient", "current_version")
    return list(orders.order_by("current_version__signed_at", "pk"))


def _planned(order: Order, content: Mapping[str, Any], booked: Sequence[Appointment]) -> list[PlannedVisit]:
    was = order.current_version.content if order.current_version else {}
    same = {rule for rule, name in SAYS.items() if was.get(name) == content.get(name)}
    allowed: dict[int, set[str]] = {}
    for visit_id, rule in Override.objects.filter(appointment__in=booked).values_list("appointment_id", "rule"):
        allowed.setdefault(visit_id, set()).add(rule)
    return [
        PlannedVisit(
            id=visit.pk,
            number=visit.dose_number or 0,
            start=visit.period.lower,
            site=visit.clinic.slug,
            zone=visit.time_zone,
            has_same_phases=visit.terms is not None
            and visit.terms.phases == phases_of(content, visit.dose_number or 0),
            allowed=frozenset(allowed.get(visit.pk, set()) & same),
        )
        for visit in booked
    ]


def _open_days(
    clinic: Clinic, plan: PlanParts, starts: Sequence[datetime], clock: ClinicTime, now: datetime
) -> OpenDays | None:
    """The clinic's open days around these starts, where a rule counts them."""
    if all(spacing.unit != "open_days" for spacing in plan.spacing):
        return None
    days: list[date] = sorted(clock.local_day(start) for start in starts)
    return snapshot(clinic=clinic, first_day=days[0], last_day=days[-1], now=now).open_days


def _near_another_order(order: Order, plan: PlanParts, booked: Sequence[Appointment]) -> set[int]:
    """Visits whose new least distance would reach into an infusion of another order for the same treatment."""
    others = Appointment.objects.filter(patient=order.patient_id, therapy=order.therapy, live=True)
    starts = list(others.exclude(order=order).values_list("period", flat=True))
    found = set()
    for visit in booked:
        gap = _gap_after(plan, visit.dose_number or 0)
        reach = Interval(visit.period.lower, guard_end(visit.period.lower, gap, visit.time_zone))
        if any(reach.start < period.lower < reach.end for period in starts):
            found.add(visit.pk)
    return found


def _gap_after(plan: PlanParts, number: int) -> Gap:
    return minimum_gap_after(number, plan.spacing) if number < plan.doses else Gap(0, 0)


def guard_end(start: datetime, gap: Gap, zone: str) -> datetime:
    """The earliest start that a least distance leaves to the next infusion, as the database counts it."""
    clock = ClinicTime(zone)
    night = clock.day_start(clock.local_day(start) + timedelta(days=gap.days))
    return max(start + timedelta(minutes=max(gap.minutes, 1)), night)
