"""Booking a series while the patient is on the telephone: wishes, three proposals, one press, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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

from scheduling.booking import BookingRefused, Pick, book_series
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Clinic, Order
from scheduling.proposals import propose_series, reasons_not_to_book
from scheduling.series import Series, read_series
from scheduling.why_not import WhyNot
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.proposal_cards import cards
from web.frontdesk.series import channels_to
from web.frontdesk.wish_form import WishForm
from web.spoken import infusions

PROPOSALS = 3


class SeriesWishForm(WishForm):
    """When, and how many."""

    how_many = forms.TypedChoiceField(label=_("How many now?"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, clinic: Clinic, series: Series, **kwargs: Any) -> None:
        super().__init__(*args, clinic=clinic, **kwargs)
        to_book = series.to_book
        self.choose("how_many", [(str(n), infusions(to_book[:n])) for n in range(1, len(to_book) + 1)])
        self.fields["how_many"].initial = str(series.book_by_default)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The proposal that was pressed: its infusions and instants, and the key that makes a second press harmless."""

    picks: list[Pick]
    key: str

    @classmethod
    def from_post(cls, post: QueryDict) -> Chosen | None:
        """Reads `pick=number@instant` and `key`; None where the form was tampered with."""
        try:
            pairs = [text.split("@", 1) for text in post.getlist("pick")]
            picks = [Pick(int(number), datetime.fromisoformat(instant)) for number, instant in pairs]
        except ValueError:
            return None
        aware = all(pick.start.tzinfo for pick in picks)
        return cls(picks, post.get("key", "")[:60]) if picks and aware and post.get("key") else None


def book(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Proposals for the wish in the address; a POST books the one that was chosen, or says kindly why not."""
    order = order_or_404(request, order_id)
    reasons: list[WhyNot] = []
    if request.method == "POST":
        answer = book_chosen(request, order)
        if isinstance(answer, HttpResponse):
            return answer
        reasons = answer
    if reasons_not_to_book(order, request.clinic) or order.current_version is None:
        return redirect("series", order.pk)
    context = proposals_for(request, order) | {"order": order, "patient": order.patient, "refused": reasons}
    return TemplateResponse(request, "frontdesk/book_series.html", context, status=409 if reasons else 200)


def proposals_for(request: ClinicRequest, order: Order) -> dict[str, object]:
    """The wish form and what it finds now."""
    now = timezone.now()
    series = read_series(order, now=now)
    form = SeriesWishForm(asked(request), clinic=request.clinic, series=series)
    how_many = form.cleaned_data["how_many"] if form.is_valid() else None
    found = propose_series(
        order=order, clinic=request.clinic, wish=form.wish, how_many=how_many, count=PROPOSALS, now=now
    )
    return {
        "form": form,
        "cards": cards(found.proposals, key=lambda: uuid4().hex),
        "why_not": found.problems,
        "left_over": series.to_book[(how_many or series.book_by_default) :],
        "review_after": series.next_closed_review,
        "channels": channels_to(order.patient),
    }


def asked(request: HttpRequest) -> QueryDict | None:
    """The wish in the address, whether one looks or books; None where nothing was wished yet."""
    return request.GET or None


def book_chosen(request: ClinicRequest, order: Order) -> HttpResponse | list[WhyNot]:
    """Book what was chosen and lead on to the series, or give the reasons why it can't be had."""
    chosen = Chosen.from_post(request.POST)
    if chosen is None:
        return redirect(request.get_full_path())
    by, now = actor(request), timezone.now()
    try:
        booked = book_series(order=order, clinic=request.clinic, picks=chosen.picks, by=by, now=now, key=chosen.key)
    except BookingRefused as refusal:
        return refusal.problems
    except KeyUsedOtherwise:
        messages.info(request, _("Something was booked from that page already. This is the series as it stands."))
    else:
        numbers = infusions(visit.dose_number for visit in booked if visit.dose_number)
        messages.success(request, gettext("%(infusions)s: booked.") % {"infusions": numbers})
    return redirect("series", order.pk)
