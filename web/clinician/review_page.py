"""One review on one screen: the series, scores, notes, what was decided, and what a decision would do."""

from __future__ import annotations

from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from scheduling.decisions_made import latest_decisions, that_count
from scheduling.gates import CHANGES
from scheduling.models import Decision, Gate, Order, OrderState
from scheduling.order_effects import effect_of
from scheduling.reviews import ReviewDue, due_among, settled_at
from web.clinician.course import courses_of
from web.clinician.effect_words import words_of
from web.clinician.review_forms import DecisionForm, HeardForm
from web.clinician.review_notes import notes_of
from web.clinician.scores import scores_of
from web.current_clinic import ClinicRequest
from web.spoken import infusion_of


def page(
    request: ClinicRequest,
    order: Order,
    gate: Gate,
    form: DecisionForm,
    *,
    look: Decision | None = None,
    refused: str = "",
) -> TemplateResponse:
    """The review as it is now. With `look` the effect of that decision is shown before it can be made."""
    now = timezone.now()
    made = list(order.decisions.filter(after_number=gate.after_number).select_related("decided_by", "heard_by"))
    made.sort(key=lambda one: one.pk)
    kind = CHANGES.get(look) if look else None
    form.fields["note"].required = look in (Decision.PAUSE, Decision.STOP)
    effect = effect_of(order, kind, now=now) if kind else None
    version, due = order.current_version, due_now(request, gate)
    latest = latest_decisions([order.pk])
    counting = set(that_count([order.pk]).filter(after_number=gate.after_number).values_list("pk", flat=True))
    gates = Gate.objects.filter(version=order.current_version_id)
    context = {
        "order": order,
        "patient": order.patient,
        "gate": gate,
        "after": infusion_of(gate.after_number, version.doses) if version and gate.after_number else "",
        "next_number": gate.after_number + 1,
        "due": due,
        "is_overdue": due is not None and due.is_overdue(now),
        "since": settled_at(order, gate.after_number),
        "is_open_order": order.state in (OrderState.ACTIVE, OrderState.PAUSED),
        "course": courses_of([order], gates=gates, latest=latest, now=now)[order.pk],
        "decisions": made,
        "counting": counting,
        "latest_id": max(counting, default=0),
        "notes": notes_of(order, without=made),
        "scores": scores_of(order.patient),
        "form": form,
        "heard": isinstance(form, HeardForm),
        "look": look,
        "effect": effect,
        "does": words_of(order, effect, now=now) if effect else None,
        "refused": refused,
        "change_page": change_page(order),
        "now": now,
    }
    return TemplateResponse(request, "clinician/review.html", context)


def due_now(request: ClinicRequest, gate: Gate) -> ReviewDue | None:
    """The review if it is due."""
    this = Gate.objects.filter(pk=gate.pk, order__state=OrderState.ACTIVE)
    this = this.select_related("order__patient", "version__signed_by")
    return next(iter(due_among(this, {}, request.clinic)), None)


def change_page(order: Order) -> str:
    """Where a change of the order is drafted."""
    return reverse("edit_draft", args=[order.pk])
