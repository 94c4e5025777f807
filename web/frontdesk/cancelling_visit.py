"""Cancelling one visit: the reason, the notice that is given, what becomes of the others, the message that goes."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.would_be_told import would_be_told
from scheduling.cancelling import cancel
from scheduling.models import Appointment, Status
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.cancel_form import SIDES, CancelForm
from web.frontdesk.notice_given import notice_if_cancelled
from web.frontdesk.panel import answer
from web.frontdesk.two_desks import done_since
from web.frontdesk.unreached import unreached
from web.frontdesk.will_be_sent import in_words
from web.spoken import visit_name
from web.visit_steps import words_for_refusal


def cancel_visit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Ask for the reason, then cancel. If someone changed the visit meanwhile it is asked again, the reason kept."""
    shown, now = visit_or_404(request, visit_id), timezone.now()
    if shown.status != Status.BOOKED:
        messages.warning(request, words_for_refusal(NotPossibleFromHere(shown.status)))
        return redirect("visit", shown.pk)
    roles, since = request.membership_roles, None
    form = CancelForm(request.POST or None, initial={"row_version": shown.row_version}, roles=roles)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            cancel(
                appointment=shown,
                side=SIDES[said["reason"]],
                reason=said["reason"],
                row_version=said["row_version"],
                by=actor(request),
                now=now,
            )
        except ChangedMeanwhile:
            shown = visit_or_404(request, visit_id)
            since, form = said["row_version"], form.again(shown.row_version)
        except NotPossibleFromHere as refusal:
            messages.warning(request, words_for_refusal(refusal))
            return redirect("visit", shown.pk)
        else:
            messages.success(request, _("The visit is cancelled and its time is free."))
            return redirect("visit", shown.pk)
    context = context_of(request, shown, form, now) | {"done_since": done_since(shown, since)}
    return answer(request, "frontdesk/cancel.html", context, title=_("Cancel a visit"))


def context_of(request: ClinicRequest, shown: Appointment, form: CancelForm, now: datetime) -> dict[str, object]:
    """What the question shows."""
    would_go = would_be_told(patient=shown.patient, clinic=request.clinic, cancelled=[shown.pk], now=now)
    later = Appointment.objects.filter(order=shown.order, status=Status.BOOKED, dose_number__gt=shown.dose_number or 0)
    return {
        "visit": shown,
        "what": visit_name(shown),
        "form": form,
        "notice": notice_if_cancelled(shown, request.clinic, now),
        "messages_to_go": in_words(would_go, now),
        "unreached": unreached(shown.patient, request.clinic),
        "later": later.count() if shown.order_id and shown.dose_number else 0,
    }
