"""Finding a patient, and taking a new one down."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.models import Patient
from scheduling.patients import PossibleDuplicate, find_patients
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_forms import NewPatientForm, SearchForm
from web.frontdesk.registration import register, rules_of
from web.spoken import look_alikes


def patients(request: ClinicRequest) -> TemplateResponse:
    """Search, by POST, so that no name is ever part of an address."""
    form = SearchForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "found": None}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        found = find_patients(organisation=request.clinic.organisation, text=text)
        context |= {"found": found, "alike": look_alikes(found), "new": NewPatientForm(initial=names_in(text))}
        context["sentence"] = rules_of(request.clinic).consent_sentence
    return TemplateResponse(request, "frontdesk/patients.html", context)


def names_in(text: str) -> dict[str, str]:
    """What was searched for, as the names of a newcomer; nothing where it holds digits."""
    words = text.split()
    if not words or any(letter.isdigit() for letter in text):
        return {}
    return {"given_name": words[0], "family_name": " ".join(words[1:])}


def new_patient(request: ClinicRequest) -> HttpResponse:
    """Take a caller down; a possible duplicate is shown first. Then straight on to booking a visit."""
    form = NewPatientForm(request.POST or None)
    alike: list[Patient] = []
    if request.method == "POST" and form.is_valid():
        try:
            patient = register(
                clinic=request.clinic,
                identity=form.identity,
                phone=form.cleaned_data["phone"],
                email=form.cleaned_data["email"],
                may_message=form.cleaned_data["may_message"],
                allow_duplicate="somebody_else" in request.POST,
                by=actor(request),
                now=timezone.now(),
            )
        except PossibleDuplicate as refusal:
            alike = refusal.patients
        else:
            messages.success(request, _("The patient is on file. Which visit do they need?"))
            return redirect("visit_openings", patient.pk)
    context = {"form": form, "alike": alike, "sentence": rules_of(request.clinic).consent_sentence}
    return TemplateResponse(request, "frontdesk/new_patient.html", context)
