"""The board: one clinic day at a glance, as a grid of chairs or as a list; it stays up to date by asking."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from scheduling.clinic_time import ClinicTime
from web.current_clinic import ClinicRequest
from web.frontdesk.board_day import VIEWS, Asked, draw, version_of
from web.frontdesk.board_names import shows_initials
from web.live import nothing_new


def board(request: ClinicRequest) -> TemplateResponse:
    """A day of the clinic: today, or `?day=YYYY-MM-DD`; as chairs, or `?view=list`."""
    now = timezone.now()
    asked = asked_of(request, now)
    context = {
        "asked": asked,
        "day": asked.day,
        "view": asked.view,
        "drawn": draw(asked, now),
        "day_before": asked.day - timedelta(days=1),
        "day_after": asked.day + timedelta(days=1),
        "is_today": asked.day == ClinicTime(request.clinic.time_zone).local_day(now),
        "now": now,
    }
    return TemplateResponse(request, "frontdesk/board.html", context)


def board_changes(request: ClinicRequest) -> HttpResponse:
    """The day again when it is no longer as in `?version=`, else 204."""
    now = timezone.now()
    asked = asked_of(request, now)
    if request.GET.get("version") == version_of(asked, now):
        return nothing_new()
    return TemplateResponse(request, "frontdesk/board_changes.html", {"drawn": draw(asked, now)})


def asked_of(request: ClinicRequest, now: datetime) -> Asked:
    """What the address and this browser ask for. A phone shows the list where nothing else is said."""
    view = request.GET.get("view", "")
    if view not in VIEWS:
        view = "list" if "Mobi" in request.headers.get("User-Agent", "") else "chairs"
    return Asked(request.clinic, asked_day(request, now), view, by_initials=shows_initials(request))


def asked_day(request: ClinicRequest, now: datetime) -> date:
    """The day in the address, else today at the clinic; nonsense and the far ends of the calendar mean today."""
    today = ClinicTime(request.clinic.time_zone).local_day(now)
    try:
        wanted = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today
    return wanted if abs(wanted - today) < timedelta(days=3650) else today
