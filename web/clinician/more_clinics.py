"""One more clinic for an order under way: a prescriber's amendment in one action."""

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

from scheduling.models import Clinic
from scheduling.order_content import NotSignable
from scheduling.order_sites import continue_at, other_clinics
from web.at_clinic import actor, order_or_404
from web.clinician.sign_form import SignForm
from web.current_clinic import ClinicRequest


class MoreClinicsForm(SignForm):
    """Which clinic, and the password."""

    clinic = forms.ChoiceField(label=_("May be given at"), widget=forms.RadioSelect)
    field_order = ("clinic", "password", "read")

    def __init__(self, *args: Any, clinics: list[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinics = {str(clinic.pk): clinic for clinic in clinics}
        choices = [(key, clinic.name) for key, clinic in self.clinics.items()]
        cast("forms.ChoiceField", self.fields["clinic"]).choices = choices

    def clean_clinic(self) -> Clinic:
        return self.clinics[self.cleaned_data["clinic"]]


def more_clinics(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Choose the clinic and sign: all else stays as it is in force."""
    order = order_or_404(request, order_id)
    clinics = other_clinics(order)
    form = MoreClinicsForm(request.POST or None, clinics=clinics, user=request.user)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            continue_at(
                order=order, clinic=form.cleaned_data["clinic"], reauthenticated_at=now, by=actor(request), now=now
            )  # fmt: skip
        except NotSignable as refusal:
            form.add_error(None, refusal.reasons)
        else:
            words = gettext("Signed. %(clinic)s can book %(name)s too.")
            values = {"clinic": form.cleaned_data["clinic"].name, "name": order.patient.shown_name}
            messages.success(request, words % values)
            return redirect("series", order.pk)
    context = {"order": order, "form": form, "clinics": clinics}
    return TemplateResponse(request, "clinician/more_clinics.html", context)
