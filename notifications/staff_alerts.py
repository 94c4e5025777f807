"""Alerts to the clinicians on duty: sent every few minutes until one of them says "I have it". No patient data."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from notifications.alert_letters import Letter, send_letter
from notifications.duty import next_duty, on_duty
from notifications.models import InboundMessage, StaffAlert
from scheduling import events, permissions
from scheduling.clinician_tasks import TaskIsClosed, take
from scheduling.events import Actor, Entry
from scheduling.models import Clinic, ClinicianTask

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=5)
BACKUP_FROM_ROUND = 2
SUBJECT = "A message waits for you"


class NobodyOnDuty(Exception):
    """The duty list names nobody for now: a person has to call a clinician."""


def hand_over(*, reply: InboundMessage, clinic: Clinic, by: Actor, now: datetime) -> StaffAlert:
    """Hands a reply to the clinician on duty, who is alerted until somebody has it. Twice changes nothing.

    `clinic` is where that is done: of a reply that names no clinic its duty list counts.

    Refuses with NobodyOnDuty. Records `reply.handed_over`.
    """
    clinic = reply.clinic or clinic
    permissions.check(by, "reply.handle", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    people = on_duty(clinic.pk, now, with_backup=False)
    if not people:
        raise NobodyOnDuty
    with transaction.atomic():
        alert, is_new = StaffAlert.objects.get_or_create(
            alert_key=f"reply/{reply.pk}",
            defaults={"clinic": clinic, "reply": reply, "raised_at": now, "next_at": now},
        )
        if is_new:
            InboundMessage.objects.filter(pk=reply.pk).update(handed_to=people[0], handed_at=now)
            _record("reply.handed_over", alert, by, now, reply=reply.pk, who=people[0].pk)
    return alert


def acknowledge(*, alert: StaffAlert, by: Actor, now: datetime) -> bool:
    """Somebody has it, and with it the task it is about, and nobody is alerted any more; False where another was first.
    Records `alert.acknowledged`, and `task.taken`."""
    clinic = alert.clinic
    permissions.check(by, "alert.acknowledge", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with transaction.atomic():
        # The task's row before the alert's, as `task_alerts.take_task` has them.
        if alert.task is not None and not _takes(alert.task, by, now):
            return False
        open_still = StaffAlert.objects.filter(pk=alert.pk, acknowledged_at=None)
        if not open_still.update(acknowledged_at=now, acknowledged_by_id=by.staff_id):
            return False
        _record("alert.acknowledged", alert, by, now)
    return True


def send_due_alerts(*, clock: Callable[[], datetime], until: datetime) -> int:
    """Sends the alerts that are due, each to everybody it is for now; gives how many. What fails goes in five minutes.

    From the second round the back-up hears of it, at once where nobody else is on duty. Where nobody is at all, it goes
    out as soon as the next shift begins. Whoever says "I have it" while it is sent spares the others.
    """
    sent = 0
    while clock() < until and (alert := _take(clock())) is not None:
        people = on_duty(alert.clinic_id, clock(), with_backup=alert.rounds >= BACKUP_FROM_ROUND)
        if not people:
            log.error("nobody is on duty for an alert", extra={"alert": alert.pk, "clinic": alert.clinic_id})
            _wait_for_next_shift(alert, clock())
        for person in people:
            if not _unanswered().filter(pk=alert.pk).exists():
                break
            letter = Letter(SUBJECT, "a message waits for you.", f"/alerts/{alert.pk}/", valid_for=EVERY)
            send_letter(letter, alert=alert, person=person, now=clock())
        sent += 1
    return sent


def _take(now: datetime) -> StaffAlert | None:
    """Counts the round and commits before anything is sent: a crash costs one round, never the alert."""
    with transaction.atomic():
        due = _unanswered().filter(next_at__lte=now).order_by("next_at", "pk")
        # These have times and people of their own (`review_alerts`, `taken_alerts`).
        due = due.exclude(alert_key__startswith="review/").exclude(alert_key__startswith="taken/")
        alert = due.select_for_update(skip_locked=True, of=("self",)).select_related("clinic").first()
        if alert is None:
            return None
        StaffAlert.objects.filter(pk=alert.pk).update(next_at=now + EVERY, rounds=F("rounds") + 1)
        alert.rounds += 1
    return alert


def _unanswered() -> QuerySet[StaffAlert]:
    """Those that nobody has, nor the task they are about."""
    taken = Q(task__acknowledged_at__isnull=False) | Q(task__closed_at__isnull=False)
    return StaffAlert.objects.filter(acknowledged_at=None).exclude(taken)


def _wait_for_next_shift(alert: StaffAlert, now: datetime) -> None:
    starts_at = next_duty(alert.clinic_id, now)
    if starts_at is not None and starts_at < now + EVERY:
        StaffAlert.objects.filter(pk=alert.pk).update(next_at=starts_at)


def _takes(task: ClinicianTask, by: Actor, now: datetime) -> bool:
    try:
        return take(task=task, by=by, now=now)
    except TaskIsClosed:
        return False


def _record(verb: str, alert: StaffAlert, by: Actor, now: datetime, **data: int) -> None:
    about = alert.task or alert.reply
    entry = Entry(
        verb,
        clinic_id=alert.clinic_id,
        patient_id=about.patient_id if about else None,
        data={"alert": alert.pk, **data},
    )
    events.record(organisation_id=alert.clinic.organisation_id, entries=[entry], by=by, now=now)
