"""Changing a draft, or an order under way by an amendment that waits for its signature; and discarding either."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.drafting import change_draft, discard_draft, what_is_signed
from scheduling.models import UNDER_WAY, Clinic, Order, OrderState, Role
from scheduling.order_content import DraftChanged, NotSignable, SignedAlready, content_hash
from scheduling.order_sites import other_clinics
from web.at_clinic import actor, order_or_404
from web.clinician.draft_form import DraftForm
from web.current_clinic import ClinicRequest


def edit_draft(request: ClinicRequest, order_id: int) -> HttpResponse:
    """The numbers of a draft; of an order under way what is in force, to begin an amendment from."""
    order = order_or_404(request, order_id)
    if order.discarded_at is not None or order.state not in (OrderState.DRAFT, *UNDER_WAY):
        messages.info(request, _("This order can't be changed any more. Order anew from the treatment plan."))
        return redirect("patient", order.patient_id)
    content = what_is_signed(order)
    clinics = list(Clinic.objects.filter(organisation=order.organisation_id).order_by("name"))
    form = DraftForm(
        request.POST or None, content=content, clinics=clinics, initial={"read": content_hash(content)}
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        answer = keep(request, order, form)
        if answer is not None:
            return answer
    context = {
        "order": order,
        "form": form,
        "is_amendment": order.state != OrderState.DRAFT,
        "is_drafted": order.state == OrderState.DRAFT or bool(order.draft),
        "other_clinics": other_clinics(order) if Role.PRESCRIBER in request.membership_roles else [],
    }
    return TemplateResponse(request, "clinician/draft.html", context)


def keep(request: ClinicRequest, order: Order, form: DraftForm) -> HttpResponse | None:
    """Write down what the form says and lead on; None where the form says why not."""
    by, now, read = actor(request), timezone.now(), form.cleaned_data["read"]
    try:
        order = change_draft(order=order, changes=form.said(), read=read, by=by, now=now)
    except (DraftChanged, SignedAlready) as refusal:
        messages.warning(request, " ".join(refusal.reasons))
        return redirect("edit_draft" if isinstance(refusal, DraftChanged) else "series", order.pk)
    except NotSignable as refusal:
        form.say(refusal)
        return None
    if order.state != OrderState.DRAFT and not order.draft:
        messages.info(request, _("Nothing was changed."))
        return redirect("patient", order.patient_id)
    if Role.PRESCRIBER in request.membership_roles:
        return redirect("sign_order", order.pk)
    messages.success(request, _("The draft waits for the prescriber's signature."))
    return redirect("clinician")


def discard(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Nobody will sign this draft."""
    order = order_or_404(request, order_id)
    try:
        discard_draft(order=order, by=actor(request), now=timezone.now())
    except NotSignable as refusal:
        messages.info(request, " ".join(refusal.reasons))
        return redirect("clinician")
    messages.success(request, _("The draft is discarded. What was signed stays in force."))
    return redirect("clinician")
