"""Writing a move that somebody confirmed: one visit, one with the rest, or asking whoever may allow it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.asking import ask_to_move
from scheduling.booking_warnings import BookingWarnings
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Appointment
from scheduling.moving import move
from scheduling.moving_rest import move_rest
from scheduling.overrides import Allowed
from scheduling.picks import BookingRefused
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.why_not import WhyNot
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.over_meanwhile import over_meanwhile
from web.frontdesk.picked import Picked
from web.spoken import clock, infusions, long_date, said, word_of
from web.visit_steps import words_for_refusal

MOVED_ALREADY = _("The visit was moved from that page already. It is shown as it is now.")


def move_to(
    request: ClinicRequest, shown: Appointment, start: datetime, row_version: int | None
) -> HttpResponse | Sequence[WhyNot]:
    """Move the visit and lead back to it, or ask for it; or why it can't be had. Refuses with ChangedMeanwhile."""
    post, by, now = request.POST, actor(request), timezone.now()
    reason, key = post.get("reason", "")[:300], post.get("key", "")[:60]
    try:
        if post.get("do") == "ask":
            version = shown.row_version if row_version is None else row_version
            ask_to_move(appointment=shown, start=start, reason=reason, row_version=version, by=by, now=now, key=key)
            messages.success(request, _("Asked. The visit stays where it is until that is allowed."))
            return redirect("questions")
        moved = move(
            appointment=shown,
            start=start,
            row_version=row_version,
            allow=[Allowed(rule, reason) for rule in post.getlist("rule")],
            repack=post.get("repack") == "1",
            by=by,
            now=now,
            key=key,
        )
    except BookingRefused as refusal:
        return refusal.problems
    except NotPossibleFromHere:
        return over_meanwhile(request, visit_or_404(request, shown.pk), start, row_version)
    except KeyUsedOtherwise:
        messages.info(request, MOVED_ALREADY)
    else:
        at = moved.period.lower
        messages.success(request, gettext("Moved to %(day)s at %(time)s.") % {"day": long_date(at), "time": clock(at)})
        warn_of_lacks(request, moved, now)
    return redirect("visit", shown.pk)


def move_with_rest(
    request: ClinicRequest, shown: Appointment, row_version: int | None
) -> HttpResponse | Sequence[WhyNot]:
    """Move the visit with all that is booked behind it, or why that can't be had. Refuses with ChangedMeanwhile."""
    picked = Picked.from_post(request.POST)
    if picked is None or shown.order is None or shown.dose_number is None:
        return ()
    if row_version not in (None, shown.row_version):
        raise ChangedMeanwhile
    try:
        moved = move_rest(
            order=shown.order,
            from_number=shown.dose_number,
            picks=picked.picks,
            by=actor(request),
            now=timezone.now(),
            key=picked.key,
        )
    except BookingRefused as refusal:
        return refusal.problems
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except KeyUsedOtherwise:
        messages.info(request, MOVED_ALREADY)
    else:
        word = word_of(shown.order.current_version)
        numbers = infusions((visit.dose_number for visit in moved if visit.dose_number), word)
        messages.success(request, gettext("%(infusions)s: moved.") % {"infusions": numbers})
    return redirect("visit", shown.pk)


def warn_of_lacks(request: ClinicRequest, moved: Appointment, now: datetime) -> None:
    """Say what the visit will lack on its new day, such as an authorisation that ends before."""
    if moved.order and moved.dose_number:
        warnings = BookingWarnings(moved.order, request.clinic, instead_of=[moved.pk], now=now)
        for warning in warnings.at({moved.dose_number: moved.period.lower}):
            messages.warning(request, capfirst(said(warning)))
