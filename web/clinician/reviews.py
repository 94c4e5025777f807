"""Deciding a review: what the prescriber says, and nothing else, lets a series go on."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.gates import NothingToDecide, decide
from scheduling.models import Decision
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.spoken import infusions


class DecisionForm(forms.Form):
    """The decision that can be made here, and a note for clinical staff."""

    decision = forms.ChoiceField(choices=[(Decision.CONTINUE.value, _("Continue"))])
    note = forms.CharField(required=False, max_length=2000)


def decide_review(request: ClinicRequest, order_id: int, after_number: int) -> HttpResponse:
    """Write down what the signed-in prescriber decided after an infusion."""
    order = order_or_404(request, order_id)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a decision first. Nothing was written down."))
        return redirect("clinician")
    try:
        decide(
            order=order,
            after_number=after_number,
            decision=Decision(form.cleaned_data["decision"]),
            decided_by=request.user,
            note=form.cleaned_data["note"],
            by=actor(request),
            now=timezone.now(),
        )
    except NothingToDecide:
        messages.warning(request, _("There is no review after this infusion any more. Nothing was written down."))
    else:
        words = gettext("Written down: %(name)s goes on with %(next)s.")
        following = infusions([after_number + 1]).lower()
        messages.success(request, words % {"name": order.patient.shown_name, "next": following})
    return redirect("clinician")
