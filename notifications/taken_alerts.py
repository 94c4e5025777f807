"""Something urgent that a clinician took and did not close comes back: to them, and to the back-up. No patient data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Coalesce

from notifications.alert_letters import Letter, send_letter
from notifications.duty import backups_on_duty, on_duty
from notifications.models import MessageRules, StaffAlert, StaffContact
from scheduling import events
from scheduling.events import Actor, Entry
from scheduling.models import ClinicianTask, User

BY = Actor.system("alerts")
KEY: Final = "taken/"
SUBJECT: Final = "Something is still open"
VALID_FOR: Final = timedelta(hours=1)


def remind_who_took(*, clock: Callable[[], datetime], until: datetime) -> int:
    """Reminds who has something urgent in hand for longer than the clinic says (`remind_after_minutes`), and the
    back-up on duty, each time that long again until it is closed; gives how many reminders went out.

    Records `task.reminded`. A reminder of what is closed counts as answered by who closed it.
    """
    _answered()
    sent = 0
    for task in overdue(ClinicianTask.objects.all(), now=clock()).select_related("clinic", "acknowledged_by"):
        if clock() >= until:
            break
        alert = _take(task, clock())
        if alert is not None:
            sent += 1
            letter = Letter(SUBJECT, "something you took is still open.", f"/clinician/tasks/{task.pk}/", VALID_FOR)
            for person in _whom(task, clock()):
                send_letter(letter, alert=alert, person=person, now=clock())
    return sent


def overdue(tasks: QuerySet[ClinicianTask], *, now: datetime) -> QuerySet[ClinicianTask]:
    """Those of these tasks that are urgent, in somebody's hands and open for longer than their clinic says."""
    usual = MessageRules._meta.get_field("remind_after_minutes").default
    minutes = Coalesce("clinic__message_rules__remind_after_minutes", Value(usual))
    span = ExpressionWrapper(F("remind_after") * Value(timedelta(minutes=1)), output_field=DurationField())
    due = ExpressionWrapper(F("acknowledged_at") + span, output_field=DateTimeField())
    taken = tasks.filter(is_urgent=True, closed_at=None, acknowledged_at__isnull=False)
    taken = taken.annotate(remind_after=minutes).annotate(remind_at=due)
    return taken.filter(remind_after__gt=0, remind_at__lte=now).order_by("pk")


def _take(task: ClinicianTask, now: datetime) -> StaffAlert | None:
    """The reminder if it is due, counted before anything is sent: a crash costs one, never the next."""
    every = timedelta(minutes=getattr(task, "remind_after"))  # noqa: B009 -- the query above has it
    with transaction.atomic():
        alert, _is_new = StaffAlert.objects.select_related("clinic").get_or_create(
            alert_key=f"{KEY}{task.pk}", defaults={"clinic": task.clinic, "raised_at": now, "next_at": now}
        )
        mine = StaffAlert.objects.filter(pk=alert.pk, acknowledged_at=None, next_at__lte=now)
        if not mine.update(next_at=now + every, rounds=F("rounds") + 1):
            return None
        entry = Entry(
            "task.reminded",
            clinic_id=task.clinic_id,
            patient_id=task.patient_id,
            data={"task": task.pk, "alert": alert.pk},
        )
        events.record(organisation_id=task.clinic.organisation_id, entries=[entry], by=BY, now=now)
    return alert


def _whom(task: ClinicianTask, now: datetime) -> list[User]:
    """Who took it and the back-up; where no alert reaches who took it, whoever is on duty."""
    taker = task.acknowledged_by
    if taker is None or not taker.is_active or not StaffContact.objects.filter(user=taker).exists():
        return on_duty(task.clinic_id, now, with_backup=True)
    return [taker, *(one for one in backups_on_duty(task.clinic_id, now) if one != taker)]


def _answered() -> None:
    waiting = StaffAlert.objects.filter(acknowledged_at=None, alert_key__startswith=KEY)
    by_task = {int(alert.alert_key.removeprefix(KEY)): alert for alert in waiting}
    for task in ClinicianTask.objects.filter(pk__in=by_task, closed_at__isnull=False):
        StaffAlert.objects.filter(pk=by_task[task.pk].pk).update(
            acknowledged_at=task.closed_at, acknowledged_by=task.closed_by
        )
