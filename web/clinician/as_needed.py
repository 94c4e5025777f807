"""Ordering single infusions after a series: one by one, or up to so many within limits. It is signed as every order."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.task_alerts import close_task
from scheduling.as_needed import as_needed_of, followed_series, last_given_day, reasons_against
from scheduling.as_needed_content import first_day
from scheduling.as_needed_orders import draft_as_needed
from scheduling.clinician_tasks import TaskIsClosed
from scheduling.models import Order, Role
from scheduling.order_content import NotSignable
from scheduling.typed_numbers import read_number
from web.at_clinic import actor, order_or_404
from web.clinician.as_needed_form import AsNeededForm
from web.clinician.tasks import may_order_from, task_or_404
from web.current_clinic import ClinicRequest
from web.spoken import infusions


def order_as_needed(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Draft it; a prescriber goes on to read and sign what it says. The task it came from is closed with that."""
    order = followed_series(order_or_404(request, order_id))
    plan = as_needed_of(order)
    reasons = reasons_against(order)
    form = AsNeededForm(request.POST or None, plan=plan) if plan else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            draft = draft_as_needed(order=order, terms=form.terms, by=actor(request), now=timezone.now())
        except NotSignable as refusal:
            form.add_error(None, refusal.reasons)
        else:
            return drafted(request, draft)
    last = last_given_day(order)
    context = {
        "order": order,
        "patient": order.patient,
        "plan": plan,
        "form": form,
        "reasons": reasons,
        "last": last,
        "first": first_day(last, plan.min_days) if last and plan else None,
    }
    return TemplateResponse(request, "clinician/as_needed.html", context, status=422 if form and form.errors else 200)


def drafted(request: ClinicRequest, draft: Order) -> HttpResponse:
    """On to the signature, or back to the patient for whoever only drafts."""
    close_the_task(request, draft)
    if Role.PRESCRIBER in request.membership_roles:
        return redirect("sign_order", draft.pk)
    messages.success(request, _("The draft waits for the prescriber's signature."))
    return redirect("patient", draft.patient_id)


def close_the_task(request: ClinicRequest, draft: Order) -> None:
    """A prescriber who came from a task has done what it asked for; a nurse's draft leaves it open."""
    wanted = read_number(request.GET.get("task", ""))
    if wanted is None or Role.PRESCRIBER not in request.membership_roles:
        return
    came_from = task_or_404(request, wanted)
    about = may_order_from(came_from)
    if about is None or about.patient_id != draft.patient_id or came_from.clinic != request.clinic:
        return
    what = infusions(range(1, draft.draft["doses"] + 1), draft.draft["word"])
    try:
        outcome = gettext("Drafted: %(what)s.") % {"what": what}
        close_task(task=came_from, outcome=outcome, by=actor(request), now=timezone.now())
    except TaskIsClosed:
        messages.info(request, _("Somebody has closed the task meanwhile."))
