"""The one tap that signs what a prescriber said by word of mouth and a nurse wrote down."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.db.models import Model, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.counter_signing import NothingToSign, NotTheirs, SignedAlready, counter_sign
from scheduling.covers import covers_for
from scheduling.models import ClinicianTask, ExitRuling, GateDecision, OrderChange, VisitCheck
from scheduling.said_by_word import Said, to_sign
from web.at_clinic import actor
from web.clinician.said_cards import KINDS
from web.current_clinic import ClinicRequest
from web.spoken import clock, short_day

# Of each kind: who said it, its organisation, and the clinics where it is looked for.
OF_ORDER = ("decided_by", "order__organisation", ("order__sites",))
OF_VISIT = ("appointment__order__sites", "appointment__clinic")
WHOSE: Mapping[type[Model], tuple[str, str, tuple[str, ...]]] = {
    GateDecision: OF_ORDER,
    OrderChange: OF_ORDER,
    ExitRuling: ("decided_by", "appointment__organisation", OF_VISIT),
    VisitCheck: ("passed_by", "appointment__organisation", OF_VISIT),
    ClinicianTask: ("word_of", "clinic__organisation", ("clinic",)),
}


def said_or_404(request: ClinicRequest, what: str, said_id: int) -> Said:
    """What was said about an order for this clinic, about a visit here or of such an order, or about missed visits
    here; and, wherever it was in the organisation, what this prescriber said or somebody for whom they cover."""
    model, clinic = KINDS.get(what), request.clinic
    if model is None:
        raise Http404
    who, where, here = WHOSE[model]
    own = [request.user, *covers_for(request.user, timezone.localdate())]
    theirs = Q(**{f"{who}__in": own})
    for path in here:
        theirs |= Q(**{path: clinic})
    theirs &= Q(**{where: clinic.organisation_id})
    said: Said | None = model._default_manager.filter(theirs, pk=said_id).distinct().first()
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
