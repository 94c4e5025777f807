"""Whose patient has yet to be told in person what became of an order or of its visits. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from notifications.clinic_rules import read_rules
from notifications.models import ToldInPerson
from notifications.reaching import reachable_of
from notifications.visit_news import waits_for_a_person
from scheduling.models import (
    Appointment,
    CancelledBy,
    ChangeKind,
    Clinic,
    Event,
    Order,
    OrderChange,
    OrderState,
    Patient,
    Status,
)
from scheduling.paused_places import PLACES_FREED
from scheduling.review_limits import PASSED

TOLD_OF = (ChangeKind.PAUSE, ChangeKind.STOP, ChangeKind.COMPLETE)
# Later nobody is told of it any more by a list.
LOOK_BACK = timedelta(days=14)
FREED = (PASSED, PLACES_FREED)
ENDED = Q(status=Status.CANCELLED, cancelled_by=CancelledBy.CLINICIAN)


@dataclass(frozen=True, slots=True)
class ToTell:
    """A patient who has yet to be told in person what became of an order, by the last `change` of it; None where no
    word of a prescriber is behind it: visits were freed, for a review was not decided in time, or the order goes on
    that was paused when they were let go.

    `visits`: those that they would otherwise come to, in order. `until`: when the message goes by itself.
    """

    order: Order
    change: OrderChange | None
    visits: Sequence[Appointment]
    since: datetime
    until: datetime
    is_reachable: bool

    @property
    def first_visit(self) -> datetime:
        starts_at: datetime = self.visits[0].period.lower
        return starts_at

    def is_overdue(self, now: datetime) -> bool:
        """Whether the message has gone, or nobody can get one, and still no person has spoken with them."""
        return now >= self.until or not self.is_reachable


def still_to_tell(order: Order, *, now: datetime) -> ToTell | None:
    """Whether the patient has yet to be told what became of the order, by a person; None where they were, or where no
    visit to come is touched."""
    return next(iter(_to_tell([order.pk], now)), None)


def untold_at(clinic: Clinic, *, now: datetime) -> list[ToTell]:
    """Orders of this clinic whose patients somebody was to tell in time and nobody has; the longest waiting first."""
    recent = OrderChange.objects.filter(kind__in=TOLD_OF, recorded_at__gt=now - LOOK_BACK, order__sites=clinic)
    freed = Appointment.objects.filter(ENDED, clinic=clinic, period__startswith__gt=now - LOOK_BACK)
    freed = freed.filter(cancelled_at__gt=now - LOOK_BACK, order__isnull=False)
    ids = recent.values_list("order_id", flat=True).union(freed.values_list("order_id", flat=True))
    return sorted((one for one in _to_tell(list(ids), now) if one.is_overdue(now)), key=lambda one: one.since)


def _to_tell(order_ids: Collection[int], now: datetime) -> list[ToTell]:
    """In as many statements for many orders as for one."""
    there = Order.objects.filter(pk__in=order_ids, patient__in=Patient.objects.current()).select_related("patient")
    orders = there.in_bulk()
    changes = {one.order_id: one for one in _last_changes(orders) if one.kind in TOLD_OF}
    freed, visits = _freed(orders, now), _visits(orders)
    touched = {key: _touched(orders[key], changes.get(key), freed[key], visits[key]) for key in orders}
    untold = _not_told({key: found for key, found in touched.items() if found}, changes)
    rules = read_rules(found[0].clinic_id for found in untold.values())
    reachable = reachable_of(
        {orders[key].patient: ZoneInfo(found[0].time_zone) for key, found in untold.items()},
        # A clinic that is not live sends no text: whoever has only a telephone hears nothing unless somebody calls.
        not_by_text={one.patient_id for found in untold.values() for one in found if not one.clinic.sends_texts},
    )
    return [
        ToTell(
            order=orders[key],
            change=changes.get(key),
            visits=found,
            since=(since := _since(changes.get(key), found)),
            until=waits_for_a_person(since, found[0].period.lower, rules[found[0].clinic_id]),
            is_reachable=bool(reachable[orders[key].patient_id]),
        )
        for key, found in untold.items()
    ]


def _touched(
    order: Order, change: OrderChange | None, freed_at: Collection[datetime], visits: Sequence[Appointment]
) -> list[Appointment]:
    """The visits that the patient would otherwise come to, those whose time has passed since included, in order."""
    waiting: list[Appointment] = []
    if change is not None:
        ahead = [visit for visit in visits if visit.period.lower > change.recorded_at]
        waiting = [visit for visit in ahead if visit.status == Status.BOOKED and order.state == OrderState.PAUSED]
        waiting = waiting or [one for one in ahead if one.cancelled_at and one.cancelled_at >= change.recorded_at]
    # What was broken off and is given again is no visit in its place, and a visit without a number stands for itself.
    there = [visit.dose_number for visit in visits if visit.live or (visit.given_at and not visit.is_repeated)]
    again = {number for number in there if number is not None}
    freed = [one for one in visits if one.cancelled_at in freed_at and one.dose_number not in again]
    return sorted({*waiting, *freed}, key=lambda visit: (visit.period.lower, visit.pk))


def _since(change: OrderChange | None, visits: Iterable[Appointment]) -> datetime:
    """When the last of it came to be so."""
    cancelled = [visit.cancelled_at for visit in visits if visit.cancelled_at]
    return max([*([change.recorded_at] if change else []), *cancelled])


def _not_told(
    touched: Mapping[int, list[Appointment]], changes: Mapping[int, OrderChange]
) -> dict[int, list[Appointment]]:
    """Without what somebody has told them: of the order as it stands, or of each visit."""
    ids = [visit.pk for found in touched.values() for visit in found]
    told = list(ToldInPerson.objects.filter(Q(order__in=list(touched)) | Q(visit__in=ids)))
    of_visits = {(one.visit_id, one.told_version) for one in told}
    rest = {}
    for key, found in touched.items():
        left = [visit for visit in found if (visit.pk, visit.told_version) not in of_visits]
        since = _since(changes.get(key), found)
        if left and not any(one.order_id == key and one.told_at >= since for one in told):
            rest[key] = left
    return rest


def _last_changes(order_ids: Iterable[int]) -> list[OrderChange]:
    changes = OrderChange.objects.filter(order__in=list(order_ids)).order_by("order", "-pk").distinct("order")
    return list(changes.select_related("decided_by"))


def _freed(order_ids: Iterable[int], now: datetime) -> Mapping[int, set[datetime]]:
    """Of each order when its visits were freed."""
    found: dict[int, set[datetime]] = defaultdict(set)
    passed = Event.objects.filter(order__in=list(order_ids), verb__in=FREED, recorded_at__gt=now - LOOK_BACK)
    for order_id, at in passed.values_list("order_id", "recorded_at"):
        found[order_id or 0].add(at)
    return found


def _visits(order_ids: Iterable[int]) -> Mapping[int, list[Appointment]]:
    """Of each order what is booked or was given, and what ended on the clinician's side."""
    found: dict[int, list[Appointment]] = defaultdict(list)
    rows = Appointment.objects.filter(Q(live=True) | Q(given_at__isnull=False) | ENDED, order__in=list(order_ids))
    for visit in rows.select_related("clinic").order_by("period", "pk"):
        found[visit.order_id or 0].append(visit)
    return found
