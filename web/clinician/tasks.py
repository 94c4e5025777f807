"""What waits for a clinician: urgent ones first; each with its words, who has it, and what was done in the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.task_alerts import close_task, take_task
from scheduling.as_needed import as_needed_of
from scheduling.clinician_tasks import DONE_WITH_IT, TAKEN_BACK, RulingNeeded, TaskIsClosed, open_tasks
from scheduling.events import Actor
from scheduling.models import SETTLED, Clinic, ClinicianTask, Order, Role, TaskKind
from scheduling.permissions import ALLOWED
from scheduling.repeat_misses import cancelled_late, missed_visits
from web.clinician.outcome_forms import HeardOutcomeForm, OutcomeForm
from web.current_clinic import ClinicRequest

LATELY = 20
# What a verb put as the outcome, since nobody had to say one.
NOBODY_SAID: Mapping[str, str | Promise] = {
    TAKEN_BACK: _("Nothing had to be done: what it was about was taken back."),
    DONE_WITH_IT: _("What it asked for was done."),
    SETTLED: _("Nothing has to be done any more: the order or the visit it was about is over, or it fits again."),
}
# From these a clinician may go on to order a single infusion.
ORDERS_FROM = frozenset({TaskKind.AS_NEEDED, TaskKind.WISH})


def tasks(request: ClinicRequest) -> TemplateResponse:
    """What is open here now, what is to come, and what was closed lately."""
    now = timezone.now()
    found = list(open_tasks(clinics=[request.clinic]))
    closed = ClinicianTask.objects.filter(clinic=request.clinic, closed_at__isnull=False).order_by("-closed_at", "-pk")
    context = {
        "now": [task for task in found if is_due(task, now)],
        "later": [task for task in found if not is_due(task, now)],
        "closed": list(closed.select_related("patient", "closed_by")[:LATELY]),
    }
    return TemplateResponse(request, "clinician/tasks.html", context)


def is_due(task: ClinicianTask, now: datetime) -> bool:
    """Whether it stands among what is to be done now."""
    return task.is_urgent or task.due_at is None or task.due_at <= now


def task(request: ClinicRequest, task_id: int) -> TemplateResponse:
    """One of them, whatever the clinic in use: at night nobody thinks of changing it first."""
    wanted = task_or_404(request, task_id)
    return shown(request, wanted, form_for(request, wanted))


def take(request: ClinicRequest, task_id: int) -> HttpResponse:
    """This person has it, and nobody is alerted about it any more."""
    wanted = task_or_404(request, task_id)
    try:
        if take_task(task=wanted, by=Actor.staff(request.user, wanted.clinic), now=timezone.now()):
            messages.success(request, _("You have it."))
        else:
            messages.info(request, _("Somebody else has it already."))
    except TaskIsClosed:
        messages.info(request, _("Somebody has closed it meanwhile."))
    return redirect("task", wanted.pk)


def close(request: ClinicRequest, task_id: int) -> HttpResponse:
    """Close it with what was done."""
    wanted, now = task_or_404(request, task_id), timezone.now()
    form = form_for(request, wanted)
    if not form.is_valid():
        return shown(request, wanted, form, status=422)
    by = Actor.staff(request.user, wanted.clinic)
    try:
        close_task(task=wanted, outcome=form.cleaned_data["outcome"], heard=form.heard(now), by=by, now=now)
    except TaskIsClosed:
        messages.info(request, _("Somebody has closed it meanwhile. Your words were not kept."))
        return redirect("task", wanted.pk)
    except RulingNeeded:
        form.add_error(None, _("Only a prescriber's word closes this: whether the infusion counts or is given again."))
        return shown(request, wanted, form)
    messages.success(request, _("Closed."))
    return redirect("tasks")


def form_for(request: ClinicRequest, wanted: ClinicianTask) -> OutcomeForm:
    """What closes the task, as sent or empty: of missed visits a prescriber's own word, or what a nurse heard."""
    sent = request.POST if request.method == "POST" else None
    answers = Role.PRESCRIBER in request.places[wanted.clinic]
    if wanted.kind == TaskKind.MISSED and not answers:
        return HeardOutcomeForm(sent, clinic=wanted.clinic)
    return OutcomeForm(sent)


def shown(request: ClinicRequest, wanted: ClinicianTask, form: OutcomeForm, *, status: int = 200) -> TemplateResponse:
    """The page of a task."""
    context = {
        "task": wanted,
        "form": form,
        "orders_from": may_order_from(wanted),
        "outcome": NOBODY_SAID.get(wanted.outcome, wanted.outcome),
        "misses": misses_of(wanted.order, wanted.clinic) if wanted.kind == TaskKind.MISSED and wanted.order else None,
        "is_here": wanted.clinic == request.clinic,
    }
    return TemplateResponse(request, "clinician/task.html", context, status=status)


def may_order_from(wanted: ClinicianTask) -> Order | None:
    """The series after which a single infusion may be ordered from this task, where its plan speaks of such."""
    ours = wanted.order if wanted.kind in ORDERS_FROM and wanted.closed_at is None else None
    return ours if ours and as_needed_of(ours) else None


def misses_of(order: Order, clinic: Clinic) -> tuple[int, int]:
    """How many visits were missed, and how many the patient cancelled with less notice than the clinic asks for."""
    return missed_visits(order), cancelled_late(order, clinic)


def task_or_404(request: ClinicRequest, task_id: int) -> ClinicianTask:
    """A task of a clinic where this person is a clinician."""
    mine = [clinic for clinic, roles in request.places.items() if roles & ALLOWED["task.take"]]
    rows = ClinicianTask.objects.filter(clinic__in=mine).select_related(
        "patient", "clinic", "order__follows__current_version", "order__current_version", "opened_by",
        "acknowledged_by", "closed_by", "word_of",
    )  # fmt: skip
    return get_object_or_404(rows, pk=task_id)
