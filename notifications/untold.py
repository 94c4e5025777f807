"""Whose patient has yet to be told in person what became of an order: clinicians speak with them. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from notifications.clinic_rules import read_rules
from notifications.models import ToldInPerson
from notifications.reaching import read_reachable
from notifications.visit_news import waits_for_a_person
from scheduling.models import (
    Appointment,
    CancelledBy,
    ChangeKind,
    Clinic,
    Order,
    OrderChange,
    OrderState,
    Patient,
    Status,
)

TOLD_OF = (ChangeKind.PAUSE, ChangeKind.STOP, ChangeKind.COMPLETE)
# Later nobody is told of it any more by a list.
LOOK_BACK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ToTell:
    """A patient who has yet to be told in person what became of an order. `until`: when the message goes by itself."""

    order: Order
    change: OrderChange
    since: datetime
    until: datetime
    first_visit: datetime
    is_reachable: bool

    def is_overdue(self, now: datetime) -> bool:
        """Whether the message has gone, or nobody can get one, and still no person has spoken with them."""
        return now >= self.until or not self.is_reachable


def still_to_tell(order: Order, *, now: datetime) -> ToTell | None:
    """Whether the patient has yet to be told what became of the order, by a person; None where they were, or where no
    visit to come is touched."""
    return next(iter(_to_tell([order.pk], now=now)), None)


def untold_at(clinic: Clinic, *, now: datetime) -> list[ToTell]:
    """Orders of this clinic whose patients somebody was to tell in time and nobody has; the longest waiting first."""
    recent = OrderChange.objects.filter(kind__in=TOLD_OF, recorded_at__gt=now - LOOK_BACK, order__sites=clinic)
    ids = list(recent.order_by("order").values_list("order", flat=True).distinct())
    return sorted((one for one in _to_tell(ids, now=now) if one.is_overdue(now)), key=lambda one: one.since)


def _to_tell(order_ids: Sequence[int], *, now: datetime) -> list[ToTell]:
    last = OrderChange.objects.filter(order=OuterRef("order")).order_by("-pk").values("pk")[:1]
    changes = OrderChange.objects.filter(order__in=order_ids, pk=Subquery(last), kind__in=TOLD_OF)
    found = []
    for change in changes.select_related("order__patient", "decided_by"):
        if change.order.patient.is_gone:
            continue
        visits = _touched(change, now)
        if not visits:
            continue
        since = max([change.recorded_at, *(visit.cancelled_at for visit in visits if visit.cancelled_at)])
        if ToldInPerson.objects.filter(order=change.order, told_at__gte=since).exists():
            continue
        found.append(_one(change, visits[0], since))
    return found


def _touched(change: OrderChange, now: datetime) -> list[Appointment]:
    """The visits that the patient would otherwise come to, those whose time has passed since included, in order."""
    visits = Appointment.objects.filter(order=change.order_id, period__startswith__gt=change.recorded_at)
    if change.order.state == OrderState.PAUSED and visits.filter(status=Status.BOOKED).exists():
        visits = visits.filter(status=Status.BOOKED)
    else:
        visits = visits.filter(
            status=Status.CANCELLED, cancelled_by=CancelledBy.CLINICIAN, cancelled_at__gte=change.recorded_at
        )
    return list(visits.order_by("period", "pk"))


def _one(change: OrderChange, first: Appointment, since: datetime) -> ToTell:
    rules = read_rules([first.clinic_id])[first.clinic_id]
    return ToTell(
        order=change.order,
        change=change,
        since=since,
        until=waits_for_a_person(since, first.period.lower, rules),
        first_visit=first.period.lower,
        is_reachable=_is_reachable(change.order.patient, first),
    )


def _is_reachable(patient: Patient, visit: Appointment) -> bool:
    return bool(read_reachable(patient, ZoneInfo(visit.time_zone)))
