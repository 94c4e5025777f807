"""Pausing, resuming, completing, stopping an order: what it does is shown first, and saved only while it is so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.ending_orders import complete_order, stop_order
from scheduling.models import ChangeKind, Order, OrderChange, Role
from scheduling.order_effects import EffectChanged, OrderEffect, effect_of
from scheduling.order_states import OrderIsNot, RecordClosed, next_changes
from scheduling.pausing import pause_order, resume_order
from web.at_clinic import actor, order_or_404
from web.clinician.effect_words import words_of
from web.clinician.order_page import BUTTONS
from web.clinician.word_form import HeardForm, WordForm
from web.current_clinic import ClinicRequest

VERBS: Mapping[ChangeKind, Callable[..., OrderChange]] = {
    ChangeKind.PAUSE: pause_order,
    ChangeKind.RESUME: resume_order,
    ChangeKind.STOP: stop_order,
    ChangeKind.COMPLETE: complete_order,
}
ASKED: Mapping[ChangeKind, str | Promise] = {
    ChangeKind.PAUSE: _("Pause this order?"),
    ChangeKind.RESUME: _("Let this order go on?"),
    ChangeKind.STOP: _("Stop this order for good?"),
    ChangeKind.COMPLETE: _("Complete this order?"),
}
DONE: Mapping[ChangeKind, str | Promise] = {
    ChangeKind.PAUSE: _("The order is paused."),
    ChangeKind.RESUME: _("The order goes on."),
    ChangeKind.STOP: _("The order is stopped."),
    ChangeKind.COMPLETE: _("The order is completed."),
}


def change_order(request: ClinicRequest, order_id: int, change: str) -> HttpResponse:
    """Show what the change does; a POST with the same effect still true makes it, else it is shown anew."""
    order = order_or_404(request, order_id)
    if change not in {kind.value for kind in VERBS}:
        raise Http404
    kind, now = ChangeKind(change), timezone.now()
    if kind not in next_changes(order):
        messages.info(request, _("The order stands otherwise by now. Nothing was changed."))
        return redirect("order", order.pk)
    made = WordForm if Role.PRESCRIBER in request.membership_roles else HeardForm
    form = made(request.POST or None, kind=kind, clinic=request.clinic, user=request.user)
    effect = effect_of(order, kind, now=now)
    is_changed = False
    if request.method == "POST" and form.is_valid():
        answer = _carried_out(request, order, kind, form)
        if isinstance(answer, HttpResponse):
            return answer
        effect, is_changed = answer, True
    context = {
        "order": order,
        "patient": order.patient,
        "kind": kind.value,
        "title": ASKED[kind],
        "button": BUTTONS[kind][0],
        "icon": BUTTONS[kind][1],
        "effect": words_of(order, effect, now=now),
        "shown": effect.shown,
        "form": form,
        "is_changed": is_changed,
        "is_heard": made is HeardForm,
    }
    status = 409 if is_changed else 422 if form.is_bound else 200
    return TemplateResponse(request, "clinician/change_order.html", context, status=status)


def _carried_out(request: ClinicRequest, order: Order, kind: ChangeKind, form: WordForm) -> HttpResponse | OrderEffect:
    """The way on; or what the change would do by now, where that is no longer what was shown."""
    now, more = timezone.now(), {}
    if kind == ChangeKind.PAUSE:
        more["keep_days"] = form.cleaned_data["keep_days"]
    word, shown = form.word(now), form.cleaned_data["shown"] or "nothing was shown"
    try:
        VERBS[kind](order=order, word=word, shown=shown, by=actor(request), now=now, **more)
    except EffectChanged as refusal:
        return refusal.effect
    except OrderIsNot:
        messages.warning(request, _("Somebody was quicker: the order stands otherwise by now. Nothing was changed."))
    except RecordClosed:
        messages.warning(request, _("This patient's record is closed. Nothing goes on here."))
    else:
        messages.success(request, str(DONE[kind]))
    return redirect("order", order.pk)
