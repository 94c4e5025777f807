"""What is kept for an order or a patient: one option, or a second one beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduling import permissions
from scheduling.events import Actor
from scheduling.models import Appointment, Order, Status, User, VisitKind
from scheduling.picks import BookingRefused
from scheduling.problems import because


@dataclass(frozen=True, slots=True)
class Option:
    """Times that are kept together for an order: `visits` in order of time, until when, agreed with whom, by whom."""

    visits: tuple[Appointment, ...]
    until: datetime
    held_with: str
    kept_by: User | None

    @property
    def is_second(self) -> bool:
        """Kept beside infusions that are held already."""
        return self.visits[0].kind == VisitKind.KEPT


def options_of(order: Order, *, now: datetime) -> list[Option]:
    """What is kept for an order at `now`: nothing, one option, or two. Times kept for a question are none."""
    rows = Appointment.objects.filter(order=order, status=Status.HELD, held_until__gt=now, asked_for__isnull=True)
    # Mostly none, and that is told in a third of the time.
    kept = list(rows.select_related("booked_by", "clinic").order_by("period")) if rows.exists() else []
    options = ([row for row in kept if row.kind != VisitKind.KEPT], [row for row in kept if row.kind == VisitKind.KEPT])
    return [_option(rows) for rows in options if rows]


def _option(rows: Sequence[Appointment]) -> Option:
    until = min(row.held_until for row in rows if row.held_until)
    return Option(tuple(rows), until, rows[0].held_with, rows[0].booked_by)


def still_kept(visits: Sequence[Appointment], *, now: datetime) -> list[Appointment]:
    """The rows, locked, in order of time. Refuses with BookingRefused unless all are still kept, as one option."""
    locked = Appointment.objects.select_for_update(of=("self",)).select_related("clinic", "patient", "visit_type")
    rows = list(locked.filter(pk__in=[visit.pk for visit in visits]).order_by("pk"))
    if any(row.status not in (Status.HELD, Status.RELEASED) for row in rows):
        raise BookingRefused([because("hold_booked")])
    if any(row.status != Status.HELD or row.held_until is None or row.held_until <= now for row in rows):
        raise BookingRefused([because("hold_over")])
    kinds = {(row.order_id, row.patient_id, row.clinic_id, row.kind == VisitKind.KEPT) for row in rows}
    if len(kinds) > 1 or rows[0].asked_for_id is not None or (rows[0].order_id is None and len(rows) > 1):
        raise BookingRefused([because("not_one_option")])
    return sorted(rows, key=lambda row: row.period.lower)


def check_option(visits: Sequence[Appointment], by: Actor, *, verb: str = "appointment.hold") -> None:
    """Refuses with NotAllowed unless `by` may do `verb` with these times, with BookingRefused when none are meant."""
    if not visits:
        raise BookingRefused([because("nothing_picked")])
    for visit in visits:
        permissions.check(by, verb, organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)
