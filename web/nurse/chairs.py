"""Visits without a chair: whether one may be given, and giving it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.displacing import has_started
from scheduling.models import Appointment
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.waiting_for_chairs import NoChairYet, place_again
from web.at_clinic import actor, version_sent, visit_or_404
from web.current_clinic import ClinicRequest
from web.visit_steps import words_for_refusal


def lacks_chair(visit: Appointment) -> bool:
    """Whether the visit lost its chair and may be given one: of one under way it is said instead where the patient
    is."""
    return visit.live and not visit.is_placed and not has_started(visit)


def give_chair(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Give a waiting visit a chair and a nurse at its own time, or say that none is free yet."""
    visit = visit_or_404(request, visit_id)
    try:
        place_again(
            appointment=visit,
            row_version=version_sent(request),
            by=actor(request),
            now=timezone.now(),
        )
    except NoChairYet:
        messages.warning(request, _("No chair and nurse are free for this visit yet. It goes on waiting."))
    except ChangedMeanwhile:
        messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    else:
        messages.success(request, _("It has a chair and a nurse again."))
    return redirect("today") if request.POST.get("back") == "today" else redirect("visit", visit.pk)
