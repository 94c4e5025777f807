"""Approving a treatment plan: a prescriber reads it and signs with the password once more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.plan_approval import PlanChanged, approve_protocol
from scheduling.plans import fingerprint
from web.at_clinic import actor
from web.clinician.plans import context_of, version_or_404
from web.clinician.sign_form import SignForm
from web.current_clinic import ClinicRequest


def approve_plan(request: ClinicRequest, version_id: int) -> HttpResponse:
    """Show the whole version and ask for the password; approved meanwhile, or not the newest, it says so."""
    version = version_or_404(request, version_id)
    context = context_of(request, version)
    if version.is_approved:
        messages.info(request, _("This version is approved already."))
        return redirect("plan_version", version.pk)
    if not context["words"]:
        messages.warning(request, _("This version contradicts itself, so it can't be approved. Draft another one."))
        return redirect("plan_version", version.pk)
    # A press elsewhere that brings no password only leads here.
    form = SignForm(request.POST if "password" in request.POST else None, user=request.user)
    if form.is_valid():
        try:
            approve_protocol(version=version, read=request.POST.get("read", ""), by=actor(request), now=timezone.now())
        except PlanChanged:
            form.add_error(None, _("This version was changed since you opened it. Read it again, then approve it."))
        else:
            words = gettext("“%(plan)s” is approved. Orders can be made from it.")
            messages.success(request, words % {"plan": version.protocol.name})
            return redirect("plan_version", version.pk)
    context["read"] = fingerprint(version)
    return TemplateResponse(
        request, "clinician/approve_plan.html", {**context, "form": form}, status=422 if form.errors else 200
    )
