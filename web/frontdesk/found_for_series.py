"""What is found for a wish: three proposals, or why there is none and what would work, beside what is kept already."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from notifications.words_before_booking import WordsBeforeBooking
from scheduling.booking_warnings import BookingWarnings
from scheduling.models import Order
from scheduling.openings_to_move import propose_beside, series_beside
from scheduling.options import options_of
from scheduling.repeat_misses import waits_for_prescriber
from scheduling.series import read_series
from scheduling.series_terms import SearchResult
from web.current_clinic import ClinicRequest
from web.frontdesk.heard_words import said_back
from web.frontdesk.keep_form import KeepWithForm
from web.frontdesk.kept import kept_options
from web.frontdesk.proposal_cards import FOUND, STARTS_FOUND, cards, with_messages
from web.frontdesk.series import channels_to
from web.frontdesk.series_wish import SeriesWishForm, sent_along
from web.frontdesk.shut_then import shut_then
from web.frontdesk.ways_out import ways_out
from web.spoken import word_of

MOST_OPTIONS = 2


def found_for(request: ClinicRequest, order: Order, data: Any) -> dict[str, Any]:
    """The wish form and what it finds now. Of an order that waits for its prescriber nothing is looked for: what would
    be refused is not offered."""
    now, clinic = timezone.now(), request.clinic
    options = options_of(order, now=now)
    kept = [visit for option in options for visit in option.visits]
    series = read_series(order, now=now, without=[visit.pk for visit in kept])
    form = SeriesWishForm(data, clinic=clinic, series=series)
    how_many = form.number
    if kept:
        series = series_beside(order, options, how_many, now=now)
    number = how_many or series.book_by_default
    waits = waits_for_prescriber(order)
    found = SearchResult(())
    if not waits:
        found = propose_beside(
            order=order, clinic=clinic, wish=form.can.wish, can=form.can, how_many=how_many,
            count=STARTS_FOUND if number == 1 else FOUND, now=now, series=series,
        )  # fmt: skip
    warnings = BookingWarnings(order, clinic, now=now)
    shown = cards(found, clinic, wished=form.can.at, key=lambda: uuid4().hex, warnings=warnings)
    words = WordsBeforeBooking(order.patient, clinic) if shown else None
    left_over, review = series.to_book[number:], series.next_closed_review
    drawn = form.as_it_counts()
    return {
        "form": drawn,
        "asked": form,
        "wished": sent_along(cast("MultiValueDict[str, str]", drawn.data)),
        "to_book": series.to_book,
        "number_to_book": min(number, len(series.to_book)),
        "cards": [with_messages(card, words, series) for card in shown] if words else [],
        "keep_for": KeepWithForm(clinic=clinic, now=now).choices,
        "heard": said_back(form.can),
        "shut": shut_then(form.can, form.heard.named, form.hours),
        "not_understood": form.heard.not_understood,
        "no_such_days": form.heard.no_such_days,
        "why_not": found.problems,
        "ways_out": [] if shown or waits else ways_out(request, order, form, now),
        "kept_options": kept_options(order, clinic, request.user, now=now) if options else [],
        "kept": kept,
        "may_keep": len(options) < MOST_OPTIONS,
        "left_over": left_over,
        "review_after": review if review and left_over and left_over[0] > review else None,
        "channels": channels_to(order.patient, clinic),
        "word": word_of(order.current_version),
        "waits": waits,
    }
