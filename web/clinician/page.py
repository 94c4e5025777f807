"""The prescriber's own page: what waits for a signature, a decision, an approval. Nothing here proposes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.template.response import TemplateResponse

from scheduling.drafting import drafts_to_sign
from scheduling.gates import ReviewDue, reviews_due
from scheduling.models import Clinic, Gate, Order, Patient, ProtocolVersion, Role
from scheduling.patients import find_patients
from web.clinician.order_words import order_words
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_forms import SearchForm
from web.spoken import infusion_of, look_alikes


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """A review that is due."""

    order: Order
    gate: Gate
    since: datetime
    after: str
    next_number: int


def clinician(request: ClinicRequest) -> TemplateResponse:
    """Signatures, reviews, treatment plans; by POST a patient is looked for, to order something for them."""
    form = SearchForm(request.POST or None)
    form.fields["text"].widget.attrs.pop("autofocus", None)
    found: list[Patient] | None = None
    if request.method == "POST" and form.is_valid():
        found = find_patients(organisation=request.clinic.organisation, text=form.cleaned_data["text"])
    plans = latest_plans(request.clinic)
    due = reviews_due(clinic=request.clinic)
    prefetch_related_objects([review.gate for review in due], "version")
    context = {
        "form": form,
        "found": found,
        "alike": look_alikes(found or ()),
        "drafts": drafts_at(request.clinic),
        "reviews": [review_card(review) for review in due],
        "to_approve": [(plan, order_words(plan.template)) for plan in plans if not plan.is_approved],
        "approved": [plan for plan in plans if plan.is_approved],
        "may_sign": Role.PRESCRIBER in request.membership_roles,
    }
    return TemplateResponse(request, "clinician/clinician.html", context)


def drafts_at(clinic: Clinic) -> list[Order]:
    """Drafts and amendments for this clinic, oldest first."""
    return drafts_to_sign(clinic=clinic)


def review_card(review: ReviewDue) -> ReviewCard:
    """The review in words."""
    version = review.gate.version
    after = infusion_of(review.gate.after_number, version.doses)
    return ReviewCard(review.order, review.gate, review.since, after, review.gate.after_number + 1)


def latest_plans(clinic: Clinic) -> list[ProtocolVersion]:
    """The newest version of each treatment plan of the organisation."""
    versions = ProtocolVersion.objects.filter(protocol__organisation=clinic.organisation_id)
    newest = versions.order_by("protocol_id", "-number").distinct("protocol_id")
    found = ProtocolVersion.objects.filter(pk__in=newest.values("pk")).select_related("protocol", "approved_by")
    return list(found.order_by("protocol__name", "pk"))
