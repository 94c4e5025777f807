"""One clinic day as rows: opening, chairs with their absences, visits with chairs and phases. Three queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject, Lower, Upper

from scheduling.clinic_time import ClinicTime, WallRange, weekday_key
from scheduling.intervals import Interval, subtract
from scheduling.models import (
    Absence,
    Appointment,
    AppointmentPhase,
    Claim,
    ClaimRole,
    Clinic,
    ClinicHours,
    Closure,
    Resource,
    ResourceKind,
)
from scheduling.prerequisite_rows import with_prerequisites
from scheduling.stopped_starts import with_stops
from web.live import shown_visits

PERIOD = JSONObject(start=Lower("period"), end=Upper("period"))


@dataclass(frozen=True, slots=True)
class DayRows:
    """What a clinic's day holds. `chairs` come with the spans in which each is out of service."""

    day: date
    bounds: Interval
    clock: ClinicTime
    opening: tuple[Interval, ...]
    chairs: tuple[tuple[Resource, tuple[Interval, ...]], ...]
    visits: tuple[Appointment, ...]


def read_day(*, clinic: Clinic, day: date, now: datetime) -> DayRows:
    """The rows of one day."""
    clock = ClinicTime(clinic.time_zone)
    bounds = clock.day_bounds(day)
    visits = tuple(_visits(clinic, bounds, now))
    used = {seat for visit in visits for seat in seats_of(visit)}
    chairs = tuple(
        (chair, absences) for chair, absences in _chairs(clinic, bounds) if chair.is_active or chair.pk in used
    )
    return DayRows(day, bounds, clock, _opening(clinic, day, clock, bounds), chairs, visits)


def _visits(clinic: Clinic, bounds: Interval, now: datetime) -> list[Appointment]:
    seats = Claim.objects.filter(appointment=OuterRef("pk"), role=ClaimRole.SEAT).order_by("period")
    phases = AppointmentPhase.objects.filter(appointment=OuterRef("pk")).order_by("position")
    visits = shown_visits(clinic, bounds, now).annotate(
        seats=ArraySubquery(seats.values("resource_id")),
        parts=ArraySubquery(phases.values(json=JSONObject(name="name", start=Lower("period"), end=Upper("period")))),
    )
    read = with_stops(with_prerequisites(visits)).select_related("patient", "visit_type", "order__current_version")
    return list(read.order_by("period", "pk"))


def seats_of(visit: Appointment) -> list[int]:
    """Ids of the chairs a visit read by `read_day` takes, first one first; none for one without a chair."""
    seats: list[int] = visit.seats  # type: ignore[attr-defined]  # annotated in _visits
    return seats


def parts_of(visit: Appointment) -> list[tuple[str, Interval]]:
    """Name and time of each phase of a visit read by `read_day`, without what comes after the patient has left."""
    parts = [(part["name"], _interval(part)) for part in visit.parts]  # type: ignore[attr-defined]  # as above
    return [(name, period) for name, period in parts if period.start < visit.period.upper]


def read_parts(visit: Appointment) -> list[tuple[str, Interval]]:
    """The same of one visit that was read otherwise. One query."""
    phases = AppointmentPhase.objects.filter(appointment=visit, period__startswith__lt=visit.period.upper)
    rows = phases.order_by("position").values_list("name", "period")
    return [(name, Interval(period.lower, period.upper)) for name, period in rows]


def _chairs(clinic: Clinic, bounds: Interval) -> list[tuple[Resource, tuple[Interval, ...]]]:
    away = Absence.objects.filter(resource=OuterRef("pk"), period__overlap=(bounds.start, bounds.end))
    kinds = (ResourceKind.CHAIR, ResourceKind.BAY)
    chairs = Resource.objects.filter(clinic=clinic, kind__in=kinds).annotate(
        away=ArraySubquery(away.values(json=PERIOD))
    )
    # Chairs before recovery bays, each in the order of the clinic's own list.
    return [(chair, tuple(map(_interval, chair.away))) for chair in chairs.order_by("-kind", "pk")]


def _opening(clinic: Clinic, day: date, clock: ClinicTime, bounds: Interval) -> tuple[Interval, ...]:
    hours = ClinicHours.objects.filter(clinic=OuterRef("pk"), weekday=weekday_key(day)).order_by("opens")
    closures = Closure.objects.filter(clinic=OuterRef("pk"), period__overlap=(bounds.start, bounds.end))
    row = Clinic.objects.annotate(
        opens=ArraySubquery(hours.values(json=JSONObject(opens="opens", closes="closes"))),
        closed=ArraySubquery(closures.values(json=PERIOD)),
    ).values_list("opens", "closed")
    opens, closed = row.get(pk=clinic.pk)
    ranges = [clock.on_day(day, _wall_range(span)) for span in opens]
    return tuple(subtract([one for one in ranges if one], [_interval(span) for span in closed]))


def _interval(span: dict[str, str]) -> Interval:
    return Interval(datetime.fromisoformat(span["start"]), datetime.fromisoformat(span["end"]))


def _wall_range(span: dict[str, str]) -> WallRange:
    opens, closes = time.fromisoformat(span["opens"]), time.fromisoformat(span["closes"])
    return WallRange(opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute)
