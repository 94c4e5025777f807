"""The patient does not want to go on: what is cancelled is shown, then done; a clinician closes the order."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.models import Appointment, Order, Status
from scheduling.order_states import OrderIsNot
from scheduling.withdrawing import withdraw
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest


def withdraw_patient(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Ask once more, with what it cancels; then cancel it and tell the clinicians."""
    order = order_or_404(request, order_id)
    if request.method == "POST":
        write_down(request, order)
        return redirect("series", order.pk)
    context = {"order": order, "patient": order.patient, "visits": booked_visits(order)}
    return TemplateResponse(request, "frontdesk/withdraw.html", context)


def write_down(request: ClinicRequest, order: Order, *, from_number: int = 1) -> None:
    """Writes the withdrawal down and says what came of it."""
    try:
        withdraw(order=order, from_number=from_number, by=actor(request), now=timezone.now())
    except OrderIsNot:
        messages.info(request, _("This order is over already. Nothing was changed."))
    else:
        messages.success(request, _("Written down. What was booked is cancelled, and a clinician closes the order."))


def booked_visits(order: Order) -> list[Appointment]:
    """What of the order is booked, in order of time."""
    booked = Appointment.objects.filter(order=order, status=Status.BOOKED)
    return list(booked.select_related("order__current_version", "visit_type").order_by("period"))
