"""What the clinician on duty opens from an alert: the patient's words or the task, and one press for "I have it"."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.models import StaffAlert
from notifications.staff_alerts import acknowledge
from scheduling.events import Actor
from scheduling.permissions import ALLOWED
from web.current_clinic import ClinicRequest


def alert(request: ClinicRequest, alert_id: int) -> TemplateResponse:
    """The alert's page. Opening it tells nobody anything: mail programs open links, too."""
    return TemplateResponse(request, "clinician/alert.html", {"alert": alert_or_404(request, alert_id)})


def have_alert(request: ClinicRequest, alert_id: int) -> HttpResponse:
    """This person has it; nobody is alerted any more."""
    shown = alert_or_404(request, alert_id)
    if acknowledge(alert=shown, by=Actor.staff(request.user, shown.clinic), now=timezone.now()):
        messages.success(request, _("You have it. Nobody is alerted any more."))
    else:
        messages.info(request, _("Somebody else has it already."))
    return redirect("alert", shown.pk)


def alert_or_404(request: ClinicRequest, alert_id: int) -> StaffAlert:
    """An alert of a clinic where this person is a clinician: at night nobody thinks of changing the clinic first."""
    mine = [clinic for clinic, roles in request.places.items() if roles & ALLOWED["alert.acknowledge"]]
    # What is about neither a message nor a task reminds of something, and ends with that alone.
    rows = StaffAlert.objects.filter(clinic__in=mine).exclude(reply=None, task=None)
    return get_object_or_404(
        rows.select_related("reply__patient", "task__patient", "acknowledged_by", "clinic"), pk=alert_id
    )
