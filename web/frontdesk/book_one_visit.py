"""One visit of a proposal at another time, in place: the other free times, each with what it does to the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.words_before_booking import WordsBeforeBooking
from scheduling.booking_warnings import BookingWarnings
from scheduling.models import Order
from scheduling.one_changed import NotOfThisSeries, OtherTime, as_proposal, other_times
from scheduling.options import options_of
from scheduling.picks import AnyPick, Pick
from scheduling.proposals import reasons_not_to_book
from scheduling.series import read_series
from web.at_clinic import order_or_404
from web.current_clinic import ClinicRequest
from web.fragments import lead_to
from web.frontdesk.free_times import TIMES_A_DAY
from web.frontdesk.keep_form import KeepWithForm
from web.frontdesk.picked import read_picks
from web.frontdesk.proposal_cards import ProposalCard, card_of, picks_of, with_messages
from web.frontdesk.series_wish import SeriesWishForm, asked, sent_along
from web.spoken import infusion, infusions, long_day, short_day, word_of


@dataclass(frozen=True, slots=True)
class TimeShown:
    """A button: the time, what it sends, and what becomes of the others where they don't stay."""

    start: object
    sends: str
    effect: str = ""
    repack: bool = False


def change_one(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Other free times of the infusion `number` among the picks that were sent; with `to`, the proposal as changed."""
    order = order_or_404(request, order_id)
    if reasons_not_to_book(order, request.clinic) or order.current_version is None:
        return lead_to(request, "series", order.pk)
    try:
        picks = read_picks(request.POST.getlist("pick"))
        number = int(request.POST.get("number", ""))
        if "to" in request.POST:
            return changed_proposal(request, order, picks, read_picks(request.POST["to"].split("|")), number)
        return times_for(request, order, picks, number)
    except (ValueError, NotOfThisSeries):
        words = _("Those times are not of this series, or not any more. Nothing was changed: these are its times now.")
        messages.warning(request, words)
        return lead_to(request, "book_series", order.pk)


def times_for(request: ClinicRequest, order: Order, picks: Sequence[AnyPick], number: int) -> HttpResponse:
    now, word = timezone.now(), word_of(order.current_version)
    series = read_series(order, now=now)
    form = SeriesWishForm(asked(request, order), clinic=request.clinic, series=series)
    found = other_times(order=order, clinic=request.clinic, picks=picks, number=number, can=form.can, now=now)
    context = {
        "order": order,
        "patient": order.patient,
        "number": number,
        "card_number": card_number(request),
        "what": infusion(number, word),
        "picks": request.POST.getlist("pick"),
        "wished": sent_along(request.POST),
        "days": [(day, shown(times, picks, word)) for day, times in days_of(found)],
    }
    return answer(request, "frontdesk/book_other_times.html", context)


def days_of(found: Sequence[OtherTime]) -> list[tuple[date, list[OtherTime]]]:
    by_day = groupby(found, key=lambda one: timezone.localdate(one.start))
    return [(day, spread(list(times))) for day, times in by_day]


def spread(times: list[OtherTime]) -> list[OtherTime]:
    """A handful of a day's times, first and last among them."""
    if len(times) <= TIMES_A_DAY:
        return times
    return [times[round(index * (len(times) - 1) / (TIMES_A_DAY - 1))] for index in range(TIMES_A_DAY)]


def shown(times: Sequence[OtherTime], picks: Sequence[AnyPick], word: str) -> list[TimeShown]:
    return [
        TimeShown(one.start, "|".join(picks_of(one.proposal)), effect(one, picks, word), has_moves(one))
        for one in times
    ]


def has_moves(one: OtherTime) -> bool:
    return any(visit.moves for visit in one.proposal.visits)


def effect(one: OtherTime, picks: Sequence[AnyPick], word: str) -> str:
    """Infusions 4–6 move, too; the last one is on Fri, Dec 18."""
    if not one.moved:
        return ""
    before = max(pick.start for pick in picks if isinstance(pick, Pick))
    last = one.proposal.finish_date
    moves = gettext("%(infusions)s: moved along.") % {"infusions": infusions(one.moved, word)}
    if last == timezone.localdate(before):
        return f"{moves} {gettext('The series ends on the same day.')}"
    return f"{moves} {gettext('The last one is on %(day)s then.') % {'day': short_day(last)}}"


def changed_proposal(
    request: ClinicRequest, order: Order, before: Sequence[AnyPick], picks: Sequence[AnyPick], number: int
) -> HttpResponse:
    """The proposal with the time that was pressed, to be read out and booked as any other."""
    now, clinic = timezone.now(), request.clinic
    proposal = as_proposal(order=order, clinic=clinic, picks=picks, now=now)
    options = options_of(order, now=now)
    kept = [visit for option in options for visit in option.visits]
    series = read_series(order, now=now, without=[visit.pk for visit in kept])
    words = WordsBeforeBooking(order.patient, clinic)
    card = card_of(proposal, key=uuid4().hex, warnings=BookingWarnings(order, clinic, now=now))
    card = with_messages(card, words, series)
    context = {
        "order": order,
        "patient": order.patient,
        "card": with_change(card, before, picks, number, word_of(order.current_version)),
        "number": card_number(request),
        "first": True,
        "to_first": True,
        "kept": kept,
        "may_keep": len(options) < 2,
        "keep_for": KeepWithForm(clinic=clinic, now=now).choices,
        "wished": sent_along(request.POST),
        "word": word_of(order.current_version),
        "on_the_phone": True,
        "may_repack": request.POST.get("repack") == "1",
    }
    return answer(request, "frontdesk/proposal.html", context)


def with_change(
    card: ProposalCard, before: Sequence[AnyPick], picks: Sequence[AnyPick], number: int, word: str
) -> ProposalCard:
    """The card, saying what was changed."""
    was = {pick.number: pick.start for pick in before if isinstance(pick, Pick)}
    now = {pick.number: pick.start for pick in picks if isinstance(pick, Pick)}
    moved = [other for other, start in now.items() if other != number and was.get(other) != start]
    said = gettext("%(infusion)s is on %(day)s now.") % {
        "infusion": infusion(number, word), "day": long_day(now.get(number, timezone.now())),
    }  # fmt: skip
    if moved:
        said = f"{said} {gettext('%(infusions)s: moved along.') % {'infusions': infusions(moved, word)}}"
    return card.changed_by(said)


def card_number(request: ClinicRequest) -> str:
    """Which of the proposals on the page it is."""
    said = request.POST.get("card", "")
    return said if said in ("1", "2", "3") else "1"


def answer(request: ClinicRequest, fragment: str, context: dict[str, object]) -> HttpResponse:
    """The fragment in its place, or on a page of its own where there is no script."""
    if request.htmx:
        return TemplateResponse(request, fragment, context)
    return TemplateResponse(
        request, "frontdesk/book_one_visit.html", context | {"fragment": fragment, "by_itself": True}
    )
