"""Where nothing is found: what would work instead, each a button for whoever may press it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.asking import ask_for
from scheduling.can_come import in_words
from scheduling.can_come_changes import changed_by
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Order, Role
from scheduling.picks import BookingRefused, Pick
from scheduling.would_work import Relaxation
from scheduling.would_work_here import would_work_here
from web.at_clinic import actor, order_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.asking import ASK
from web.frontdesk.picked import read_picks
from web.frontdesk.series_wish import SeriesWishForm
from web.spoken import said, soon

# How long a caller waits to hear what else would work.
LOOK_SECONDS: Final = 1.0
# Kinds of change that a rule with an owner stands against: they can be asked for as they are.
ASKED: Final = {
    "hours": Role.MANAGER,
    "last_end": Role.MANAGER,
    "within_days": Role.PRESCRIBER,
    "per_week": Role.PRESCRIBER,
    "spacing_min": Role.PRESCRIBER,
    "spacing_max": Role.PRESCRIBER,
}
# Those that are settled where staff and chairs are kept.
OF_STAFF: Final = frozenset({"nurse", "prescriber", "in_service"})


@dataclass(frozen=True, slots=True)
class WayOut:
    """A change with which something would be found. One of these is pressed: `words` are the wish that the patient
    agrees to, `ask` says whom `picks` are asked of; `at_staff` leads to staff and chairs."""

    change: Relaxation
    words: str = ""
    ask: str | Promise = ""
    picks: tuple[str, ...] = ()
    at_staff: bool = False
    key: str = ""


def ways_out(request: ClinicRequest, order: Order, form: SeriesWishForm, now: datetime) -> list[WayOut]:
    """Changes with which something would be found, each tried out."""
    changes = would_work_here(
        order=order, clinic=request.clinic, wish=form.can.wish, how_many=form.number, can=form.can, now=now,
        ends=monotonic() + LOOK_SECONDS, clock=monotonic,
    )  # fmt: skip
    return [_way(change, form) for change in changes]


def _way(change: Relaxation, form: SeriesWishForm) -> WayOut:
    agreed = changed_by(form.can, change.change, form.to_book)
    if agreed is not None:
        return WayOut(change, words=in_words(agreed) or " ")
    owner = ASKED.get(change.rule)
    if owner is not None and change.starts:
        picks = tuple(f"{number}@{start.isoformat()}" for number, start in change.starts)
        return WayOut(change, ask=ASK[owner], picks=picks, key=uuid4().hex)
    return WayOut(change, at_staff=change.rule in OF_STAFF)


def ask_way_out(request: ClinicRequest, order_id: int) -> HttpResponse:
    """Ask for a series that a rule stands against; its times are kept until somebody answers."""
    order = order_or_404(request, order_id)
    try:
        picks = [pick for pick in read_picks(request.POST.getlist("pick")) if isinstance(pick, Pick)]
    except ValueError:
        picks = []
    reason, key = request.POST.get("reason", "")[:300], request.POST.get("key", "")[:60]
    if not picks or not key:
        messages.warning(request, _("No time was named, so nothing was asked. Look for times once more."))
        return redirect("book_series", order.pk)
    try:
        asked = ask_for(
            order=order,
            clinic=request.clinic,
            picks=picks,
            reason=reason,
            by=actor(request),
            now=timezone.now(),
            key=key,
        )
    except BookingRefused as refusal:
        messages.warning(request, " ".join(said(problem) for problem in refusal.problems))
        return redirect("book_series", order.pk)
    except KeyUsedOtherwise:
        messages.info(request, _("Something was asked from that page already. These are the questions as they stand."))
        return redirect("questions")
    ends = max((visit.held_until for visit in asked.kept_times.all() if visit.held_until), default=None)
    words = gettext("Asked. The times are kept until %(time)s.")
    messages.success(request, words % {"time": soon(ends, timezone.localdate()) if ends else ""})
    return redirect("questions")
