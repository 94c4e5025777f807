"""Who drives a patient home, as staff read it and as the patient says it on the telephone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.models import RideHome
from notifications.preparing import prepare
from notifications.rides import NotANumber, name_driver
from scheduling.models import Appointment
from scheduling.visit_steps import NotPossibleFromHere
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.patient.ride import NO_NUMBER
from web.visit_steps import words_for_refusal

LONGEST_NAME, LONGEST_NUMBER = 80, 40


def ride_of(visit: Appointment) -> RideHome | None:
    """What is known of the ride home; nothing is named yet in one without a driver. None where nobody has to drive."""
    version = visit.order.current_version if visit.order and visit.dose_number else None
    asked = prepare(version.content, visit.period.lower) if version else None
    named: RideHome | None = getattr(visit, "ride", None)
    return named or (RideHome(visit=visit) if asked and asked.needs_ride else None)


def name_driver_of(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """The patient said on the telephone who drives."""
    visit = visit_or_404(request, visit_id)
    driver = request.POST.get("driver", "").strip()[:LONGEST_NAME]
    phone = request.POST.get("phone", "").strip()[:LONGEST_NUMBER]
    if not driver:
        messages.warning(request, _("Write down who drives, then press again."))
        return redirect("visit", visit.pk)
    try:
        name_driver(visit=visit, driver=driver, phone=phone, by=actor(request), now=timezone.now())
    except NotANumber:
        messages.warning(request, NO_NUMBER)
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    else:
        messages.success(request, _("The ride home is written down."))
    return redirect("visit", visit.pk)
