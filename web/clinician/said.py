"""The one tap that signs what a prescriber said by word of mouth and a nurse wrote down."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.counter_signing import NothingToSign, NotTheirs, SignedAlready, counter_sign
from scheduling.models import GateDecision, OrderChange
from web.at_clinic import actor
from web.clinician.said_cards import ORDER, REVIEW
from web.current_clinic import ClinicRequest
from web.spoken import clock, short_day


def said_or_404(request: ClinicRequest, what: str, said_id: int) -> GateDecision | OrderChange:
    """A decision at a review, or a change of an order, of an order of this organisation."""
    if what not in (REVIEW, ORDER):
        raise Http404
    theirs = Q(order__organisation=request.clinic.organisation_id, pk=said_id)
    if what == REVIEW:
        return get_object_or_404(GateDecision.objects.select_related("order__patient", "decided_by"), theirs)
    return get_object_or_404(OrderChange.objects.select_related("order__patient", "decided_by"), theirs)


def sign_said(request: ClinicRequest, what: str, said_id: int) -> HttpResponse:
    """Sign what was written down."""
    said = said_or_404(request, what, said_id)
    try:
        counter_sign(said=said, today=timezone.localdate(), by=actor(request), now=timezone.now())
    except SignedAlready as refusal:
        signature = refusal.signature
        words = gettext("%(who)s signed it already, %(day)s at %(time)s.")
        when = {"day": short_day(signature.signed_at), "time": clock(signature.signed_at)}
        messages.info(request, words % {"who": signature.signed_by.shown_name, **when})
    except NotTheirs:
        words = gettext("Only %(who)s signs this, or who covers for them today. Nothing was signed.")
        messages.warning(request, words % {"who": said.decided_by.shown_name if said.decided_by else ""})
    except NothingToSign:
        messages.info(request, _("Nobody wrote this down for somebody else, so there is nothing to sign."))
    else:
        messages.success(request, gettext("Signed: %(name)s.") % {"name": said.order.patient.shown_name})
    return redirect("clinician")
