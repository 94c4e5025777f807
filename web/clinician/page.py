"""The prescriber's inbox: who waits now, reviews, words to sign, tasks, questions, drafts. It proposes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.untold import untold_at
from scheduling.asking import open_questions
from scheduling.clinic_time import ClinicTime
from scheduling.covers import covers_for
from scheduling.drafting import drafts_to_sign
from scheduling.models import Clinic, ClinicianTask, Order, Patient, ProtocolVersion, Role
from scheduling.owed_today import Owed, owed_now
from scheduling.patients import find_patients
from scheduling.said_by_word import counter_signatures_due
from web.clinician.order_words import order_words
from web.clinician.review_cards import review_cards
from web.clinician.said_cards import said_cards
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_forms import SearchForm
from web.spoken import look_alikes, visit_name

OWED: Mapping[Owed, str | Promise] = {
    Owed.REVIEW: _("waits for review"),
    Owed.RULING: _("an infusion was broken off: does it count?"),
    Owed.CHECK: _("something is not met before the start"),
    Owed.PRESENCE: _("the start needs you there"),
    Owed.CLEARANCE: _("waits for your clearance"),
}


def clinician(request: ClinicRequest) -> TemplateResponse:
    """What waits; by POST a patient is looked for, to order something for them."""
    form = SearchForm(request.POST or None)
    form.fields["text"].widget.attrs.pop("autofocus", None)
    found: list[Patient] | None = None
    if request.method == "POST" and form.is_valid():
        found = find_patients(organisation=request.clinic.organisation, text=form.cleaned_data["text"])
    plans = latest_plans(request.clinic)
    is_prescriber = Role.PRESCRIBER in request.membership_roles
    context = {
        **(what_waits(request) if is_prescriber else {}),
        "form": form,
        "found": found,
        "alike": look_alikes(found or ()),
        "untold": untold_at(request.clinic, now=timezone.now()),
        "drafts": drafts_at(request.clinic),
        "reviews": review_cards(request.clinic, request.user, today=timezone.localdate(), now=timezone.now()),
        "tasks": open_tasks(request.clinic),
        "to_approve": [(plan, order_words(plan.template)) for plan in plans if not plan.is_approved],
        "approved": [plan for plan in plans if plan.is_approved],
        "may_sign": is_prescriber,
    }
    return TemplateResponse(request, "clinician/clinician.html", context)


def what_waits(request: ClinicRequest) -> dict[str, object]:
    """What only a prescriber settles."""
    clinic, now = request.clinic, timezone.now()
    today = ClinicTime(clinic.time_zone).local_day(now)
    to_sign = counter_signatures_due(user=request.user, organisation_id=clinic.organisation_id, today=today)
    return {
        "owed": [
            (one, visit_name(one.visit), [OWED[owed] for owed in one.owed], one.earliest and one.earliest > now)
            for one in owed_now(clinic=clinic)
        ],
        "said": said_cards(to_sign, request.user, now=now),
        "questions": open_questions(clinic=clinic, role=Role.PRESCRIBER),
        "covers_for": covers_for(request.user, today),
    }


def open_tasks(clinic: Clinic) -> list[ClinicianTask]:
    """What waits for a clinician here: urgent first, then the longest open."""
    tasks = ClinicianTask.objects.filter(clinic=clinic, closed_at__isnull=True)
    tasks = tasks.select_related("patient", "acknowledged_by")
    return list(tasks.order_by("-is_urgent", "opened_at", "pk"))


def drafts_at(clinic: Clinic) -> list[Order]:
    """Drafts and amendments for this clinic, oldest first."""
    return drafts_to_sign(clinic=clinic)


def latest_plans(clinic: Clinic) -> list[ProtocolVersion]:
    """The newest version of each treatment plan of the organisation."""
    versions = ProtocolVersion.objects.filter(protocol__organisation=clinic.organisation_id)
    newest = versions.order_by("protocol_id", "-number").distinct("protocol_id")
    found = ProtocolVersion.objects.filter(pk__in=newest.values("pk")).select_related("protocol", "approved_by")
    return list(found.order_by("protocol__name", "pk"))
