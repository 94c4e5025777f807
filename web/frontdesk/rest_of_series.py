"""The rest of a series: moved to new times in one press, or cancelled with one reason, all or nothing."""

from __future__ import annotations

from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.would_be_told import would_be_told
from scheduling.booking_warnings import BookingWarnings
from scheduling.cancelling import cancel_rest
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Appointment, Order, Status
from scheduling.moving_rest import move_rest
from scheduling.openings_to_move import proposals_to_move_rest
from scheduling.picks import BookingRefused
from scheduling.typed_numbers import read_number
from scheduling.visit_steps import NotPossibleFromHere
from scheduling.why_not import WhyNot
from scheduling.withdrawing import REASON as WITHDREW
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.cancel_form import SIDES, ReasonForm
from web.frontdesk.picked import Picked
from web.frontdesk.proposal_cards import FOUND, STARTS_FOUND, cards, with_reviews
from web.frontdesk.unreached import unreached
from web.frontdesk.will_be_sent import in_words
from web.frontdesk.wish_form import WishForm
from web.frontdesk.withdrawing import write_down
from web.spoken import infusions, said, word_of
from web.visit_steps import words_for_refusal


class CancelRestForm(ReasonForm):
    """One reason for all of them; the key makes a second press harmless."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=60)


def move_the_rest(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Proposals for all booked infusions from `?from=` on; a POST moves them to the chosen one, or says why not."""
    order = order_or_404(request, order_id)
    from_number = asked_number(request)
    reasons: list[WhyNot] = []
    if request.method == "POST":
        answer = move_picked(request, order, from_number)
        if isinstance(answer, HttpResponse):
            return answer
        reasons = answer
    form = WishForm(request.GET if "time" in request.GET else None, clinic=request.clinic)
    visits, now = booked_from(order, from_number), timezone.now()
    count = STARTS_FOUND if len(visits) == 1 else FOUND
    found = proposals_to_move_rest(
        order=order, clinic=request.clinic, from_number=from_number, wish=form.wish, count=count, now=now
    )
    warnings = BookingWarnings(order, request.clinic, instead_of=[visit.pk for visit in visits], now=now)
    waiting, word = [visit.dose_number for visit in visits if visit.is_tentative], word_of(order.current_version)
    shown = cards(found, request.clinic, wished=form.wish.time, key=lambda: uuid4().hex, warnings=warnings)
    context = {
        "order": order,
        "patient": order.patient,
        "from_number": from_number,
        "visits": visits,
        "form": form,
        "word": word,
        "cards": [with_reviews(card, [number for number in waiting if number], word) for card in shown],
        "why_not": found.problems,
        "refused": reasons,
    }
    return TemplateResponse(request, "frontdesk/move_rest.html", context, status=409 if reasons else 200)


def move_picked(request: ClinicRequest, order: Order, from_number: int) -> HttpResponse | list[WhyNot]:
    """Move to what was chosen and lead on to the series, or give the reasons why it can't be had."""
    picked = Picked.from_post(request.POST)
    if picked is None:
        return redirect(request.get_full_path())
    try:
        moved = move_rest(
            order=order, from_number=from_number, picks=picked.picks, repack=picked.repack, by=actor(request),
            now=timezone.now(), key=picked.key,
        )  # fmt: skip
    except BookingRefused as refusal:
        return refusal.problems
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except KeyUsedOtherwise:
        messages.info(request, _("Something was moved from that page already. This is the series as it stands."))
    else:
        word = word_of(order.current_version)
        numbers = infusions((visit.dose_number for visit in moved if visit.dose_number), word)
        messages.success(request, gettext("%(infusions)s: moved.") % {"infusions": numbers})
    return redirect("series", order.pk)


def cancel_the_rest(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Show what would be cancelled from `?from=` on, ask for the reason, then cancel all of it."""
    order = order_or_404(request, order_id)
    from_number = asked_number(request)
    form = CancelRestForm(request.POST or None, initial={"key": uuid4().hex}, roles=request.membership_roles)
    if request.method == "POST" and form.is_valid():
        reason, key = form.cleaned_data["reason"], form.cleaned_data["key"]
        if reason == WITHDREW:
            write_down(request, order, from_number=from_number)
            return redirect("series", order.pk)
        by, now = actor(request), timezone.now()
        try:
            cancelled = cancel_rest(
                order=order, from_number=from_number, side=SIDES[reason], reason=reason, by=by, now=now, key=key
            )
        except BookingRefused as refusal:
            messages.warning(request, " ".join(said(problem) for problem in refusal.problems))
        except KeyUsedOtherwise:
            messages.info(request, _("Something was cancelled from that page already. Here is what stands."))
        else:
            word = word_of(order.current_version)
            numbers = infusions((visit.dose_number for visit in cancelled if visit.dose_number), word)
            messages.success(request, gettext("%(infusions)s: cancelled.") % {"infusions": numbers})
        return redirect("series", order.pk)
    visits, now = booked_from(order, from_number, reviews_from=from_number), timezone.now()
    gone = [visit.pk for visit in visits]
    would_go = would_be_told(patient=order.patient, clinic=request.clinic, cancelled=gone, now=now) if gone else []
    context = {
        "order": order,
        "patient": order.patient,
        "visits": visits,
        "messages_to_go": in_words(would_go, now),
        "unreached": unreached(order.patient, request.clinic),
        "form": form,
    }
    return TemplateResponse(request, "frontdesk/cancel_rest.html", context)


def asked_number(request: ClinicRequest) -> int:
    """The infusion in the address; 404 for nonsense."""
    number = read_number(request.GET.get("from", ""), digits=3)
    if number is None:
        raise Http404
    return number


def booked_from(order: Order, number: int, *, reviews_from: int | None = None) -> list[Appointment]:
    """The booked infusions from a number on, with the reviews after `reviews_from` and later ones if asked, in order
    of time."""
    booked = Appointment.objects.filter(order=order, status=Status.BOOKED)
    found = booked.filter(dose_number__gte=number)
    if reviews_from is not None:
        found = found | booked.filter(review_after__gte=reviews_from)
    return list(found.select_related("order__current_version", "visit_type").order_by("period"))
