"""The steps of a visit's day: one transition table, and the refusals that every verb on a visit shares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Status, VisitKind
from scheduling.visit_demands import Blocker

# The steps of a day. Booking, cancelling and releasing have verbs of their own; a status that is missing is an end.
NEXT_OF_INFUSION: Final[dict[Status, frozenset[Status]]] = {
    Status.BOOKED: frozenset({Status.ARRIVED, Status.NO_SHOW}),
    Status.ARRIVED: frozenset({Status.SEATED, Status.TURNED_AWAY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
    Status.SEATED: frozenset({Status.INFUSING, Status.TURNED_AWAY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
    Status.INFUSING: frozenset({Status.RECOVERING, Status.STOPPED_EARLY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
    # Whoever stopped early may have stayed to recover before they left.
    Status.RECOVERING: frozenset({Status.COMPLETED, Status.STOPPED_EARLY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
}
NEXT_OF_OTHERS: Final[dict[Status, frozenset[Status]]] = {
    Status.BOOKED: frozenset({Status.ARRIVED, Status.NO_SHOW}),
    Status.ARRIVED: frozenset({Status.COMPLETED, Status.TURNED_AWAY, Status.TRANSFERRED, Status.LEFT_UNCLEARED}),
}


def next_steps(visit: Appointment) -> frozenset[Status]:
    """The steps that may be recorded for this visit now."""
    table = NEXT_OF_INFUSION if visit.kind == VisitKind.INFUSION else NEXT_OF_OTHERS
    return table.get(Status(visit.status), frozenset())


class NotPossibleFromHere(Exception):
    """The visit is not in a status from which this step goes; `status` is where it stands."""

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(status)


class OrderOnHold(NotPossibleFromHere):
    """The visit's order is not active: nothing is confirmed until a prescriber lets it go on."""


class ChangedMeanwhile(Exception):
    """Someone changed this visit since the page was read."""


class NotIdentified(Exception):
    """Arrival and start ask who it is: the name, and a second thing that only this patient would know or have."""


class NotReady(Exception):
    """What the order demands before this step is not there; `blockers` say what."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        self.blockers = tuple(blockers)
        super().__init__(", ".join(one.rule for one in self.blockers))


class NotThen(Exception):
    """It can't have happened at that time: in the future, before the step before it, or on another day."""


def check_version(visit: Appointment, row_version: int | None) -> None:
    """Refuses with ChangedMeanwhile when the page had read another version than the visit has now."""
    if row_version not in (None, visit.row_version):
        raise ChangedMeanwhile


def fits_the_day(visit: Appointment, happened_at: datetime) -> bool:
    """A visit happens on its clinic-local day, its steps one after the other; it may run past midnight.

    Whoever comes on another day is booked for that day first, so that gap and order are asked.
    """
    before = max(filter(None, (visit.arrived_at, visit.seated_at, visit.given_at, visit.finished_at)), default=None)
    if before is not None:
        return before <= happened_at < before + timedelta(days=1)
    clock = ClinicTime(visit.time_zone)
    return clock.local_day(happened_at) == clock.local_day(visit.period.lower)


def lock_visit(appointment_id: int) -> Appointment:
    """The visit as it stands now, locked until the transaction ends."""
    # Not joined to its patient: of a visit that changed hands while we waited, PostgreSQL would look for the new
    # patient's row in what it had read before, and give nothing.
    return Appointment.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=appointment_id)
