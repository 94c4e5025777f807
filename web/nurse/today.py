"""The nurse's day: who is expected, who is here, and one button for what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.template.response import TemplateResponse
from django.utils import timezone

from scheduling.clinic_time import ClinicTime
from scheduling.models import PATIENT_IS_THERE, Appointment, Status
from scheduling.permissions import may
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.board_rows import read_day, seats_of
from web.nurse.chairs import lacks_chair
from web.spoken import look_alikes, short_birth_date, visit_name
from web.visit_steps import next_step, next_words


@dataclass(frozen=True, slots=True)
class Row:
    """One visit of today with its next step; `alike` is the birth date where names are easily mixed up. `waits`: it
    has no chair, or nobody said in which one the patient is."""

    visit: Appointment
    what: str
    chair: str
    alike: str
    step: Status | None
    step_words: str
    waits: bool
    lacks_chair: bool
    is_here: bool


def today(request: ClinicRequest) -> TemplateResponse:
    """Today's visits: those without a chair, those who are here, those to come, those who were here."""
    now = timezone.now()
    day = ClinicTime(request.clinic.time_zone).local_day(now)
    rows = rows_of(request, now=now, day=day)
    context = {
        "day": day,
        "may_name": may(actor(request), "post.name"),
        "waiting": [row for row in rows if row.waits],
        "here": [row for row in rows if row.is_here and not row.waits],
        "to_come": [row for row in rows if row.visit.status == Status.BOOKED and not row.waits],
        "over": [row for row in rows if row.visit.status not in (*PATIENT_IS_THERE, Status.BOOKED, Status.HELD)],
    }
    return TemplateResponse(request, "nurse/today.html", context)


def rows_of(request: ClinicRequest, *, now: datetime, day: date) -> list[Row]:
    """The visits of a day in order of time."""
    rows = read_day(clinic=request.clinic, day=day, now=now)
    chairs = {chair.pk: chair.name for chair, _absences in rows.chairs}
    alike = look_alikes({visit.patient_id: visit.patient for visit in rows.visits}.values())
    return [
        Row(
            visit=visit,
            what=visit_name(visit),
            chair=next((chairs[seat] for seat in seats_of(visit) if seat in chairs), ""),
            alike=short_birth_date(visit.patient.birth_date)
            if visit.patient_id in alike and visit.patient.birth_date
            else "",
            step=next_step(visit),
            step_words=next_words(visit),
            waits=visit.live and not visit.is_placed and visit.status != Status.HELD,
            lacks_chair=lacks_chair(visit),
            is_here=visit.status in PATIENT_IS_THERE,
        )
        for visit in rows.visits
    ]
