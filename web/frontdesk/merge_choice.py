"""Which other record is the same person's: those that look alike first, then a search. Nothing is merged here."""

from __future__ import annotations

from django.template.response import TemplateResponse

from scheduling.look_alikes import look_alikes
from scheduling.models import Patient
from web.at_clinic import patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_forms import SearchForm
from web.patient_search import look_for


def find_duplicate(request: ClinicRequest, patient_id: int) -> TemplateResponse:
    """Search, by POST, so that no name is ever part of an address."""
    shown = patient_or_404(request, patient_id)
    form = SearchForm(request.POST or None)
    found: list[Patient] | None = None
    if request.method == "POST" and form.is_valid():
        matching = look_for(organisation=request.clinic.organisation, text=form.cleaned_data["text"])
        found = [other for other in matching.everybody if other != shown]
    context = {"patient": shown, "form": form, "found": found, "alike": alike(shown)}
    return TemplateResponse(request, "frontdesk/find_duplicate.html", context)


def alike(shown: Patient) -> list[Patient]:
    """Records that may be the same person's by name and birth date."""
    if shown.birth_date is None:
        return []
    found = look_alikes(
        organisation=shown.organisation,
        given_name=shown.given_name,
        family_name=shown.family_name,
        birth_date=shown.birth_date,
    )
    return [other for other in found if other != shown]
