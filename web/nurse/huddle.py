"""The next day at a glance, for the talk before work: who lacks what, who comes for the first time, who has no ride."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.template.response import TemplateResponse
from django.utils import timezone

from notifications.models import RideHome
from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Clinic, Status
from scheduling.readiness import Stands
from scheduling.step_demands import demands_of
from web.current_clinic import ClinicRequest
from web.frontdesk.board import asked_day
from web.frontdesk.board_rows import read_day
from web.readiness_words import waiting_for
from web.spoken import look_alikes, short_birth_date, visit_name


@dataclass(frozen=True, slots=True)
class Row:
    """One visit of the day. `lacks`: what it waits for; `no_ride`: its order asks who drives home, and nobody said."""

    visit: Appointment
    what: str
    alike: str
    is_first: bool
    no_ride: bool
    lacks: tuple[Stands, ...]


def huddle(request: ClinicRequest) -> TemplateResponse:
    """The day in the address, else the next one on which anybody is booked."""
    now = timezone.now()
    day = asked_day(request, now) if "day" in request.GET else next_day(request.clinic, now)
    rows = rows_of(request, day, now)
    context = {
        "day": day,
        "day_before": day - timedelta(days=1),
        "day_after": day + timedelta(days=1),
        "rows": rows,
        "counts": {
            "visits": len(rows),
            "first": sum(row.is_first for row in rows),
            "lack": sum(bool(row.lacks) for row in rows),
            "no_ride": sum(row.no_ride for row in rows),
            "open": sum(not row.visit.confirmed_at and not row.visit.is_tentative for row in rows),
        },
    }
    return TemplateResponse(request, "nurse/huddle.html", context)


def next_day(clinic: Clinic, now: datetime) -> date:
    """The next clinic-local day after today with a booked visit, on a Friday often Monday; tomorrow where none is."""
    clock = ClinicTime(clinic.time_zone)
    tomorrow = clock.local_day(now) + timedelta(days=1)
    visits = Appointment.objects.at_clinic(clinic).filter(status=Status.BOOKED)
    starts = visits.filter(period__startswith__gte=clock.day_start(tomorrow)).order_by("period")
    first = starts.values_list("period", flat=True).first()
    return clock.local_day(first.lower) if first else tomorrow


def rows_of(request: ClinicRequest, day: date, now: datetime) -> list[Row]:
    """Visits to come on that day, in order of time."""
    visits = [one for one in read_day(clinic=request.clinic, day=day, now=now).visits if one.status == Status.BOOKED]
    named = set(RideHome.objects.filter(visit__in=[one.pk for one in visits]).values_list("visit_id", flat=True))
    alike = look_alikes({one.patient_id: one.patient for one in visits}.values())
    return [
        Row(
            visit=one,
            what=visit_name(one),
            alike=born_of(one) if one.patient_id in alike else "",
            is_first=one.dose_number == 1,
            no_ride=demands_of(one).ride and one.pk not in named,
            lacks=waiting_for(one, now),
        )
        for one in visits
    ]


def born_of(visit: Appointment) -> str:
    """The birth date, by which people are told apart."""
    return short_birth_date(visit.patient.birth_date) if visit.patient.birth_date else ""
