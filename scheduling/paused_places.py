"""Whether a paused order's visits keep their places: for a while, then the desk is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet

from scheduling import permissions
from scheduling.changing_orders import enter_change
from scheduling.events import Actor, Entry, record
from scheduling.freeing import cancel_rows
from scheduling.keeping_places import kept_until
from scheduling.locking import writing
from scheduling.models import Appointment, CancelledBy, Clinic, Order, OrderState, Status
from scheduling.order_effects import REASON
from scheduling.order_states import OrderIsNot

PLACES_FREED: Final = "order.places_freed"


@dataclass(frozen=True, slots=True)
class PlacesToSettle:
    """A paused order whose kept places somebody should ask about; `visits` are those at this clinic."""

    order: Order
    since: datetime
    visits: tuple[Appointment, ...]


def settle_places(*, order: Order, keep_days: int | None, by: Actor, now: datetime) -> None:
    """A paused order's visits keep their places so many days more, or with None are cancelled on the clinician's side,
    whose news waits for somebody to tell the patient.

    Refuses with OrderIsNot unless it is paused, and NotSoLong. Records `order.places_kept` or `order.places_freed` and
    `appointment.cancelled`.
    """
    permissions.check(by, "order.settle_places", organisation_id=order.organisation_id)
    with writing():
        entered = enter_change(order)
        if entered.state != OrderState.PAUSED:
            raise OrderIsNot(entered.state)
        until = None if keep_days is None else kept_until(keep_days, by=by, now=now)
        Order.objects.filter(pk=order.pk).update(keep_places_until=until, row_version=F("row_version") + 1)
        what = PLACES_FREED if until is None else "order.places_kept"
        data = {} if until is None else {"until": until.isoformat()}
        entries = [
            Entry(what, clinic_id=by.clinic_id, order_id=order.pk, patient_id=order.patient_id, data=data, tell=True)
        ]
        if until is None:
            booked = Appointment.objects.filter(order=order, status=Status.BOOKED, period__startswith__gt=now)
            entries += cancel_rows(list(booked.order_by("pk")), CancelledBy.CLINICIAN, REASON, now=now)
        record(organisation_id=order.organisation_id, entries=entries, by=by, now=now)
    order.refresh_from_db()


def places_to_settle(*, clinic: Clinic, now: datetime) -> list[PlacesToSettle]:
    """Paused orders with visits here whose places are kept no longer than now; the longest waiting first."""
    orders = list(orders_to_settle(clinic, now).select_related("patient", "current_version"))
    orders.sort(key=lambda order: (order.keep_places_until or now, order.pk))
    ahead = _ahead(clinic, now)
    visits: dict[int | None, list[Appointment]] = {}
    for visit in ahead.filter(order__in=orders).order_by("period", "pk"):
        visits.setdefault(visit.order_id, []).append(visit)
    return [
        PlacesToSettle(order, order.keep_places_until, tuple(visits[order.pk]))
        for order in orders
        if order.keep_places_until is not None
    ]


def orders_to_settle(clinic: Clinic, now: datetime) -> QuerySet[Order]:
    """Their orders as a query."""
    due = Order.objects.filter(state=OrderState.PAUSED, keep_places_until__lte=now)
    return due.filter(Exists(_ahead(clinic, now).filter(order=OuterRef("pk"))))


def _ahead(clinic: Clinic, now: datetime) -> QuerySet[Appointment]:
    return Appointment.objects.filter(clinic=clinic, status=Status.BOOKED, period__startswith__gt=now)
