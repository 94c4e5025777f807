"""The nurse's day: what comes next, who is here and for how long, who is expected, and one button for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from scheduling.clinic_time import ClinicTime, minutes_between
from scheduling.intervals import Interval
from scheduling.models import PATIENT_IS_THERE, Appointment, Status, VisitCheck, VisitKind
from scheduling.permissions import may
from scheduling.step_demands import leave_blockers
from scheduling.stopped_starts import stop_of
from scheduling.visit_checks import latest_checks
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.board_rows import parts_of, read_day, seats_of
from web.live import day_version, nothing_new, version_of_rows
from web.nurse.chairs import lacks_chair
from web.nurse.next_things import Seen, next_things
from web.nurse.taking_back import last_step
from web.nurse.timers import Timer, timer_of
from web.spoken import look_alikes, short_birth_date, visit_name
from web.visit_steps import next_step, next_words


@dataclass(frozen=True, slots=True)
class Row:
    """One visit of today with its next step; `alike` is the birth date where names are easily mixed up. `waits`: it
    has no chair, or nobody said in which one the patient is. `asks`: the step asks something, on a page of its own."""

    visit: Appointment
    what: str
    chair: str
    alike: str
    step: Status | None
    step_words: str
    asks: bool
    waits: bool
    lacks_chair: bool
    is_here: bool
    timer: Timer | None


def today(request: ClinicRequest) -> TemplateResponse:
    """Today's visits: those without a chair, those who are here, those to come, those who were here."""
    now = timezone.now()
    return TemplateResponse(request, "nurse/today.html", context_of(request, now))


def today_changes(request: ClinicRequest) -> HttpResponse:
    """The changing part again when it is no longer as in `?version=`, else 204."""
    now = timezone.now()
    if request.GET.get("version") == version_of(request, now):
        return nothing_new()
    return TemplateResponse(request, "nurse/today_day.html", context_of(request, now))


def version_of(request: ClinicRequest, now: datetime) -> str:
    """A word that changes with the day's visits, and every minute, for the timers."""
    bounds = ClinicTime(request.clinic.time_zone).day_bounds(timezone.localdate(now))
    return f"{day_version(request.clinic, bounds, now)}-{minute_of(bounds, now)}"


def minute_of(day: Interval, now: datetime) -> int:
    """Which minute of the day it is."""
    return minutes_between(day.start, now)


def context_of(request: ClinicRequest, now: datetime) -> dict[str, object]:
    """What the page shows. Six queries with the mark of what is urgent while nobody has come, nine then."""
    day, by = timezone.localdate(now), actor(request)
    visits = read_day(clinic=request.clinic, day=day, now=now)
    chairs = {chair.pk: chair.name for chair in visits.chairs}
    here = [visit for visit in visits.visits if visit.status in PATIENT_IS_THERE]
    known = latest_checks([visit.pk for visit in here]) if here else {}
    rows = rows_of(visits.visits, chairs, known, now=now)
    seen = [Seen(row.visit, row.chair, parts_of(row.visit), stop_of(row.visit)) for row in rows]
    return {
        "day": day,
        "version": f"{version_of_rows(visits.visits, visits.bounds, now)}-{minute_of(visits.bounds, now)}",
        "now": now,
        "may_name": may(by, "post.name"),
        "next": next_things(seen, known, now=now),
        "last": last_step(request, visits.visits, now),
        "waiting": [row for row in rows if row.waits],
        "here": [row for row in rows if row.is_here and not row.waits],
        "to_come": [row for row in rows if row.visit.status == Status.BOOKED and not row.waits],
        "over": [row for row in rows if row.visit.status not in (*PATIENT_IS_THERE, Status.BOOKED, Status.HELD)],
    }


def rows_of(
    visits: Collection[Appointment],
    chairs: Mapping[int, str],
    known: Mapping[tuple[int, str], VisitCheck],
    *,
    now: datetime,
) -> list[Row]:
    """The visits of a day in order of time."""
    alike = look_alikes({visit.patient_id: visit.patient for visit in visits}.values())
    rows = []
    for visit in visits:
        step, born = next_step(visit, stop_of(visit), now), visit.patient.birth_date
        rows.append(
            Row(
                visit=visit,
                what=visit_name(visit),
                chair=next((chairs[seat] for seat in seats_of(visit) if seat in chairs), ""),
                alike=short_birth_date(born) if visit.patient_id in alike and born else "",
                step=step,
                step_words=next_words(visit, step),
                asks=asks(visit, step, known, now),
                waits=visit.live and not visit.is_placed and visit.status != Status.HELD,
                lacks_chair=lacks_chair(visit),
                is_here=visit.status in PATIENT_IS_THERE,
                timer=timer_of(visit, parts_of(visit), now=now),
            )
        )
    return rows


def asks(visit: Appointment, step: Status | None, known: Mapping[tuple[int, str], VisitCheck], now: datetime) -> bool:
    """Whether the step is not one press, because something is looked at with it or stands in its way."""
    if step in (Status.ARRIVED, Status.INFUSING):
        return True
    return step == Status.COMPLETED and visit.kind == VisitKind.INFUSION and bool(leave_blockers(visit, known, at=now))
