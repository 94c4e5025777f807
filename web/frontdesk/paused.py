"""Whether a paused order's visits keep their times: asked of the desk after a while, with no word on why it paused."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scheduling.keeping_places import MOST_DAYS
from scheduling.order_states import OrderIsNot
from scheduling.paused_places import settle_places
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest


class PlacesForm(forms.Form):
    """Kept for so many days more, or freed."""

    do = forms.ChoiceField(choices=[("keep", ""), ("free", "")])
    days = forms.IntegerField(required=False, min_value=1, max_value=MOST_DAYS)


def settle_paused(request: ClinicRequest, order_id: int) -> HttpResponse:
    """The desk keeps the times of a paused order for some days more, or lets them go."""
    order = order_or_404(request, order_id)
    form = PlacesForm(request.POST)
    if not form.is_valid():
        words = gettext("Keep times for 1 to %(most)s days. Nothing was changed.")
        messages.error(request, words % {"most": MOST_DAYS})
        return redirect("orders")
    keeps = form.cleaned_data["do"] == "keep"
    days = (form.cleaned_data["days"] or request.clinic.keep_places_days) if keeps else None
    try:
        settle_places(order=order, keep_days=days, by=actor(request), now=timezone.now())
    except OrderIsNot:
        messages.warning(request, _("This order waits for the prescriber no longer. Nothing was changed."))
    else:
        messages.success(request, _said(order.patient.shown_name, days))
    return redirect("orders")


def _said(name: str, days: int | None) -> str:
    if days is None:
        words = gettext("The times of %(name)s are free. The patient is told once a clinician has spoken with them.")
        return words % {"name": name}
    words = ngettext(
        "The times of %(name)s are kept one day more.", "The times of %(name)s are kept %(n)s days more.", days
    )
    return words % {"name": name, "n": days}
