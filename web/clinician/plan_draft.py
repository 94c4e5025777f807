"""Drafting a treatment plan's next version, or a new plan: checked, and then waiting for a prescriber's approval."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.models import Protocol, ProtocolVersion
from scheduling.plan_drafts import DraftedMeanwhile, NameTaken, draft_plan, draft_version
from scheduling.plans import fingerprint
from scheduling.spacing import InvalidFields
from scheduling.typed_numbers import read_number
from web.at_clinic import actor
from web.clinician.plan_fields import initial_of
from web.clinician.plan_form import NewPlanForm, PlanForm
from web.current_clinic import ClinicRequest

SAVED = _("Drafted. A prescriber has to approve it before anything can be ordered from it.")


def draft_next_version(request: ClinicRequest, protocol_id: int) -> HttpResponse:
    """The newest version in a form; a POST drafts the next one from it, or says at each field what is wrong."""
    protocol = get_object_or_404(Protocol, pk=protocol_id, organisation=request.clinic.organisation_id)
    newest = ProtocolVersion.objects.filter(protocol=protocol).latest("number")
    form = PlanForm(request.POST, request.FILES) if request.method == "POST" else PlanForm.of(newest.template)
    if request.method == "POST" and form.is_valid():
        try:
            drafted = draft_version(
                protocol=protocol, template=form.cleaned_data["template"], after=request.POST.get("after", ""),
                by=actor(request), now=timezone.now(),
            )  # fmt: skip
        except DraftedMeanwhile:
            words = _("Somebody else drafted or approved a version meanwhile. Yours is still in the form: compare.")
            messages.warning(request, words)
        else:
            if drafted.is_approved:
                messages.info(request, _("Nothing was changed, so nothing was drafted. This version stays."))
            else:
                messages.success(request, SAVED)
            return redirect("plan_version", drafted.pk)
    context = {"protocol": protocol, "newest": newest, "form": form, "after": fingerprint(newest)}
    return shown(request, context, form)


def new_plan(request: ClinicRequest) -> HttpResponse:
    """An empty form, or with `?like=` what a version says; a POST drafts the plan."""
    form = NewPlanForm(request.POST, request.FILES) if request.method == "POST" else NewPlanForm(initial=like(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            drafted = draft_plan(
                organisation=request.clinic.organisation, code=said["code"], name=said["name"],
                therapy=said["therapy"], template=said["template"], by=actor(request), now=timezone.now(),
            )  # fmt: skip
        except NameTaken:
            form.add_error("code", gettext("Another plan has this short name."))
        except InvalidFields as refusal:
            for field, reason in refusal.errors.items():
                form.add_error(field, gettext("This field %(reason)s.") % {"reason": reason})
        else:
            messages.success(request, SAVED)
            return redirect("plan_version", drafted.pk)
    return shown(request, {"protocol": None, "form": form, "after": ""}, form)


def like(request: ClinicRequest) -> dict[str, Any]:
    """What the version in the address says."""
    wanted = read_number(request.GET.get("like", ""))
    versions = ProtocolVersion.objects.filter(protocol__organisation=request.clinic.organisation_id)
    version = versions.filter(pk=wanted).first() if wanted is not None else None
    return initial_of(version.template) if version else {"exits_close": initial_of({})["exits_close"]}


def shown(request: ClinicRequest, context: dict[str, Any], form: PlanForm) -> TemplateResponse:
    """The form: with faults, after another's draft as a conflict, else for the first time."""
    status = 422 if form.errors else 409 if request.method == "POST" else 200
    return TemplateResponse(request, "clinician/draft_plan.html", context, status=status)
