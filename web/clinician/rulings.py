"""An infusion that was broken off: the prescriber says whether it counts or is given again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.exit_rulings import NothingToRule, rule_on_exit
from scheduling.models import Appointment, CheckKind, ExitRuling
from scheduling.visit_checks import latest_checks
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.nurse.exit_form import WHY
from web.spoken import visit_name

LONGEST_NOTE = 2000
COUNTS = {"counts": True, "repeated": False}


def rule_exit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """How it ended and why; a POST rules."""
    orders = Appointment.objects.filter(order__sites=request.clinic, organisation=request.clinic.organisation_id)
    rows = orders.select_related("patient", "clinic", "order__current_version", "visit_type").distinct()
    visit = get_object_or_404(rows, pk=visit_id, needs_ruling=True)
    if request.method == "POST" and request.POST.get("ruling") in COUNTS:
        try:
            rule_on_exit(
                appointment=visit,
                counts=COUNTS[request.POST["ruling"]],
                note=request.POST.get("note", "")[:LONGEST_NOTE],
                by=actor(request),
                now=timezone.now(),
            )
        except NothingToRule:
            messages.warning(request, _("Somebody has ruled on this already. It is shown as it stands."))
        else:
            messages.success(request, _("Written down. The front desk sees what is left to book."))
        return redirect("rule_exit", visit.pk)
    why = latest_checks([visit.pk]).get((visit.pk, CheckKind.EXIT))
    context = {
        "visit": visit,
        "what": visit_name(visit),
        "why": why,
        "why_words": WHY.get(why.detail, "") if why else "",
        "ruling": ExitRuling.objects.filter(appointment=visit).select_related("decided_by").first(),
    }
    return TemplateResponse(request, "clinician/rule_exit.html", context)
