"""A move that was sent when somebody had cancelled or begun the visit: who did what, and what was chosen and typed."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.models import Appointment, Status
from scheduling.visit_steps import NotPossibleFromHere
from web.current_clinic import ClinicRequest
from web.frontdesk.having_again import can_be_had_again
from web.frontdesk.panel import answer
from web.frontdesk.two_desks import done_since
from web.spoken import visit_name
from web.visit_steps import words_for_refusal


def over_meanwhile(
    request: ClinicRequest, shown: Appointment, start: datetime | None, seen_version: int | None
) -> HttpResponse:
    """What a move of a visit that can't be moved answers. With a time chosen it stays on the page, with what was typed
    and what can be done instead; a page that was only opened leads to the visit."""
    if request.method != "POST" or start is None or shown.status == Status.BOOKED:
        messages.warning(request, words_for_refusal(NotPossibleFromHere(shown.status)))
        return redirect("visit", shown.pk)
    context = {
        "visit": shown,
        "what": visit_name(shown),
        "start": start,
        "typed": request.POST.get("reason", "")[:300],
        "done_since": done_since(shown, seen_version),
        "can_be_had_again": can_be_had_again(shown, timezone.now()),
    }
    return answer(request, "frontdesk/over_meanwhile.html", context, title=_("Move a visit"), status=409)
