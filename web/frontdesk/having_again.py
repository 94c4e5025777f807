"""A visit that was cancelled or missed is to be had after all: at its old time, else at one of the nearest."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.booking import book_series, book_visit
from scheduling.clinic_time import ClinicTime
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Appointment, Status
from scheduling.openings_to_move import nearest_openings
from scheduling.picks import BookingRefused, pick_of
from scheduling.restoring import un_cancel, un_no_show
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.why_not import WhyNot
from web.at_clinic import actor, version_sent, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.free_times import days_of
from web.frontdesk.other_time import instant_from
from web.spoken import clock, long_day, visit_name
from web.visit_steps import words_for_refusal

NEAREST = 6


def can_be_had_again(visit: Appointment, now: datetime) -> bool:
    """Whether the old time may be asked for: until the visit's own day is over."""
    wall = ClinicTime(visit.time_zone)
    over = wall.local_day(visit.period.lower) < wall.local_day(now)
    return visit.status in (Status.CANCELLED, Status.NO_SHOW) and not over


def visit_again(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Ask once more, then book the visit again as it was; where that can't be had, the nearest free times."""
    shown, now = visit_or_404(request, visit_id), timezone.now()
    if not can_be_had_again(shown, now):
        messages.warning(request, words_for_refusal(NotPossibleFromHere(shown.status)))
        return redirect("visit", shown.pk)
    reasons: list[WhyNot] = []
    if request.method == "POST":
        answer = book_again(request, shown, now)
        if isinstance(answer, HttpResponse):
            return answer
        reasons = answer
    nearest = nearest_openings(appointment=shown, count=NEAREST, now=now) if reasons else []
    context = {
        "visit": shown,
        "what": visit_name(shown),
        "was_missed": shown.status == Status.NO_SHOW,
        "reasons": reasons,
        "days": days_of(nearest),
        "hidden": [("row_version", shown.row_version), ("key", uuid4().hex)],
    }
    return TemplateResponse(request, "frontdesk/again.html", context, status=409 if reasons else 200)


def book_again(request: ClinicRequest, shown: Appointment, now: datetime) -> HttpResponse | list[WhyNot]:
    """The old time, or the start that was pressed; leads on to the visit, or gives the reasons why it can't be had."""
    post, start = request.POST, instant_from(request.POST.get("start", ""))
    key = post.get("key", "")[:60]
    try:
        if start is not None:
            visit = book_anew(request, shown, start, key, now)
        else:
            take_back = un_cancel if shown.status == Status.CANCELLED else un_no_show
            visit = take_back(appointment=shown, row_version=version_sent(request), by=actor(request), now=now, key=key)
    except BookingRefused as refusal:
        return refusal.problems
    except ChangedMeanwhile:
        messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except KeyUsedOtherwise:
        messages.info(request, _("Something was booked from that page already. Here is what stands."))
    else:
        at = visit.period.lower
        words = gettext("Booked again: %(day)s at %(time)s.")
        messages.success(request, words % {"day": long_day(at), "time": clock(at)})
        return redirect("visit", visit.pk)
    return redirect("visit", shown.pk)


def book_anew(request: ClinicRequest, shown: Appointment, start: datetime, key: str, now: datetime) -> Appointment:
    """A new visit in place of one that is over: the same infusion, review or kind of visit. Refuses as booking does."""
    by, clinic = actor(request), request.clinic
    if shown.order is not None:
        picks, repack = [pick_of(shown, start)], request.POST.get("repack") == "1"
        return book_series(order=shown.order, clinic=clinic, picks=picks, repack=repack, by=by, now=now, key=key)[0]
    if shown.visit_type is None:
        raise NotPossibleFromHere(shown.status)
    return book_visit(
        patient=shown.patient, clinic=clinic, visit_type=shown.visit_type, start=start, by=by, now=now, key=key
    )
