"""A treatment plan from sentences: read back in full, then drafted; a prescriber has yet to approve it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import slugify

from scheduling.models import Protocol
from scheduling.plan_drafts import LONGEST_CODE, draft_plan
from web.at_clinic import actor
from web.clinician.plan_draft import SAVED
from web.clinician.plan_words import plan_words
from web.current_clinic import ClinicRequest
from web.setup.plan_form import EXAMPLES, SentenceForm


def plan_in_sentences(request: ClinicRequest) -> HttpResponse:
    """Ask; `do=look` reads back what was understood, `do=save` drafts it, `do=change` asks again."""
    is_sent, step = request.method == "POST", request.POST.get("do", "look")
    form = SentenceForm(request.POST if is_sent else None)
    words = []
    if is_sent and form.is_valid() and step != "change":
        said = form.cleaned_data
        if step == "save":
            drafted = draft_plan(
                organisation=request.clinic.organisation, code=free_code(request, said["name"]), name=said["name"],
                therapy=said["therapy"], template=said["template"], by=actor(request), now=timezone.now(),
            )  # fmt: skip
            messages.success(request, SAVED)
            return redirect("plan_version", drafted.pk)
        words = plan_words(said["template"])
    context = {
        "form": form, "words": words, "examples": EXAMPLES,
        "sent": [(name, request.POST.get(name, "")) for name in form.fields if request.POST.get(name)],
    }  # fmt: skip
    return TemplateResponse(request, "setup/plan.html", context, status=422 if form.errors else 200)


def free_code(request: ClinicRequest, name: str) -> str:
    """The plan's short name, from its name; numbered where another plan has it."""
    stem = slugify(name)[: LONGEST_CODE - 5].strip("-_") or "plan"
    plans = Protocol.objects.filter(organisation=request.clinic.organisation_id, code__startswith=stem)
    taken = set(plans.values_list("code", flat=True))
    return next(
        code
        for number in range(1, len(taken) + 2)
        if (code := stem if number == 1 else f"{stem}-{number}") not in taken
    )
