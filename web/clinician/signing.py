"""Signing one order: all its words, what it does to visits that are booked, the password once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.amendment_effects import effect_of
from scheduling.drafting import beside, in_force, what_is_signed
from scheduling.models import Appointment, Clinic, Order, OrderState
from scheduling.order_content import NotSignable, SignedAlready, content_hash
from scheduling.signing import reasons_not_to_sign, reasons_to_look_again, sign_order
from web.at_clinic import actor, order_or_404
from web.clinician.order_words import changed_words, order_words
from web.clinician.sign_form import SignForm
from web.current_clinic import ClinicRequest
from web.frontdesk.pencil import ink_after_signing

WHY_NOT = {
    "number": _("the order has no such infusion any more"),
    "site": _("the order is no longer for this clinic"),
    "phases": _("the visit takes other times or people"),
    "days": _("outside the days of the order"),
    "spacing": _("not the ordered distance"),
    "order": _("not in its order"),
    "within_days": _("outside the days for the whole series"),
    "per_week": _("one too many in its week"),
    "other_order": _("too near to an infusion of another order"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """A draft as it is read before a signature: its words, with what is new and what is gone where it is an amendment;
    `hash` is what the signature is for. `others`: what else is ordered for the patient. `unfitting`: visits that no
    longer fit, and why."""

    order: Order
    hash: str
    words: list[tuple[str, list[tuple[str, str]]]]
    reasons: list[str]
    others: list[Order]
    fitting: int
    unfitting: list[tuple[Appointment, list[str | Promise]]]
    will_wait: int
    become_firm: int

    @property
    def is_amendment(self) -> bool:
        return self.order.state != OrderState.DRAFT


def sign(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Show what is signed, ask for the password, sign. What was signed meanwhile leads on to its series, and what was
    changed meanwhile is shown as it is now."""
    order = order_or_404(request, order_id)
    form = SignForm(request.POST or None, user=request.user)
    now, reasons = timezone.now(), []
    if request.method == "POST" and form.is_valid():
        try:
            sign_order(
                order=order, read=form.cleaned_data["read"], reauthenticated_at=now, by=actor(request), now=now
            )  # fmt: skip
        except SignedAlready as refusal:
            messages.info(request, " ".join(refusal.reasons))
            return redirect("series", order.pk)
        except NotSignable as refusal:
            reasons = refusal.reasons
            order, form = order_or_404(request, order_id), SignForm(user=request.user)
        else:
            words = gettext("Signed. The front desk can book %(name)s now.")
            messages.success(request, words % {"name": order.patient.shown_name})
            ink_after_signing(request, order, now)
            return redirect("clinician")
    if order.discarded_at is not None and not order.patient.is_gone:
        messages.info(request, _("This draft was discarded."))
        return redirect("clinician")
    if order.state != OrderState.DRAFT and not order.draft:
        messages.info(request, _("This order is signed already."))
        return redirect("series", order.pk)
    read = read_draft(order, request.clinic, now=now)
    context = {"read": read, "order": order, "form": form, "reasons": reasons or read.reasons, "changed": reasons}
    return TemplateResponse(request, "clinician/sign.html", context)


def read_draft(order: Order, clinic: Clinic, *, now: datetime) -> Read:
    """The draft in words, with its effect on the visits that are booked."""
    content = what_is_signed(order)
    names = dict(Clinic.objects.filter(organisation=order.organisation_id).values_list("slug", "name"))
    reasons = reasons_not_to_sign(order)
    if not reasons:
        reasons = reasons_to_look_again(order, content, clinic=clinic, now=now)
    if order.state == OrderState.DRAFT:
        words = [(heading, [(line, "") for line in lines]) for heading, lines in order_words(content, names)]
    else:
        words = changed_words(in_force(order), content, names)
    others = beside(order.patient, without=order)
    if reasons or order.state == OrderState.DRAFT:
        return Read(order, content_hash(content), words, reasons, others, 0, [], 0, 0)
    effect = effect_of(order, content, now=now)
    return Read(
        order=order,
        hash=content_hash(content),
        words=words,
        reasons=reasons,
        others=others,
        fitting=len(effect.fitting),
        unfitting=[(visit, [WHY_NOT[one] for one in why]) for visit, why in effect.unfitting],
        will_wait=len(effect.will_wait),
        become_firm=len(effect.become_firm),
    )
