"""Somebody has told the patient themselves, or what waits is to go at once: one press on the page of the visit."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.telling import send_now, told_in_person
from web.at_clinic import actor, order_or_404, visit_or_404
from web.current_clinic import ClinicRequest


def tell_of_visit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """They know of this visit as it stands (and a message follows or not), or its message goes at once."""
    shown, by, now = visit_or_404(request, visit_id), actor(request), timezone.now()
    wanted = request.POST.get("do", "")
    if wanted == "now":
        send_now(patient=shown.patient, by=by, now=now)
        messages.success(request, _("What waited for this patient goes out now."))
    elif wanted in ("know", "know_and_send"):
        told_in_person(patient=shown.patient, visit=shown, and_send=wanted == "know_and_send", by=by, now=now)
        words = _("Written down: they know, and it is sent too.") if wanted == "know_and_send" else _(
            "Written down: they know, and nothing is sent."
        )  # fmt: skip
        messages.success(request, words)
    return redirect("visit", shown.pk)


def tell_of_order(request: ClinicRequest, order_id: int) -> HttpResponse:
    """They know what became of the order, and a message follows or not."""
    shown = order_or_404(request, order_id)
    and_send = request.POST.get("do") == "know_and_send"
    told_in_person(patient=shown.patient, order=shown, and_send=and_send, by=actor(request), now=timezone.now())
    words = _("Written down: they know, and it is sent too.") if and_send else _("Written down: they know.")
    messages.success(request, words)
    return redirect("series", shown.pk)
