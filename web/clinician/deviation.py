"""A prescriber signs that an infusion was in truth started against a review or the order."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.deviations import sign_deviation
from scheduling.passing_checks import ReasonNeeded
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, NotThen
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.spoken import visit_name
from web.visit_steps import NOT_THEN, instant_of, words_for_refusal


class DeviationForm(forms.Form):
    """When it was started, and why."""

    started_at = forms.TimeField(label=_("Started at"), widget=forms.TimeInput(attrs={"type": "time"}))
    reason = forms.CharField(
        label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For clinical staff alone. Your name and the time are kept with it."),
    )  # fmt: skip
    row_version = forms.IntegerField(widget=forms.HiddenInput)


def deviation(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Ask for time and reason; a POST signs and records the start."""
    visit = visit_or_404(request, visit_id)
    form = DeviationForm(request.POST or None, initial={"row_version": visit.row_version})
    if request.method == "POST" and form.is_valid():
        now, data = timezone.now(), form.cleaned_data
        try:
            sign_deviation(
                appointment=visit,
                started_at=instant_of(data["started_at"], visit, now),
                reason=data["reason"],
                row_version=data["row_version"],
                by=actor(request),
                now=now,
            )
        except NotThen:
            form.add_error("started_at", NOT_THEN)
        except ReasonNeeded:
            form.add_error("reason", _("Say why."))
        except ChangedMeanwhile:
            messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
            return redirect("sign_deviation", visit.pk)
        except NotPossibleFromHere as refusal:
            messages.warning(request, words_for_refusal(refusal))
            return redirect("visit", visit.pk)
        else:
            messages.success(request, _("Signed. The start is recorded."))
            return redirect("visit_next", visit.pk)
    context = {"visit": visit, "what": visit_name(visit), "form": form}
    status = 409 if form.errors else 200
    return TemplateResponse(request, "clinician/deviation.html", context, status=status)
