"""Signing several drafts with one password: each is read on the page, ticked, and signed wholly or not at all."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scheduling.drafting import drafts_to_sign
from scheduling.signing import Outcome, ToSign, sign_several
from web.at_clinic import actor
from web.clinician.sign_form import SignForm
from web.clinician.signing import Read, read_draft
from web.current_clinic import ClinicRequest
from web.frontdesk.pencil import ink_after_signing


def sign_many(request: ClinicRequest) -> HttpResponse:
    """All that waits for a signature here, in full; a POST signs what was ticked, as it was read."""
    form = SignForm(request.POST or None, user=request.user)
    now, outcomes, chosen = timezone.now(), [], request.POST.getlist("order")
    if request.method == "POST" and form.is_valid():
        drafts = {str(order.pk): order for order in drafts_to_sign(clinic=request.clinic)}
        ticked = [ToSign(drafts[key], request.POST.get(f"read-{key}", "")) for key in chosen if key in drafts]
        if not chosen:
            form.add_error(None, _("Tick the orders you have read. Nothing was signed."))
        else:
            outcomes = sign_several(drafts=ticked, reauthenticated_at=now, by=actor(request), now=now)
            say(request, outcomes, gone=len(chosen) - len(ticked))
            for outcome in outcomes:
                if outcome.version:
                    ink_after_signing(request, outcome.order, now)
            if all(outcome.version for outcome in outcomes) and len(ticked) == len(chosen):
                return redirect("clinician")
            form = SignForm(user=request.user)
    refused = {outcome.order.pk: outcome.reasons for outcome in outcomes if not outcome.version}
    reads = [read_draft(order, request.clinic, now=now) for order in drafts_to_sign(clinic=request.clinic)]
    context = {
        "reads": [(read, refused.get(read.order.pk, ())) for read in reads],
        "form": form,
        "ticked": set() if outcomes else {read.order.pk for read in reads if is_ticked(request, read)},
        "ready": sum(not read.reasons for read in reads),
    }
    return TemplateResponse(request, "clinician/sign_several.html", context)


def is_ticked(request: ClinicRequest, read: Read) -> bool:
    """Whether they ticked it, and it still says what they read."""
    pk = str(read.order.pk)
    return pk in request.POST.getlist("order") and request.POST.get(f"read-{pk}") == read.hash


def say(request: ClinicRequest, outcomes: list[Outcome], *, gone: int) -> None:
    """What was signed, and what was not."""
    signed = [outcome.order.patient.shown_name for outcome in outcomes if outcome.version]
    if signed:
        messages.success(request, gettext("Signed: %(names)s.") % {"names": ", ".join(signed)})
    if left := len(outcomes) - len(signed):
        words = ngettext("One was not signed: see why.", "%(n)s were not signed: see why.", left)
        messages.warning(request, words % {"n": left})
    if gone:
        messages.info(
            request,
            _("What was ticked and is gone was signed, discarded, or closed with its patient's record meanwhile."),
        )
