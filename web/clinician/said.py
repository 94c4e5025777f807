"""The one tap that signs what a prescriber said by word of mouth and a nurse wrote down."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.counter_signing import NothingToSign, NotTheirs, SignedAlready, counter_sign
from scheduling.models import ClinicianTask, GateDecision, OrderChange
from scheduling.said_by_word import Said, to_sign
from web.at_clinic import actor
from web.clinician.said_cards import KINDS
from web.current_clinic import ClinicRequest
from web.spoken import clock, short_day


def said_or_404(request: ClinicRequest, what: str, said_id: int) -> Said:
    """What was said about an order of this organisation, about a visit of it, or about missed visits there."""
    model, ours = KINDS.get(what), request.clinic.organisation_id
    if model is None:
        raise Http404
    where = "order__organisation" if model in (GateDecision, OrderChange) else "appointment__organisation"
    theirs = Q(**{"clinic__organisation" if model is ClinicianTask else where: ours})
    said: Said | None = model._default_manager.filter(theirs, pk=said_id).first()
    if said is None:
        raise Http404
    return said


def sign_said(request: ClinicRequest, what: str, said_id: int) -> HttpResponse:
    """Sign what was written down."""
    said = said_or_404(request, what, said_id)
    words_said = to_sign(said)
    try:
        counter_sign(said=said, today=timezone.localdate(), by=actor(request), now=timezone.now())
    except SignedAlready as refusal:
        signature = refusal.signature
        words = gettext("%(who)s signed it already, %(day)s at %(time)s.")
        when = {"day": short_day(signature.signed_at), "time": clock(signature.signed_at)}
        messages.info(request, words % {"who": signature.signed_by.shown_name, **when})
    except NotTheirs:
        words = gettext("Only %(who)s signs this, or who covers for them today. Nothing was signed.")
        messages.warning(request, words % {"who": words_said.said_by.shown_name if words_said.said_by else ""})
    except NothingToSign:
        messages.info(request, _("Nobody wrote this down for somebody else, so there is nothing to sign."))
    else:
        messages.success(request, gettext("Signed: %(name)s.") % {"name": words_said.patient.shown_name})
    return redirect("clinician")
