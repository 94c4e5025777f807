"""Drafting an order from an approved treatment plan, signing it with the password once more."""

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

from scheduling.models import OrderState, ProtocolVersion, Role, User
from scheduling.orders import NotSignable, draft_order, reasons_not_to_sign, sign_order
from scheduling.plans import plans_on_offer
from web.at_clinic import actor, order_or_404, patient_or_404
from web.clinician.order_words import order_words
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


class SignForm(forms.Form):
    """The password once more: the signature is the prescriber's own act."""

    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("That is not your password. Nothing was signed."))
        return password


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
            if Role.PRESCRIBER in request.membership_roles:
                return redirect("sign_order", order.pk)
            messages.success(request, _("The draft waits for the prescriber's signature."))
            return redirect("patient", patient.pk)
    context = {"patient": patient, "form": form, "plans": plans}
    return TemplateResponse(request, "clinician/new_order.html", context)


def sign(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Show what is signed, ask for the password, sign. An order signed meanwhile leads on to its series."""
    order = order_or_404(request, order_id)
    if order.state != OrderState.DRAFT:
        messages.info(request, _("This order is signed already."))
        return redirect("series", order.pk)
    form = SignForm(request.POST or None, user=request.user)
    reasons = reasons_not_to_sign(order)
    if request.method == "POST" and form.is_valid():
        try:
            sign_order(order=order, by=actor(request), now=timezone.now())
        except NotSignable as refusal:
            reasons = refusal.reasons
        else:
            words = gettext("Signed. The front desk can book %(name)s now.")
            messages.success(request, words % {"name": order.patient.shown_name})
            return redirect("clinician")
    context = {"order": order, "words": order_words(order.draft), "form": form, "reasons": reasons}
    return TemplateResponse(request, "clinician/sign.html", context)
