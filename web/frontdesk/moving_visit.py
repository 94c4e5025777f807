"""Moving one visit: the free times it could have, and what one of them would do, before a button writes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.models import Appointment, Status
from scheduling.openings_to_move import openings_to_move
from scheduling.typed_numbers import read_number
from scheduling.visit_steps import ChangedMeanwhile
from scheduling.why_not import WhyNot
from web.at_clinic import visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.free_times import LOOKED_AT, by_day
from web.frontdesk.move_confirm import confirm_context
from web.frontdesk.move_writing import move_to, move_with_rest
from web.frontdesk.other_time import OtherTimeForm, instant_from
from web.frontdesk.over_meanwhile import over_meanwhile
from web.frontdesk.panel import answer
from web.frontdesk.wish_form import WishForm
from web.spoken import visit_name


def move_visit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Free times for a booked visit; with a `start`, or a day and time, what that would do; a POST moves it there.

    A POST that can't be had shows why, keeps what was typed, and whoever changed the visit meanwhile is named.
    """
    shown = visit_or_404(request, visit_id)
    start, other = asked_start(request)
    if shown.status != Status.BOOKED:
        return over_meanwhile(request, shown, start, version_of(request))
    if start is None:
        return free_times(request, shown, other)
    problems: Sequence[WhyNot] = ()
    if request.method == "POST":
        try:
            became = write(request, shown, start)
        except ChangedMeanwhile:
            shown = visit_or_404(request, visit_id)
        else:
            if isinstance(became, HttpResponse):
                return became
            problems = became
    context = confirm_context(request, shown, start, seen_version=version_of(request), refused=problems)
    status = 409 if request.method == "POST" else 200
    return answer(request, "frontdesk/move_confirm.html", context, title=_("Move a visit"), status=status)


def free_times(request: ClinicRequest, shown: Appointment, other: OtherTimeForm) -> HttpResponse:
    """The next days with free times, as wished, and a form for another time."""
    wish = WishForm(request.GET or None, clinic=request.clinic)
    found = openings_to_move(appointment=shown, wish=wish.wish, count=LOOKED_AT, now=timezone.now())
    context = {
        "visit": shown,
        "what": visit_name(shown),
        "wish": wish,
        "days": by_day(found, without=shown.period.lower),
        "why_not": found.problems,
        "other": other,
    }
    return answer(request, "frontdesk/move.html", context, title=_("Move a visit"))


def asked_start(request: ClinicRequest) -> tuple[datetime | None, OtherTimeForm]:
    """The start that was pressed or dropped at, or the day and time that were said; None for neither, and the form says
    why."""
    said = request.POST if request.method == "POST" else request.GET
    if "start" in said:
        return instant_from(said["start"]), OtherTimeForm(clinic=request.clinic)
    if request.method != "POST" and "day" not in said:
        return None, OtherTimeForm(clinic=request.clinic)
    other = OtherTimeForm(said, clinic=request.clinic)
    return (other.cleaned_data["start"] if other.is_valid() else None), other


def version_of(request: ClinicRequest) -> int | None:
    """The version that the page, or the board, had seen."""
    return read_number((request.POST if request.method == "POST" else request.GET).get("row_version", ""))


def write(request: ClinicRequest, shown: Appointment, start: datetime) -> HttpResponse | Sequence[WhyNot]:
    """Move it, alone or with the rest, or ask for it; or why that can't be had. Refuses with ChangedMeanwhile."""
    if request.POST.get("do") == "rest":
        return move_with_rest(request, shown, version_of(request))
    return move_to(request, shown, start, version_of(request))
