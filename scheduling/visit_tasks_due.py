"""What is due after infusions at a clinic, and what was done lately, each with the name the order gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from scheduling.models import Clinic, VisitTask


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task with the name that the order gives it."""

    task: VisitTask
    name: str


def tasks_due(*, clinic: Clinic) -> list[TaskLine]:
    """Open tasks of the clinic's visits, the first due first. One query."""
    return _lines(clinic, done_at__isnull=True)


def tasks_done(*, clinic: Clinic, since: datetime) -> list[TaskLine]:
    """What was done since then, the latest first. One query."""
    return sorted(_lines(clinic, done_at__gte=since), key=lambda line: line.task.done_at or since, reverse=True)


def _lines(clinic: Clinic, **which: object) -> list[TaskLine]:
    tasks = VisitTask.objects.filter(appointment__clinic=clinic, **which).order_by("due_on", "pk")
    tasks = tasks.select_related("appointment__patient", "appointment__order__current_version", "done_by")
    # An amendment may have dropped it since: the terms it was given under still name it.
    named = tasks.annotate(
        asked=F("appointment__order__current_version__content__visit_tasks"),
        asked_then=F("appointment__terms__version__content__visit_tasks"),
    )
    return [TaskLine(task, _name([*(task.asked or ()), *(task.asked_then or ())], task.code)) for task in named]


def _name(asked: Sequence[dict[str, str]], code: str) -> str:
    return next((one["name"] for one in asked if one["code"] == code), code)
