"""Missed visits of a series: after as many as the clinic says, its prescriber is asked whether more is booked. Nothing
is decided here: the software counts, and the clinician answers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Q, QuerySet

from scheduling.clinician_tasks import TAKEN_BACK, close_unneeded, open_task
from scheduling.events import Actor, Entry
from scheduling.models import Appointment, CancelledBy, Clinic, ClinicianTask, Order, Status, TaskKind

BY = Actor.system("missed visits")


def missed_visits(order: Order, *, but: Appointment | None = None) -> int:
    """How many visits of the order the patient did not come to since a clinician last answered about that."""
    asked = ClinicianTask.objects.filter(kind=TaskKind.MISSED, order=order).exclude(outcome=TAKEN_BACK)
    answered = asked.aggregate(last=Max("closed_at"))["last"]
    missed = Appointment.objects.filter(order=order, status=Status.NO_SHOW)
    if answered is not None:
        missed = missed.filter(period__startswith__gt=answered)
    return (missed.exclude(pk=but.pk) if but else missed).count()


def cancelled_late(order: Order, clinic: Clinic) -> int:
    """How many of its visits the patient cancelled with less notice than the clinic asks for: counted, nothing more."""
    late = Q(notice_minutes__lt=clinic.notice_hours * 60)
    return Appointment.objects.filter(
        late, order=order, status=Status.CANCELLED, cancelled_by=CancelledBy.PATIENT
    ).count()


def ask_about_misses(visit: Appointment, *, now: datetime) -> list[Entry]:
    """In the transaction of a no-show, before it is written: with this one there are as many as the clinic asks about,
    so a task is opened for its prescriber. Gives the events to record, `task.opened`."""
    limit = visit.clinic.missed_visits
    if visit.order is None or not limit or missed_visits(visit.order, but=visit) + 1 < limit:
        return []
    if waits_for_prescriber(visit.order):
        return []
    return open_task(
        TaskKind.MISSED,
        f"{TaskKind.MISSED}/o{visit.order_id}/v{visit.pk}/{visit.row_version}",
        clinic=visit.clinic,
        patient=visit.patient,
        order=visit.order,
        appointment=visit,
        by=BY,
        now=now,
    )


def take_back_question(visit: Appointment, *, by: Actor, now: datetime) -> list[Entry]:
    """In the transaction that takes a no-show back: where fewer are left than the clinic asks about, nobody has to
    answer any more. Gives the events to record, `task.closed`."""
    if visit.order is None or missed_visits(visit.order, but=visit) >= visit.clinic.missed_visits:
        return []
    return close_unneeded(ClinicianTask.objects.filter(kind=TaskKind.MISSED, order=visit.order), by=by, now=now)


def waits_for_prescriber(order: Order) -> bool:
    """Whether a clinician still has to say how it goes on after missed visits."""
    return open_questions_about(order).exists()


def open_questions_about(order: Order) -> QuerySet[ClinicianTask]:
    """What was asked about its missed visits and no clinician has answered."""
    return ClinicianTask.objects.filter(kind=TaskKind.MISSED, order=order, closed_at=None)
