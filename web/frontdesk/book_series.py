"""Booking a series while the patient is on the telephone: wishes, three proposals, one press, all or nothing."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.booking import BookingRefused, book_series
from scheduling.events import Actor
from scheduling.holding import hold_series
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Appointment, Order
from scheduling.parked_calls import drop_call, park_call, parked_calls
from scheduling.proposals import reasons_not_to_book
from scheduling.visit_steps import NotPossibleFromHere
from scheduling.why_not import WhyNot
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.fragments import lead_to
from web.frontdesk.found_for_series import found_for
from web.frontdesk.keep_form import KeepWithForm
from web.frontdesk.picked import Picked
from web.frontdesk.series_wish import asked, keep_wish
from web.frontdesk.two_desks import booked_before
from web.read_aloud import booked_words
from web.spoken import clock, word_of
from web.visit_steps import words_for_refusal


def book(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Proposals for the wish in the address, or in the parked call; a POST books or keeps the one that was chosen, or
    says kindly why not."""
    order = order_or_404(request, order_id)
    reasons: list[WhyNot] = []
    if request.method == "POST":
        answer = settle_picked(request, order)
        if isinstance(answer, HttpResponse):
            return answer
        reasons = answer
    if reasons_not_to_book(order, request.clinic) or order.current_version is None:
        return redirect("series", order.pk)
    now = timezone.now()
    context = found_for(request, order, asked(request, order)) | {
        "order": order,
        "patient": order.patient,
        "refused": reasons,
        "booked_before": booked_before(order, reasons) if reasons else (),
        "parked": [call for call in parked_calls(user=request.user, clinic=request.clinic, now=now)
                   if call.patient_id != order.patient_id],
    }  # fmt: skip
    context["to_first"] = "show" in request.GET and not context["not_understood"]
    if not context["to_book"]:
        messages.info(request, _("Nothing is left to book. This is the series as it stands."))
        return redirect("series", order.pk)
    return TemplateResponse(request, "frontdesk/book_series.html", context, status=409 if reasons else 200)


def wish(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Keep a wish with the call, and show what it finds: in place while it is typed, else as a page."""
    order, now = order_or_404(request, order_id), timezone.now()
    if reasons_not_to_book(order, request.clinic) or order.current_version is None:
        return lead_to(request, "series", order.pk)
    context = found_for(request, order, request.POST) | {"order": order, "patient": order.patient}
    keep_wish(request, order, context["form"], now)
    if not request.htmx:
        if not context["form"].is_valid():
            messages.warning(request, _("That wish can't be read, so it was not kept. Say or tick it once more."))
        return redirect(f"{reverse('book_series', args=[order.pk])}?show=1")
    wished, drawn = context["asked"], context["form"]
    both_read = wished.is_valid() and drawn.is_valid()
    context |= {"drawn_again": True, "boxes_changed": both_read and not drawn.shows(wished)}
    # Pressed, and not merely typed: what was found is where one goes on. Where not all was understood it may be
    # something else than was wished: it is read first, and a second press goes on.
    context["stays"] = "show" in request.POST and wished.is_to_be_read
    context["to_first"] = "show" in request.POST and not context["stays"]
    return TemplateResponse(request, "frontdesk/book_found.html", context)


def settle_picked(request: ClinicRequest, order: Order) -> HttpResponse | list[WhyNot]:
    """Book what was chosen and lead on to the series, or keep it and stay; or give the reasons why it can't be had."""
    picked = Picked.from_post(request.POST)
    if picked is None:
        messages.warning(request, _("No time was chosen, so nothing was booked. Choose one of these."))
        return redirect(request.get_full_path())
    by, now = actor(request), timezone.now()
    keeps = request.POST.get("do") == "keep"
    try:
        messages.success(request, (keep_picked if keeps else book_picked)(request, order, picked, by, now))
    except BookingRefused as refusal:
        return refusal.problems
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except KeyUsedOtherwise:
        messages.info(request, _("Something was booked from that page already. This is the series as it stands."))
    return redirect("book_series" if keeps else "series", order.pk)


def book_picked(request: ClinicRequest, order: Order, picked: Picked, by: Actor, now: datetime) -> str:
    """Books it; the call is over then."""
    booked = book_series(
        order=order,
        clinic=request.clinic,
        picks=picked.picks,
        instead_of=kept_of(order, picked.instead_of),
        repack=picked.repack,
        by=by,
        now=now,
        key=picked.key,
    )
    drop_call(patient=order.patient, clinic=request.clinic, by=by)
    word = word_of(order.current_version)
    return booked_words(booked, word)


def keep_picked(request: ClinicRequest, order: Order, picked: Picked, by: Actor, now: datetime) -> str:
    """Keeps it, and the call with it, so that one finds back."""
    form = KeepWithForm(request.POST, clinic=request.clinic, now=now)
    held = hold_series(
        order=order,
        clinic=request.clinic,
        picks=picked.picks,
        until=form.ends,
        held_with=form.with_whom,
        repack=picked.repack,
        by=by,
        now=now,
        key=picked.key,
    )
    park_call(patient=order.patient, clinic=request.clinic, order=order, by=by, now=now)
    ends = held[0].held_until
    return gettext("Kept until %(time)s. Nobody is told yet.") % {"time": clock(ends) if ends else ""}


def kept_of(order: Order, ids: list[int]) -> list[Appointment]:
    """Kept times of the order that its page named."""
    return list(Appointment.objects.filter(order=order, pk__in=ids)) if ids else []
