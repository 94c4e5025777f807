"""Drafting an order from an approved treatment plan: pick the plan, the number, and go on to sign."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.drafting import beside, draft_order
from scheduling.models import ProtocolVersion, Role
from scheduling.order_content import NotSignable
from scheduling.plans import plans_on_offer
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest


class OrderForm(forms.Form):
    """Which plan, and how many infusions if not its usual number."""

    plan = forms.ChoiceField(label=_("Treatment plan"), widget=forms.RadioSelect)
    doses = forms.IntegerField(
        label=_("Number of infusions"),
        required=False,
        min_value=1,
        max_value=60,
        help_text=_("Empty: the plan's own number."),
    )

    def __init__(self, *args: Any, plans: list[ProtocolVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plans = {str(plan.pk): plan for plan in plans}
        choices = [(key, plan.protocol.name) for key, plan in self.plans.items()]
        if len(choices) == 1:
            self.fields["plan"].initial = choices[0][0]
        cast("forms.ChoiceField", self.fields["plan"]).choices = choices

    def clean_plan(self) -> ProtocolVersion:
        return self.plans[self.cleaned_data["plan"]]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        plan, doses = said.get("plan"), said.get("doses")
        most = plan.template.get("doses_at_most") if plan else None
        if doses and most and doses > most:
            self.add_error("doses", gettext("This plan allows at most %(most)s.") % {"most": most})
        return said


def new_order(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """Draft an order for a patient; a prescriber goes on to sign it."""
    patient = patient_or_404(request, patient_id)
    plans = plans_on_offer(request.clinic.organisation_id)
    form = OrderForm(request.POST or None, plans=plans)
    if request.method == "POST" and form.is_valid():
        plan, doses = form.cleaned_data["plan"], form.cleaned_data["doses"]
        by, now = actor(request), timezone.now()
        try:
            order = draft_order(
                patient=patient, protocol_version=plan, clinics=[request.clinic], doses=doses, by=by, now=now
            )
        except NotSignable as refusal:
            form.add_error(None, refusal.reasons)
        else:
            if request.POST.get("then") == "change":
                return redirect("edit_draft", order.pk)
            if Role.PRESCRIBER in request.membership_roles:
                return redirect("sign_order", order.pk)
            messages.success(request, _("The draft waits for the prescriber's signature."))
            return redirect("patient", patient.pk)
    context = {"patient": patient, "form": form, "plans": plans, "others": beside(patient)}
    return TemplateResponse(request, "clinician/new_order.html", context)
