"""What patients who are at the clinic now wait for from a prescriber: a go at the chair, or clearance to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db.models import QuerySet

from scheduling.models import (
    Appointment,
    AppointmentPhase,
    CheckKind,
    Clinic,
    Status,
    VisitCheck,
    VisitKind,
)
from scheduling.step_demands import leave_blockers, observed_until
from scheduling.stopped_starts import with_stops
from scheduling.visit_parts import which_infuses

HERE = (Status.ARRIVED, Status.SEATED)
BEFORE_A_START = (CheckKind.FASTING, CheckKind.RIDE)
# After any observation: only the clearance is asked for.
FAR = datetime.max.replace(tzinfo=UTC)


class Owed(StrEnum):
    """What is owed. All but the last stand before the start."""

    REVIEW = "review"
    RULING = "ruling"
    CHECK = "check"
    PRESENCE = "presence"
    CLEARANCE = "clearance"


@dataclass(frozen=True, slots=True)
class OwedNow:
    """One patient who waits. `since`: arrived or seated, or when the infusion was over; `earliest`: when the ordered
    observation is over, for a clearance."""

    visit: Appointment
    owed: tuple[Owed, ...]
    since: datetime
    earliest: datetime | None = None


def owed_now(*, clinic: Clinic) -> list[OwedNow]:
    """Who waits for a go (a review not decided, a broken-off infusion not ruled on, a check nobody let pass, a
    prescriber whose presence the start needs), then who waits for a prescriber's clearance; the longest waiting first.
    """
    visits = Appointment.objects.at_clinic(clinic).filter(kind=VisitKind.INFUSION)
    with_order = visits.select_related("patient", "order__current_version").order_by("pk")
    go = [one for visit in _may_start(with_order) if (one := _go(visit)).owed]
    cleared = map(_clearance, with_order.filter(status=Status.RECOVERING).prefetch_related("checks"))
    leave = [one for one in cleared if one is not None]
    return [*sorted(go, key=_longest_first), *sorted(leave, key=_longest_first)]


def _may_start(visits: QuerySet[Appointment]) -> list[Appointment]:
    """Those who have come, each with its checks and phases."""
    return list(with_stops(visits.filter(status__in=HERE)).prefetch_related("checks", "phases"))


def _go(visit: Appointment) -> OwedNow:
    owed = []
    if visit.is_tentative:
        owed.append(Owed.REVIEW)
    if getattr(visit, "waits_for_ruling", False):
        owed.append(Owed.RULING)
    if _has_unmet_check(list(visit.checks.all())):
        owed.append(Owed.CHECK)
    if visit.status == Status.SEATED and _start_needs_presence(list(visit.phases.all())):
        owed.append(Owed.PRESENCE)
    return OwedNow(visit, tuple(owed), visit.seated_at or visit.arrived_at or visit.period.lower)


def _has_unmet_check(checks: list[VisitCheck]) -> bool:
    """Of each kind the latest row counts."""
    latest = {check.kind: check for check in sorted(checks, key=lambda check: check.pk) if check.kind in BEFORE_A_START}
    return any(not check.is_met and check.passed_by_id is None for check in latest.values())


def _start_needs_presence(phases: list[AppointmentPhase]) -> bool:
    """Whether a part up to the infusion needs a prescriber."""
    ordered = sorted(phases, key=lambda phase: phase.position)
    infuses = which_infuses([(phase.name, phase.period.upper - phase.period.lower) for phase in ordered])
    return any(phase.prescriber != "none" for phase in ordered[: infuses + 1])


def _clearance(visit: Appointment) -> OwedNow | None:
    since = visit.finished_at or visit.period.lower
    known = {(visit.pk, check.kind): check for check in sorted(visit.checks.all(), key=lambda check: check.pk)}
    blockers = leave_blockers(visit, known, at=FAR)
    if not any(one.rule == "clearance" for one in blockers):
        return None
    return OwedNow(visit, (Owed.CLEARANCE,), since, observed_until(visit) or since)


def _longest_first(one: OwedNow) -> tuple[datetime, int]:
    return one.since, one.visit.pk
