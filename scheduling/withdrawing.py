"""The patient does not want to go on: the desk cancels what is booked, and a clinician closes the order."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Q

from scheduling import clinician_tasks, permissions
from scheduling.changing_orders import enter_change
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.freeing import cancel_rows, release_rows
from scheduling.locking import writing
from scheduling.models import (
    UNDER_WAY,
    Appointment,
    CancelledBy,
    Clinic,
    ClinicianTask,
    Order,
    Status,
    TaskKind,
)
from scheduling.order_states import OrderIsNot

REASON: Final = "patient_withdrew"


def withdraw(*, order: Order, from_number: int = 1, by: Actor, now: datetime) -> list[Appointment]:
    """Cancels on the patient's side what is booked from infusion `from_number` on, and the reviews between; lets go
    what is kept; and asks a clinician to close the order, once. Gives the cancelled visits.

    A visit of an earlier day stays for somebody to say what happened. Refuses with OrderIsNot unless the order is
    active or paused. Records `order.patient_withdrew`, `appointment.cancelled`, `appointment.released` and
    `task.opened`.
    """
    permissions.check(by, "order.withdraw", organisation_id=order.organisation_id, clinic_id=by.clinic_id)
    with writing():
        entered = enter_change(order)
        if entered.state not in UNDER_WAY:
            raise OrderIsNot(entered.state)
        rest = Q(dose_number__gte=from_number) | Q(review_after__gte=from_number) | Q(status=Status.HELD)
        live = Appointment.objects.filter(rest, order=order, status__in=(Status.HELD, Status.BOOKED))
        visits = list(live.order_by("pk"))
        booked = [visit for visit in visits if visit.status == Status.BOOKED and _is_ahead(visit, now)]
        entries = [
            Entry(
                "order.patient_withdrew",
                clinic_id=by.clinic_id,
                order_id=order.pk,
                patient_id=order.patient_id,
                tell=True,
            ),
            *cancel_rows(booked, CancelledBy.PATIENT, REASON, now=now),
            *release_rows([visit for visit in visits if visit.status == Status.HELD]),
            *_ask_to_close(entered, by=by, now=now),
        ]
        record(organisation_id=order.organisation_id, entries=entries, by=by, now=now)
    return list(Appointment.objects.filter(pk__in=[visit.pk for visit in booked]).order_by("period"))


def open_withdrawals(order: Order) -> list[ClinicianTask]:
    """What of a withdrawal waits for a clinician, at whichever clinic the patient said it."""
    tasks = ClinicianTask.objects.filter(order=order, kind=TaskKind.WITHDREW, closed_at=None)
    return list(tasks.order_by("pk"))


def _ask_to_close(order: Order, *, by: Actor, now: datetime) -> list[Entry]:
    before = ClinicianTask.objects.filter(order=order, kind=TaskKind.WITHDREW, closed_at__isnull=False).count()
    clinic = Clinic.objects.get(pk=by.clinic_id or order.sites.order_by("pk").values_list("pk", flat=True)[0])
    return clinician_tasks.open_task(
        TaskKind.WITHDREW,
        f"{TaskKind.WITHDREW}/o{order.pk}/{before}",
        clinic=clinic,
        patient=order.patient,
        order=order,
        by=by,
        now=now,
    )


def _is_ahead(visit: Appointment, now: datetime) -> bool:
    clock = ClinicTime(visit.time_zone)
    return clock.local_day(visit.period.lower) >= clock.local_day(now)
