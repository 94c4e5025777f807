"""What is due within days of an infusion, such as a programme's form: the list, marked as done by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime
from scheduling.models import VisitTask
from scheduling.visit_tasks import IsDone, do_visit_task, take_back_visit_task
from scheduling.visit_tasks_due import TaskLine, tasks_done, tasks_due
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.spoken import visit_name

DONE_DAYS = 14


@dataclass(frozen=True, slots=True)
class Row:
    """One task with its visit in words."""

    task: VisitTask
    name: str
    what: str
    is_late: bool
    is_today: bool


def visit_tasks(request: ClinicRequest) -> TemplateResponse:
    """What is due, the first due first; then what was done lately."""
    now = timezone.now()
    today = ClinicTime(request.clinic.time_zone).local_day(now)
    done = tasks_done(clinic=request.clinic, since=now - timedelta(days=DONE_DAYS))
    context = {
        "due": [row_of(line, today) for line in tasks_due(clinic=request.clinic)],
        "done": [row_of(line, today) for line in done],
    }
    return TemplateResponse(request, "nurse/visit_tasks.html", context)


def row_of(line: TaskLine, today: date) -> Row:
    """The task beside the visit it belongs to."""
    due = line.task.due_on
    return Row(line.task, line.name, visit_name(line.task.appointment), due < today, due == today)


def settle_visit_task(request: ClinicRequest, task_id: int) -> HttpResponse:
    """Mark it as done, or take that back."""
    tasks = VisitTask.objects.filter(appointment__clinic=request.clinic).select_related("appointment")
    task = get_object_or_404(tasks, pk=task_id)
    takes_back = request.POST.get("do") == "back"
    verb = take_back_visit_task if takes_back else do_visit_task
    try:
        verb(task=task, by=actor(request), now=timezone.now())
    except IsDone:
        messages.info(request, _("Somebody was quicker. This is how it stands now."))
    else:
        messages.success(request, _("It is due again.") if takes_back else _("Written down as done."))
    return redirect("visit_tasks")
