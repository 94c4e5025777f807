"""Looking for times before an order is signed, and keeping them for some hours: nobody is told."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from scheduling.events import Actor
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Order, OrderState
from scheduling.pencils import Inked, ink, pencil_of, pencil_series, propose_pencil
from scheduling.picks import BookingRefused
from scheduling.why_not import WhyNot
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.picked import Picked
from web.frontdesk.proposal_cards import FOUND, cards
from web.frontdesk.wish_form import WishForm
from web.spoken import infusions, said, soon

# For how many hours, as asked when an order waits for its signature.
HOURS = (4, 24, 72)


def pencil(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Proposals for a draft; a POST keeps the one that was chosen. Once it is signed it is booked from elsewhere."""
    order = order_or_404(request, order_id)
    if order.state != OrderState.DRAFT or order.discarded_at is not None:
        return redirect("series", order.pk)
    now, reasons = timezone.now(), list[WhyNot]()
    if request.method == "POST":
        answer = keep(request, order, actor(request), now)
        if isinstance(answer, HttpResponse):
            return answer
        reasons = answer
    form = WishForm(request.GET or None, clinic=request.clinic)
    found = propose_pencil(order=order, clinic=request.clinic, wish=form.wish, count=FOUND, now=now)
    context = {
        "order": order,
        "patient": order.patient,
        "form": form,
        "cards": cards(found, request.clinic, wished=form.wish.time, key=lambda: uuid4().hex),
        "why_not": found.problems,
        "refused": reasons,
        "kept": pencil_of(order, now=now),
        "may_keep": True,
        "pencil": True,
        "word": order.draft.get("word", ""),
        "keep_for": [(hours, ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}) for hours in HOURS],
    }
    return TemplateResponse(request, "frontdesk/pencil.html", context, status=409 if reasons else 200)


def keep(request: ClinicRequest, order: Order, by: Actor, now: datetime) -> HttpResponse | list[WhyNot]:
    """Keep what was chosen, once however often it is pressed, and lead on; or the reasons why it can't be kept."""
    picked, hours = Picked.from_post(request.POST), request.POST.get("until", "")
    if picked is None or hours not in map(str, HOURS):
        return redirect(request.get_full_path())
    try:
        held = pencil_series(
            order=order, clinic=request.clinic, picks=picked.picks, hours=int(hours),
            held_with=request.POST.get("held_with", ""), by=by, now=now, key=picked.key,
        )  # fmt: skip
    except BookingRefused as refusal:
        return refusal.problems
    except KeyUsedOtherwise:
        return redirect("series", order.pk)
    ends = held[0].held_until
    words = gettext("Kept until %(time)s. Nobody is told; signing the order books them.")
    messages.success(request, words % {"time": soon(ends, timezone.localdate()) if ends else ""})
    return redirect("series", order.pk)


def ink_after_signing(request: ClinicRequest, order: Order, now: datetime) -> None:
    """Book what was kept for the order before it was signed, and say what became of it."""
    inked: Inked = ink(order=order, by=actor(request), now=now)
    if inked.booked:
        words = gettext("%(infusions)s: booked at the times that were kept.")
        numbers = [visit.dose_number for visit in inked.booked if visit.dose_number]
        messages.success(request, words % {"infusions": infusions(numbers)})
    elif inked.until is not None:
        words = gettext("The kept times could not be booked: %(why)s They stay kept until %(time)s for the front desk.")
        why = " ".join(said(problem) for problem in inked.problems)
        messages.warning(request, words % {"why": why, "time": soon(inked.until, timezone.localdate())})
