"""Urgent tasks alert the clinicians on duty until one of them has it. An urgent task that waits always has an alert."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.duty import next_duty, on_duty
from notifications.models import StaffAlert
from notifications.taken_alerts import overdue
from scheduling import clinician_tasks, events
from scheduling.events import Actor, Entry
from scheduling.models import Clinic, ClinicianTask, Event
from scheduling.word_of_mouth import Word

log = logging.getLogger(__name__)
BY = Actor.system("alerts")
# After the commit it has an alert at once; what a crash has lost is looked for every twenty seconds.
RAISED_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An urgent task nobody has in hand yet, or somebody for longer than the clinic says without closing it.
    `nobody_until`: nobody is on duty for it, and when the next one is, None where the duty list has nobody to come;
    `is_alerted`: somebody is, or has it."""

    task: ClinicianTask
    is_alerted: bool
    nobody_until: datetime | None


def raise_after_commit(*, event_ids: Sequence[int], now: datetime) -> None:
    """Alerts about the urgent tasks that these events opened, right after their commit.

    Raises nothing but the time limit of the task it may run in: what fails is raised by `raise_missing` within seconds.
    """
    try:
        opened = Event.objects.filter(pk__in=event_ids, verb="task.opened").values_list("data", flat=True)
        ids = [data["task"] for data in opened]
        if ids:
            _raise(_waiting().filter(pk__in=ids), now)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.warning("raising an alert after commit failed, left to the sweep", exc_info=True)


def raise_missing(*, now: datetime) -> int:
    """Alerts about every urgent task that waits and has no alert; gives how many. Where a task was taken without its
    alert, that is answered with it."""
    for alert in StaffAlert.objects.filter(acknowledged_at=None, task__acknowledged_at__isnull=False).select_related(
        "task"
    ):
        _answer_with(alert.task)
    return _raise(_waiting(), now)


def count_unraised(*, now: datetime) -> dict[str, int]:
    """The fault that must not be, by name: urgent tasks that wait for longer than the sweep takes and alert nobody."""
    late = _waiting().filter(opened_at__lte=now - RAISED_WITHIN).count()
    return {"urgent tasks without an alert": late} if late else {}


def take_task(*, task: ClinicianTask, by: Actor, now: datetime) -> bool:
    """This clinician has the task in hand, and with it its alert; False where another has it. As
    `clinician_tasks.take`."""
    with transaction.atomic():
        is_theirs = clinician_tasks.take(task=task, by=by, now=now)
        _answer_with(task)
    return is_theirs


def close_task(*, task: ClinicianTask, outcome: str, heard: Word | None = None, by: Actor, now: datetime) -> None:
    """A clinician closes the task, and nobody is alerted about it any more. As `clinician_tasks.close`."""
    with transaction.atomic():
        clinician_tasks.close(task=task, outcome=outcome, heard=heard, by=by, now=now)
        _answer_with(task)


def unanswered(*, clinics: Iterable[Clinic], now: datetime) -> list[Unanswered]:
    """The urgent tasks at these clinics that nobody has in hand, or somebody for too long, the oldest first."""
    urgent = clinician_tasks.open_tasks(clinics=clinics).filter(is_urgent=True)
    late = overdue(urgent, now=now).order_by().values("pk")
    found = []
    for task in urgent.filter(Q(acknowledged_at=None) | Q(pk__in=late)):
        is_alerted = task.acknowledged_at is not None or bool(on_duty(task.clinic_id, now, with_backup=True))
        found.append(Unanswered(task, is_alerted, None if is_alerted else next_duty(task.clinic_id, now)))
    return found


def _waiting() -> QuerySet[ClinicianTask]:
    alerted = StaffAlert.objects.filter(task=OuterRef("pk"))
    return ClinicianTask.objects.filter(~Exists(alerted), is_urgent=True, closed_at=None, acknowledged_at=None)


def _raise(tasks: QuerySet[ClinicianTask], now: datetime) -> int:
    raised = 0
    for task in tasks.select_related("clinic").order_by("pk"):
        with transaction.atomic():
            alert, is_new = StaffAlert.objects.get_or_create(
                alert_key=f"task/{task.pk}",
                defaults={"clinic": task.clinic, "task": task, "raised_at": now, "next_at": now},
            )
            if is_new:
                data = {"alert": alert.pk, "task": task.pk}
                entry = Entry("alert.raised", clinic_id=task.clinic_id, patient_id=task.patient_id, data=data)
                events.record(organisation_id=task.clinic.organisation_id, entries=[entry], by=BY, now=now)
        raised += is_new
    return raised


def _answer_with(task: ClinicianTask | None) -> None:
    if task is not None and task.acknowledged_at is not None:
        StaffAlert.objects.filter(task=task, acknowledged_at=None).update(
            acknowledged_at=task.acknowledged_at, acknowledged_by_id=task.acknowledged_by_id
        )
