"""Moving one visit: the free times it could have, or another one that a rule stands against, with one press."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.asking import ask_to_move
from scheduling.booking_warnings import BookingWarnings
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Appointment, Status
from scheduling.moving import move
from scheduling.openings_to_move import openings_to_move
from scheduling.overrides import Allowed, owner_of
from scheduling.picks import BookingRefused
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.why_not import WhyNot
from scheduling.why_not_then import in_more_words, why_not_there
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.asking import ASK
from web.frontdesk.free_times import LOOKED_AT, by_day
from web.frontdesk.other_time import OtherTimeForm, instant_from
from web.frontdesk.wish_form import WishForm
from web.spoken import clock, long_day, said, visit_name
from web.visit_steps import words_for_refusal


def move_visit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Free times for a booked visit; a POST moves it to one of them, to a day and time, or says why it can't be had."""
    shown = visit_or_404(request, visit_id)
    if shown.status != Status.BOOKED:
        messages.warning(request, words_for_refusal(NotPossibleFromHere(shown.status)))
        return redirect("visit", shown.pk)
    reasons: list[WhyNot] = []
    start, other = None, OtherTimeForm(clinic=request.clinic)
    if request.method == "POST":
        start, other = asked_start(request)
        if start is not None:
            answer = move_to(request, shown, start)
            if isinstance(answer, HttpResponse):
                return answer
            reasons = answer
    wish = WishForm(request.GET or None, clinic=request.clinic)
    found = openings_to_move(appointment=shown, wish=wish.wish, count=LOOKED_AT, now=timezone.now())
    owner = owner_of(reasons)
    context = {
        "visit": shown,
        "what": visit_name(shown),
        "wish": wish,
        "days": by_day(found, without=shown.period.lower),
        "why_not": found.problems,
        "reasons": reasons,
        "said": in_words(shown, start, reasons),
        "start": start,
        "owner": owner.label if owner else "",
        "ask_words": ASK.get(owner, "") if owner else "",
        "may_allow": owner in request.membership_roles,
        "rules": sorted({problem.rule for problem in reasons}),
        "other": other,
        "hidden": [("row_version", shown.row_version), ("key", uuid4().hex)],
    }
    return TemplateResponse(request, "frontdesk/move.html", context, status=409 if reasons else 200)


def in_words(shown: Appointment, start: datetime | None, reasons: list[WhyNot]) -> tuple[WhyNot, ...]:
    """The reasons with who is taken until when, and what works instead."""
    if start is None or not reasons:
        return ()
    return in_more_words(reasons, why_not_there(appointment=shown, start=start, now=timezone.now()))


def asked_start(request: ClinicRequest) -> tuple[datetime | None, OtherTimeForm]:
    """The start that was pressed, or the day and time that were said; None for neither, and the form says why."""
    if "start" in request.POST:
        return instant_from(request.POST["start"]), OtherTimeForm(clinic=request.clinic)
    other = OtherTimeForm(request.POST, clinic=request.clinic)
    return (other.cleaned_data["start"] if other.is_valid() else None), other


def warn_of_lacks(request: ClinicRequest, moved: Appointment, now: datetime) -> None:
    """Say what the visit will lack on its new day, such as an authorisation that ends before."""
    if moved.order and moved.dose_number:
        warnings = BookingWarnings(moved.order, request.clinic, instead_of=[moved.pk], now=now)
        for warning in warnings.at({moved.dose_number: moved.period.lower}):
            messages.warning(request, capfirst(said(warning)))


def move_to(request: ClinicRequest, shown: Appointment, start: datetime) -> HttpResponse | list[WhyNot]:
    """Move the visit and lead back to it, or ask for it, or give the reasons why it can't be had."""
    post, by, now = request.POST, actor(request), timezone.now()
    reason, key = post.get("reason", "")[:300], post.get("key", "")[:60]
    version = int(post["row_version"]) if post.get("row_version", "").isdecimal() else shown.row_version
    try:
        if post.get("do") == "ask":
            ask_to_move(appointment=shown, start=start, reason=reason, row_version=version, by=by, now=now, key=key)
            messages.success(request, _("Asked. The visit stays where it is until that is allowed."))
            return redirect("questions")
        moved = move(
            appointment=shown,
            start=start,
            row_version=version,
            allow=[Allowed(rule, reason) for rule in post.getlist("rule")],
            repack=post.get("repack") == "1",
            by=by,
            now=now,
            key=key,
        )
    except BookingRefused as refusal:
        return refusal.problems
    except ChangedMeanwhile:
        messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
        return redirect("visit_move", shown.pk)
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except KeyUsedOtherwise:
        messages.info(request, _("The visit was moved from that page already. It is shown as it is now."))
    else:
        at = moved.period.lower
        messages.success(request, gettext("Moved to %(day)s at %(time)s.") % {"day": long_day(at), "time": clock(at)})
        warn_of_lacks(request, moved, now)
    return redirect("visit", shown.pk)
