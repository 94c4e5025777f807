"""The board: one clinic day at a glance, as a grid of chairs or as a list; it stays up to date by asking."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from scheduling.clinic_time import ClinicTime
from web.current_clinic import ClinicRequest
from web.frontdesk.board_layout import lay_out
from web.frontdesk.board_rows import read_day
from web.live import day_version, nothing_new

VIEWS = ("chairs", "list")


def board(request: ClinicRequest) -> TemplateResponse:
    """A day of the clinic: today, or `?day=YYYY-MM-DD`; as chairs, or `?view=list`."""
    now = timezone.now()
    day = asked_day(request, now)
    context = day_context(request, day, now) | {
        "day_before": day - timedelta(days=1),
        "day_after": day + timedelta(days=1),
        "is_today": day == ClinicTime(request.clinic.time_zone).local_day(now),
    }
    return TemplateResponse(request, "frontdesk/board.html", context)


def board_changes(request: ClinicRequest) -> HttpResponse:
    """The day again when it is no longer as in `?version=`, else 204."""
    now = timezone.now()
    day = asked_day(request, now)
    if request.GET.get("version") == version_of(request, day, now):
        return nothing_new()
    return TemplateResponse(request, "frontdesk/board_changes.html", day_context(request, day, now))


def day_context(request: ClinicRequest, day: date, now: datetime) -> dict[str, object]:
    """What the changing part of the page shows. The version is read first: what changes meanwhile comes next time."""
    version = version_of(request, day, now)
    shown = lay_out(read_day(clinic=request.clinic, day=day, now=now), now=now)
    view = request.GET.get("view", "")
    return {"board": shown, "day": day, "version": version, "view": view if view in VIEWS else VIEWS[0]}


def version_of(request: ClinicRequest, day: date, now: datetime) -> str:
    """The version of the clinic's day."""
    return day_version(request.clinic, ClinicTime(request.clinic.time_zone).day_bounds(day), now)


def asked_day(request: ClinicRequest, now: datetime) -> date:
    """The day in the address, else today at the clinic; nonsense and the far ends of the calendar mean today."""
    today = ClinicTime(request.clinic.time_zone).local_day(now)
    try:
        wanted = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today
    return wanted if abs(wanted - today) < timedelta(days=3650) else today
