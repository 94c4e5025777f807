"""Treatment plans: which there are, their versions, and one version in full sentences with what it says anew."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.models import Protocol, ProtocolVersion
from scheduling.permissions import may
from scheduling.plan_retiring import offer_again, retire_plan
from scheduling.plans import newest_versions, plans_on_offer
from scheduling.protocol_schema import LANGUAGES
from web.at_clinic import actor
from web.clinician.plan_differences import differences, parts_that_differ
from web.clinician.plan_words import plan_words
from web.current_clinic import ClinicRequest
from web.spoken import language_name


@dataclass(frozen=True, slots=True)
class Line:
    """One plan: its newest version, and the one that orders are made from."""

    newest: ProtocolVersion
    offered: ProtocolVersion | None

    @property
    def waits(self) -> bool:
        """Whether a version waits for a prescriber's approval."""
        return not self.newest.is_approved


def plans(request: ClinicRequest) -> TemplateResponse:
    """All plans of the organisation, by name."""
    organisation_id = request.clinic.organisation_id
    offered = {version.protocol_id: version for version in plans_on_offer(organisation_id)}
    context = {
        "lines": [Line(one, offered.get(one.protocol_id)) for one in newest_versions(organisation_id)],
        "may_draft": may(actor(request), "protocol.draft"),
    }
    return TemplateResponse(request, "clinician/plans.html", context)


def plan(request: ClinicRequest, protocol_id: int) -> TemplateResponse:
    """One plan with all its versions, the newest first, and how many orders were made from each."""
    protocol = get_object_or_404(Protocol, pk=protocol_id, organisation=request.clinic.organisation_id)
    versions = ProtocolVersion.objects.filter(protocol=protocol).select_related("approved_by")
    found = list(versions.annotate(made=Count("orders")).order_by("-number"))
    context = {
        "protocol": protocol,
        "versions": found,
        "offered": next((one for one in found if one.is_approved and not protocol.retired_at), None),
        "may_draft": may(actor(request), "protocol.draft"),
        "may_retire": may(actor(request), "protocol.retire"),
    }
    return TemplateResponse(request, "clinician/plan.html", context)


def settle_plan(request: ClinicRequest, protocol_id: int) -> HttpResponse:
    """Take a plan off the list that orders are made from, or put it there again."""
    protocol = get_object_or_404(Protocol, pk=protocol_id, organisation=request.clinic.organisation_id)
    verb = offer_again if request.POST.get("do") == "offer" else retire_plan
    verb(protocol=protocol, by=actor(request), now=timezone.now())
    words = _("Nothing new is ordered from this plan.") if protocol.retired_at else _("It can be ordered from again.")
    messages.success(request, words)
    return redirect("plan", protocol.pk)


def plan_version(request: ClinicRequest, version_id: int) -> TemplateResponse:
    """One version."""
    return TemplateResponse(
        request, "clinician/plan_version.html", context_of(request, version_or_404(request, version_id))
    )


def version_or_404(request: ClinicRequest, version_id: int) -> ProtocolVersion:
    """A version of one of the organisation's plans."""
    versions = ProtocolVersion.objects.filter(protocol__organisation=request.clinic.organisation_id)
    return get_object_or_404(versions.select_related("protocol", "approved_by"), pk=version_id)


def context_of(request: ClinicRequest, version: ProtocolVersion) -> dict[str, object]:
    """What the version says, what it says otherwise than the one before, and what may be done with it."""
    versions = ProtocolVersion.objects.filter(protocol=version.protocol)
    before = versions.filter(number__lt=version.number).order_by("-number").first()
    by, said = actor(request), version.template.get("instructions", {})
    return {
        "version": version,
        "words": plan_words(version.template),
        "before": before,
        "differences": differences(before.template, version.template) if before else [],
        "parts": parts_that_differ(before.template, version.template) if before else [],
        "silent": [language_name(one) for one in LANGUAGES if said and one not in said],
        "is_newest": not versions.filter(number__gt=version.number).exists(),
        "may_draft": may(by, "protocol.draft"),
        "may_approve": may(by, "protocol.approve") and not version.is_approved,
    }
