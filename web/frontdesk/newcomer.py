"""Taking a caller down while they are on the telephone, with who is like them on file, and straight on to booking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.models import Organisation
from scheduling.patients import PossibleDuplicate
from scheduling.permissions import may
from scheduling.typed_dates import read_birth_date
from scheduling.typed_numbers import read_number
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.find_patient import LEADS
from web.frontdesk.newcomer_form import NewPatientForm, begun_with
from web.frontdesk.registration import register, rules_of
from web.look_alikes import OnFile, on_file

# Where a newcomer is led on to by which button, and what is said there. Without one: where the search was for.
ON_TO: Final[Mapping[str, tuple[str, str | Promise]]] = {
    "order": ("new_order", _("The patient is on file. What is ordered?")),
    "page": ("patient", _("The patient is on file.")),
}
STRAIGHT_ON: Final = _("The patient is on file. Which visit do they need?")


def new_patient(request: ClinicRequest) -> HttpResponse:
    """Take a caller down, beginning with what was searched for; who may be the same person is asked about first. Then
    straight on to booking, to an order, or to their page."""
    begins = request.method != "POST" or "begin" in request.POST
    form = NewPatientForm(initial=begun_with(request.POST.get("text", ""))) if begins else NewPatientForm(request.POST)
    if not begins and form.is_valid():
        try:
            patient = register(
                clinic=request.clinic,
                identity=form.identity,
                phone=form.cleaned_data["phone"],
                email=form.cleaned_data["email"],
                may_message=form.cleaned_data["may_message"],
                told_apart=told_apart(request.POST),
                by=actor(request),
                now=timezone.now(),
            )
        except PossibleDuplicate:
            form.add_error(None, _("Is it one of these? Ask for the whole name before you make a second record."))
        else:
            route, words = ON_TO.get(request.POST.get("on_to", ""), (leads(request.POST), STRAIGHT_ON))
            messages.success(request, str(words))
            return redirect(route, patient.pk)
    context = {
        "form": form,
        "sentence": rules_of(request.clinic).consent_sentence,
        "may_order": may(actor(request), "order.draft"),
        "leads_to": request.POST.get("leads_to", ""),
        **looked_at(request.clinic.organisation, form.initial if begins else request.POST),
    }
    return TemplateResponse(request, "frontdesk/new_patient.html", context)


def alike_newcomer(request: ClinicRequest) -> TemplateResponse:
    """While somebody is taken down: who on file is like them so far, and how the birth date was read."""
    return TemplateResponse(request, "frontdesk/alike.html", looked_at(request.clinic.organisation, request.POST))


def looked_at(organisation: Organisation, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What a page says of a newcomer so far: who is `alike`, and when they were `born`."""
    given, family, day, phone = (
        str(typed.get(name) or "")[:120] for name in ("given_name", "family_name", "birth_date", "phone")
    )
    born = read_birth_date(day, today=timezone.localdate())
    alike = on_file(organisation=organisation, given_name=given, family_name=family, birth_date=born, phone=phone)
    asked = told_apart(typed) if isinstance(typed, QueryDict) else set()
    return {
        "born": born,
        "may_be": [one for one in alike if one.may_be],
        "like": [one for one in alike if not one.may_be],
        "is_told_apart": _are_told_apart(alike, asked),
    }


def _are_told_apart(alike: list[OnFile], asked: set[int]) -> bool:
    """Whether all who may be the same person were asked about: one more opens the question again."""
    return bool(asked) and all(one.patient.pk in asked for one in alike if one.may_be)


def told_apart(typed: QueryDict) -> set[int]:
    """Who was shown as perhaps the same person, where the box says that the caller is somebody else."""
    if "somebody_else" not in typed:
        return set()
    return {pk for text in typed.getlist("shown") if (pk := read_number(text)) is not None}


def leads(typed: QueryDict) -> str:
    """The route on to which the page with the search leads a newcomer."""
    return LEADS.get(typed.get("leads_to", ""), LEADS["patient"]).newcomer
