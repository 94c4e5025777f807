"""A patient tells the desk that they wish another infusion: it is passed on to a clinician, and nothing is booked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.inbox import mark_done
from scheduling.models import Patient
from scheduling.wishes import NothingToWishFor, pass_on_wish
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.inbox import reply_or_404


def note_wish(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """The patient said so on the telephone, or at the desk."""
    shown = patient_or_404(request, patient_id)
    pass_on(request, shown, request.POST.get("words", ""))
    return redirect("patient", shown.pk)


def wish_of_reply(request: ClinicRequest, reply_id: int) -> HttpResponse:
    """The patient wrote so: their words are passed on, and the reply is dealt with."""
    shown = reply_or_404(request, reply_id)
    if shown.patient is None:
        messages.warning(request, _("Say first who wrote this."))
        return redirect("reply", shown.pk)
    if pass_on(request, shown.patient, shown.text):
        mark_done(reply=shown, clinic=request.clinic, by=actor(request), now=timezone.now())
        return redirect("inbox")
    return redirect("reply", shown.pk)


def pass_on(request: ClinicRequest, patient: Patient, words: str) -> bool:
    """Passes it on and says so; False where there is nothing to wish for."""
    try:
        is_new = pass_on_wish(
            patient=patient, clinic=request.clinic, words=words, by=actor(request), now=timezone.now()
        )
    except NothingToWishFor:
        messages.warning(request, _("This patient has no series here that is under way or finished."))
        return False
    if is_new:
        messages.success(request, _("Passed on to a clinician. Nothing is booked by it."))
    else:
        messages.info(request, _("A wish of this patient was passed on before and waits for a clinician."))
    return True
