"""The prescriber's inbox: who waits now, reviews, words to sign, tasks, questions, drafts. It proposes nothing."""

from __future__ import annotations

from django.template.response import TemplateResponse
from django.utils import timezone

from notifications.untold import untold_at
from notifications.words_to_tell import words_to_tell
from scheduling.drafting import drafts_to_sign
from scheduling.models import Patient, Role
from scheduling.plans import newest_versions
from web.clinician.review_cards import review_cards
from web.clinician.waits_for_prescriber import open_tasks, what_waits
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_forms import SearchForm
from web.patient_search import look_for
from web.spoken import look_alikes


def clinician(request: ClinicRequest) -> TemplateResponse:
    """What waits; by POST a patient is looked for, to order something for them."""
    form = SearchForm(request.POST or None)
    form.fields["text"].widget.attrs.pop("autofocus", None)
    found: list[Patient] | None = None
    if request.method == "POST" and form.is_valid():
        found = look_for(organisation=request.clinic.organisation, text=form.cleaned_data["text"]).everybody
    untold = untold_at(request.clinic, now=timezone.now())
    words = words_to_tell(untold, now=timezone.now())
    is_prescriber = Role.PRESCRIBER in request.membership_roles
    context = {
        **(what_waits(request) if is_prescriber else {}),
        "form": form,
        "found": found,
        "alike": look_alikes(found or ()),
        "untold": [(one, words[one.order.pk]) for one in untold],
        "drafts": drafts_to_sign(clinic=request.clinic),
        "reviews": review_cards(request.clinic, request.user, today=timezone.localdate(), now=timezone.now()),
        "tasks": open_tasks(request.clinic),
        "to_approve": [one for one in newest_versions(request.clinic.organisation_id) if not one.is_approved],
        "may_sign": is_prescriber,
    }
    return TemplateResponse(request, "clinician/clinician.html", context)
