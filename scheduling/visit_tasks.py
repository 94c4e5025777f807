"""What has to be done within days of an infusion, such as a form of a drug's programme: opened by the start."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from scheduling import permissions
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Appointment, Order, VisitTask


class IsDone(Exception):
    """Somebody has done it already; or nobody has, where it was to be taken back."""


def open_visit_tasks(visit: Appointment, *, happened_at: datetime) -> list[Entry]:
    """Opens what the order, as it is signed now, asks for after an infusion, due so many clinic-local days later; gives
    the events to record, `visit_task.opened`. Called in the transaction of the start; what stands already stays."""
    asked = _asked_of(visit)
    if not asked or visit.order_id is None:
        return []
    given_on = ClinicTime(visit.time_zone).local_day(happened_at)
    VisitTask.objects.bulk_create(
        (
            VisitTask(
                appointment=visit, order_id=visit.order_id, code=one["code"],
                due_on=given_on + timedelta(days=one["within_days"]),
            )
            for one in asked
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    return [Entry.of_visit("visit_task.opened", visit, data={"count": len(asked)})]


def void_visit_tasks(visit: Appointment) -> list[Entry]:
    """Takes back what a start opened and nobody has done yet, as that start is taken back; gives the event to record,
    `visit_task.voided`. What was done stays."""
    gone, _ = VisitTask.objects.filter(appointment=visit, done_at__isnull=True).delete()
    return [Entry.of_visit("visit_task.voided", visit, data={"count": gone})] if gone else []


def do_visit_task(*, task: VisitTask, by: Actor, now: datetime) -> None:
    """Somebody of the clinical staff has done it. Refuses with IsDone. Records `visit_task.done`."""
    _settle(task, done_by=by.staff_id, done_at=now, verb="visit_task.done", by=by, now=now)


def take_back_visit_task(*, task: VisitTask, by: Actor, now: datetime) -> None:
    """It was marked as done by mistake. Refuses with IsDone where it is open. Records `visit_task.taken_back`."""
    _settle(task, done_by=None, done_at=None, verb="visit_task.taken_back", by=by, now=now)


def _settle(
    task: VisitTask, *, done_by: int | None, done_at: datetime | None, verb: str, by: Actor, now: datetime
) -> None:
    visit = task.appointment
    permissions.check(by, "visit_task.do", organisation_id=visit.organisation_id, clinic_id=visit.clinic_id)
    with writing():
        as_it_was = VisitTask.objects.filter(pk=task.pk, done_at__isnull=done_at is not None)
        if not as_it_was.update(done_by=done_by, done_at=done_at):
            raise IsDone
        entry = Entry.of_visit(verb, visit, data={"task": task.pk})
        record(organisation_id=visit.organisation_id, entries=[entry], by=by, now=now)
    task.refresh_from_db()


def _asked_of(visit: Appointment) -> list[dict[str, Any]]:
    if visit.order_id is None or visit.dose_id is None:
        return []
    asked = Order.objects.filter(pk=visit.order_id).values_list("current_version__content__visit_tasks", flat=True)
    return asked.get() or []
