"""A prescriber's ruling on an infusion that was broken off: it counts, or it is given again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import F

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import lock_patients, writing
from scheduling.models import Appointment, ExitRuling, Order, TaskKind
from scheduling.order_effects import lock_visits
from scheduling.tasks_of_visits import close_tasks
from scheduling.visit_steps import lock_visit
from scheduling.waiting_visits import settle_waiting


class NothingToRule(Exception):
    """The visit is no infusion that was broken off and waits for a ruling: or somebody has just ruled."""


def rule_on_exit(*, appointment: Appointment, counts: bool, note: str = "", by: Actor, now: datetime) -> ExitRuling:
    """A prescriber says whether an infusion that was broken off counts or is repeated, once and for good.

    A repeated one is to book again under its number, not before the gap signed for after it, and what was decided about
    it no longer counts: the visits behind that review wait for it again. Refuses with NotAllowed
    all but prescribers, and with NothingToRule. Records `appointment.ruled` without the ruling's note, which stays with
    clinical staff.
    """
    permissions.check(by, "exit.rule", organisation_id=appointment.organisation_id)
    with writing():
        lock_patients(appointment.patient_id)
        # A start of the next infusion reads the order FOR SHARE, so it comes before this or after.
        order = Order.objects.select_for_update(no_key=True, of=("self",)).filter(appointments=appointment).first()
        if order is None:
            raise NothingToRule
        lock_visits(order)
        visit = lock_visit(appointment.pk)
        if not visit.needs_ruling or is_ruled(visit):
            raise NothingToRule
        ruling = ExitRuling.objects.create(
            appointment=visit, counts=counts, decided_by_id=by.staff_id, decided_at=now, note=note
        )
        Appointment.objects.filter(pk=visit.pk).update(is_repeated=not counts, row_version=F("row_version") + 1)
        entries = [
            Entry.of_visit("appointment.ruled", visit, data={"repeated": not counts}, tell=True),
            *close_tasks(visit, [TaskKind.RULING], by=by, now=now),
            *settle_waiting(order),
        ]
        record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
    appointment.refresh_from_db()
    return ruling


def is_ruled(visit: Appointment) -> bool:
    """Whether a prescriber has ruled on how this visit ended."""
    return ExitRuling.objects.filter(appointment=visit).exists()


def orders_waiting_for_a_ruling(order_ids: Collection[int]) -> frozenset[int]:
    """Those of these orders of which an infusion was broken off and not ruled on: the next is not started."""
    rows = Appointment.objects.filter(order__in=order_ids, needs_ruling=True, ruling=None)
    return frozenset(rows.values_list("order", flat=True))
