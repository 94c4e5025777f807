"""Reviews between infusions: which are open, which are due, since when and by when. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Max, QuerySet

from scheduling.clinic_time import ClinicTime
from scheduling.decisions_made import Key, latest_decisions, lets_go_on
from scheduling.models import (
    Appointment,
    Clinic,
    Gate,
    GateDecision,
    Order,
    OrderState,
    Patient,
    Status,
    User,
)


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """A review that stands between a patient and the next infusion.

    `given_at`: when the infusion before it was given; before the first, when the order was signed. `since`: from when
    its days count, which is no earlier than the ruling that the infusion counts. `time_zone`: of the clinic where that
    was. `latest`: what was last decided at it, which does not let the series go on as it stands. `waits_for_ruling`: an
    infusion of the order was broken off and nobody has ruled on it.
    """

    order: Order
    gate: Gate
    since: datetime
    clinic_id: int
    time_zone: str
    given_at: datetime
    latest: GateDecision | None = None
    waits_for_ruling: bool = False

    @property
    def key(self) -> Key:
        return self.order.pk, self.gate.after_number

    @property
    def signer(self) -> User:
        """Whose review it is: who signed the order as it stands."""
        return self.gate.version.signed_by

    @property
    def decide_by(self) -> date | None:
        """The last clinic-local day on which it is to be decided; None where the order says none, and until the ruling
        it waits for."""
        days = self.gate.decide_within_days
        if days is None or self.waits_for_ruling:
            return None
        return ClinicTime(self.time_zone).local_day(self.since) + timedelta(days=days)

    @property
    def until(self) -> datetime | None:
        """When that day is over."""
        last = self.decide_by
        return None if last is None else ClinicTime(self.time_zone).day_start(last + timedelta(days=1))

    def is_overdue(self, now: datetime) -> bool:
        """Whether its last day is over."""
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class _Settled:
    """An infusion that was given: when and where, whether it needs a ruling, and when the latest was recorded."""

    at: datetime
    clinic_id: int
    time_zone: str
    needs_ruling: bool = False
    ruled_at: datetime | None = None

    @property
    def since(self) -> datetime:
        return max(self.at, self.ruled_at or self.at)


def reviews_due(*, clinic: Clinic) -> list[ReviewDue]:
    """Reviews of active orders whose infusion was given and that no prescriber has opened; first those whose last day
    is over or comes first, then the longest waiting. A review before the first infusion is due at once."""
    return due_among(gates_under_way().filter(order__sites=clinic), {}, clinic)


def gates_under_way() -> QuerySet[Gate]:
    """Reviews that stand in active orders as they are signed now, of patients whose record is open."""
    gates = Gate.objects.filter(
        version_id=F("order__current_version_id"),
        order__state=OrderState.ACTIVE,
        order__patient__in=Patient.objects.current(),
    )
    return gates.select_related("order__patient", "version__signed_by")


def due_among(
    gates: Iterable[Gate],
    sites: Mapping[int, Clinic],
    clinic: Clinic | None = None,
    *,
    latest: Mapping[Key, GateDecision] | None = None,
) -> list[ReviewDue]:
    """Which of these reviews are due. One before the first infusion counts its days at `clinic`, or at the clinic that
    `sites` has for its order. `latest`: the decisions that count, where they are read already."""
    found = list(gates)
    order_ids = [gate.order_id for gate in found]
    latest = latest_decisions(order_ids) if latest is None else latest
    settled = _settled(order_ids)
    unruled = {order_id for (order_id, _), at in settled.items() if at.needs_ruling and at.ruled_at is None}
    due = []
    for gate in found:
        key = (gate.order_id, gate.after_number)
        decided = latest.get(key)
        if decided is not None and lets_go_on(decided.decision, decided.under_version_id, gate.version_id):
            continue
        at = settled.get(key)
        if gate.after_number == 0:
            site = clinic or sites[gate.order_id]
            at = _Settled(gate.version.signed_at, site.pk, site.time_zone)
        if at is not None:
            waits = gate.order_id in unruled
            due.append(ReviewDue(gate.order, gate, at.since, at.clinic_id, at.time_zone, at.at, decided, waits))
    return sorted(due, key=lambda one: (one.until is None, one.until or one.since, one.since, one.gate.pk))


def settled_at(order: Order, after_number: int) -> datetime | None:
    """When the infusion before this review was given, here or elsewhere; None while it was not, or is given again."""
    if after_number == 0:
        return order.current_version.signed_at if order.current_version else None
    given = _settled([order.pk]).get((order.pk, after_number))
    return given.at if given else None


def _settled(order_ids: Iterable[int]) -> dict[Key, _Settled]:
    # One that was broken off and is given again does not count, nor does one that was entered in error.
    given = Appointment.objects.filter(order_id__in=list(order_ids), given_at__isnull=False, is_repeated=False)
    ruled = given.exclude(status=Status.ENTERED_IN_ERROR).annotate(ruled_at=Max("rulings__recorded_at"))
    rows = ruled.values_list(
        "order_id", "dose_number", "given_at", "clinic_id", "time_zone", "needs_ruling", "ruled_at"
    )
    return {
        (order_id, number): _Settled(at, clinic_id, zone, needs_ruling, ruled_at)
        for order_id, number, at, clinic_id, zone, needs_ruling, ruled_at in rows
        if number is not None and at is not None
    }
