"""Booking a series while the patient is on the telephone: wishes, three proposals, one press, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from time import monotonic
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.booking import BookingRefused, book_series
from scheduling.booking_warnings import BookingWarnings
from scheduling.events import Actor
from scheduling.holding import hold_series
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Appointment, Clinic, Order
from scheduling.openings_to_move import propose_beside, series_beside
from scheduling.options import options_of
from scheduling.proposals import reasons_not_to_book
from scheduling.repeat_misses import waits_for_prescriber
from scheduling.series import Series, read_series
from scheduling.series_terms import SearchResult, Wish
from scheduling.visit_steps import NotPossibleFromHere
from scheduling.why_not import WhyNot
from scheduling.would_work import Relaxation
from scheduling.would_work_here import would_work_here
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.default_wish import default_wish
from web.frontdesk.keep_form import KeepWithForm
from web.frontdesk.picked import Picked
from web.frontdesk.proposal_cards import FOUND, STARTS_FOUND, cards
from web.frontdesk.series import channels_to
from web.frontdesk.wish_form import WishForm
from web.spoken import clock, infusions, word_of
from web.visit_steps import words_for_refusal

# How long a caller waits to hear what else would work.
LOOK_SECONDS = 1.0
MOST_OPTIONS = 2


class SeriesWishForm(WishForm):
    """When, and how many."""

    how_many = forms.TypedChoiceField(label=_("How many now?"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, clinic: Clinic, series: Series, **kwargs: Any) -> None:
        super().__init__(*args, clinic=clinic, **kwargs)
        to_book = series.to_book
        word = word_of(series.version)
        self.choose("how_many", [(str(n), infusions(to_book[:n], word)) for n in range(1, len(to_book) + 1)])
        self.fields["how_many"].initial = str(series.book_by_default)


@dataclass(frozen=True, slots=True)
class WouldWork:
    """What would work where nothing does; `query` asks again with it, where it is the patient's to allow."""

    change: Relaxation
    query: str


def book(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Proposals for the wish in the address; a POST books or keeps the one that was chosen, or says kindly why not."""
    order = order_or_404(request, order_id)
    reasons: list[WhyNot] = []
    if request.method == "POST":
        answer = settle_picked(request, order)
        if isinstance(answer, HttpResponse):
            return answer
        reasons = answer
    if reasons_not_to_book(order, request.clinic) or order.current_version is None:
        return redirect("series", order.pk)
    context = proposals_for(request, order) | {"order": order, "patient": order.patient, "refused": reasons}
    if not context["to_book"]:
        messages.info(request, _("Nothing is left to book. This is the series as it stands."))
        return redirect("series", order.pk)
    return TemplateResponse(request, "frontdesk/book_series.html", context, status=409 if reasons else 200)


def proposals_for(request: ClinicRequest, order: Order) -> dict[str, object]:
    """The wish form and what it finds now, beside what is kept."""
    now, clinic = timezone.now(), request.clinic
    options = options_of(order, now=now)
    kept = [visit for option in options for visit in option.visits]
    series = read_series(order, now=now, without=[visit.pk for visit in kept])
    form = SeriesWishForm(asked(request) or default_wish(order.patient, clinic), clinic=clinic, series=series)
    how_many = form.cleaned_data["how_many"] if form.is_valid() else None
    if kept:
        series = series_beside(order, options, how_many, now=now)
    count = STARTS_FOUND if (how_many or series.book_by_default) == 1 else FOUND
    waits = waits_for_prescriber(order)
    # What would be refused is not offered; the page says for whom it waits, and how to ask.
    found = (
        SearchResult(())
        if waits
        else propose_beside(
            order=order, clinic=clinic, wish=form.wish, how_many=how_many, count=count, now=now, series=series
        )
    )
    warnings = BookingWarnings(order, clinic, now=now)
    shown = cards(found, clinic, wished=form.wish.time, key=lambda: uuid4().hex, warnings=warnings)
    left_over, review = series.to_book[(how_many or series.book_by_default) :], series.next_closed_review
    return {
        "form": form,
        "to_book": series.to_book,
        "cards": shown,
        "keep_for": KeepWithForm(clinic=clinic, now=now).choices,
        "why_not": found.problems,
        "would_work": [] if shown or waits else would_work(request, order, series, form.wish, how_many, now),
        "options": options,
        "kept": kept,
        "may_keep": len(options) < MOST_OPTIONS,
        "left_over": left_over,
        "review_after": review if review and left_over and left_over[0] > review else None,
        "channels": channels_to(order.patient),
        "word": word_of(order.current_version),
        "waits": waits,
    }


def would_work(
    request: ClinicRequest, order: Order, series: Series, wish: Wish, how_many: int | None, now: datetime
) -> list[WouldWork]:
    """Changes with which something would be found, each tried out."""
    changes = would_work_here(
        order=order, clinic=request.clinic, wish=wish, how_many=how_many, now=now, ends=monotonic() + LOOK_SECONDS,
        clock=monotonic,
    )  # fmt: skip
    return [WouldWork(change, query_with(request.GET, change, series)) for change in changes]


def query_with(query: QueryDict, relaxation: Relaxation, series: Series) -> str:
    """The wish in the address with one change; empty where the change is not the patient's."""
    changed, change = query.copy(), relaxation.change
    if relaxation.rule == "wished_weekdays":
        changed.setlist("weekdays", list(change["weekdays"] or []))
    elif relaxation.rule == "fewer":
        changed["how_many"] = str(sum(number <= change["last"] for number in series.to_book))
    else:
        return ""
    # An empty address would wish what the patient's page says.
    return changed.urlencode() or "time="


def asked(request: HttpRequest) -> QueryDict | None:
    """The wish in the address, whether one looks or books; None where nothing was wished yet."""
    return request.GET or None


def settle_picked(request: ClinicRequest, order: Order) -> HttpResponse | list[WhyNot]:
    """Book or keep what was chosen and lead on to the series, or give the reasons why it can't be had."""
    picked = Picked.from_post(request.POST)
    if picked is None:
        return redirect(request.get_full_path())
    by, now = actor(request), timezone.now()
    settle = keep_picked if request.POST.get("do") == "keep" else book_picked
    try:
        messages.success(request, settle(request, order, picked, by, now))
    except BookingRefused as refusal:
        return refusal.problems
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except KeyUsedOtherwise:
        messages.info(request, _("Something was booked from that page already. This is the series as it stands."))
    return redirect("series", order.pk)


def book_picked(request: ClinicRequest, order: Order, picked: Picked, by: Actor, now: datetime) -> str:
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
    word = word_of(order.current_version)
    numbers = infusions((visit.dose_number for visit in booked if visit.dose_number), word)
    return gettext("%(infusions)s: booked.") % {"infusions": numbers}


def keep_picked(request: ClinicRequest, order: Order, picked: Picked, by: Actor, now: datetime) -> str:
    form = KeepWithForm(request.POST, clinic=request.clinic, now=now)
    until: time | None = form.ends
    held = hold_series(
        order=order,
        clinic=request.clinic,
        picks=picked.picks,
        until=until,
        held_with=form.with_whom,
        repack=picked.repack,
        by=by,
        now=now,
        key=picked.key,
    )
    ends = held[0].held_until
    return gettext("Kept until %(time)s. Nobody is told yet.") % {"time": clock(ends) if ends else ""}


def kept_of(order: Order, ids: list[int]) -> list[Appointment]:
    """Kept times of the order that its page named."""
    return list(Appointment.objects.filter(order=order, pk__in=ids)) if ids else []
