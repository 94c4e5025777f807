"""Kept times: what is kept for whom, and how they are let go. A kept time past its end is free to every reader, and
released before anyone writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import F, Q

from scheduling.events import Actor, Entry, record
from scheduling.models import Appointment, Clinic, Order, Status, User, VisitKind
from scheduling.visit_steps import NotPossibleFromHere

BY: Final = Actor.system("holds")


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
    kept = list(rows.select_related("booked_by", "clinic").order_by("period"))
    options = ([row for row in kept if row.kind != VisitKind.KEPT], [row for row in kept if row.kind == VisitKind.KEPT])
    return [_option(rows) for rows in options if rows]


def _option(rows: Sequence[Appointment]) -> Option:
    until = min(row.held_until for row in rows if row.held_until)
    return Option(tuple(rows), until, rows[0].held_with, rows[0].booked_by)


def let_go(
    visits: Sequence[Appointment], *, patient_id: int, asked_for_id: int | None = None, by: Actor, now: datetime
) -> list[Appointment]:
    """Releases kept times of a patient; gives those that were still kept. Call it in the transaction of a verb.

    Refuses with NotPossibleFromHere one that is booked by now, or is kept for another question than `asked_for_id`.
    Records `appointment.released` for each.
    """
    if not visits:
        return []
    rows = Appointment.objects.select_for_update().filter(pk__in=[visit.pk for visit in visits], patient_id=patient_id)
    kept = [row for row in rows.order_by("pk") if row.status != Status.RELEASED]
    for row in kept:
        if row.status != Status.HELD or row.asked_for_id != asked_for_id:
            raise NotPossibleFromHere(row.status)
    _release(kept, by=by, now=now)
    return kept


def release_expired(*, clinic: Clinic, patient_id: int, now: datetime) -> int:
    """Releases kept times that ended, of this clinic and of this patient anywhere; returns how many.

    Call it under `lock_for`. Records `appointment.released` for each.
    """
    over = Appointment.objects.filter(Q(clinic=clinic) | Q(patient_id=patient_id), held_until__lte=now)
    visits = list(over.select_for_update(skip_locked=True).order_by("pk"))
    _release(visits, by=BY, now=now)
    return len(visits)


def _release(visits: Sequence[Appointment], *, by: Actor, now: datetime) -> None:
    if visits:
        Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).update(
            status=Status.RELEASED, held_until=None, row_version=F("row_version") + 1
        )
        entries = [Entry.of_visit("appointment.released", visit) for visit in visits]
        record(organisation_id=visits[0].organisation_id, entries=entries, by=by, now=now)
