"""One clinic day as rows: opening, chairs, nurses, and visits with their chairs, nurses and phases. Two queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject, Lower, Upper

from scheduling.clinic_time import ClinicTime, weekday_key
from scheduling.intervals import Interval, subtract
from scheduling.models import Appointment, AppointmentPhase, Claim, ClaimRole, Clinic
from scheduling.prerequisite_rows import with_prerequisites
from scheduling.stopped_starts import with_stops
from web.frontdesk.day_frame import Chair, Frame, read_frame
from web.live import shown_visits

NURSING = (ClaimRole.WATCH, ClaimRole.ATTENTION)


@dataclass(frozen=True, slots=True)
class DayRows:
    """What a clinic's day holds. `chairs` are those in use, and others that a visit of the day stands in."""

    day: date
    bounds: Interval
    clock: ClinicTime
    opening: tuple[Interval, ...]
    frame: Frame
    chairs: tuple[Chair, ...]
    visits: tuple[Appointment, ...]


@dataclass(frozen=True, slots=True)
class Nursing:
    """For how long which nurse has a visit, and whether one-to-one."""

    nurse: int
    is_one_to_one: bool
    period: Interval


def read_day(*, clinic: Clinic, day: date, now: datetime, frame: Frame | None = None) -> DayRows:
    """The rows of one day; with its `frame`, where that was read before."""
    clock = ClinicTime(clinic.time_zone)
    bounds = clock.day_bounds(day)
    frame = frame or read_frame(clinic, day, now)
    visits = tuple(_visits(clinic, bounds, now))
    used = {seat for visit in visits for seat in seats_of(visit)}
    chairs = tuple(chair for chair in frame.chairs if chair.is_active or chair.pk in used)
    return DayRows(day, bounds, clock, opening_on(day, clock, frame), frame, chairs, visits)


def opening_on(day: date, clock: ClinicTime, frame: Frame) -> tuple[Interval, ...]:
    """When the clinic takes patients on a day of the frame's week."""
    return tuple(subtract(hours_on(day, clock, frame), [one.period for one in frame.closures]))


def hours_on(day: date, clock: ClinicTime, frame: Frame) -> list[Interval]:
    """When the clinic is open on such a weekday, closures left aside."""
    return [one for hours in frame.hours.get(weekday_key(day), ()) if (one := clock.on_day(day, hours))]


def _visits(clinic: Clinic, bounds: Interval, now: datetime) -> list[Appointment]:
    claims = Claim.objects.filter(appointment=OuterRef("pk")).order_by("period", "pk")
    phases = AppointmentPhase.objects.filter(appointment=OuterRef("pk")).order_by("position")
    spans = {"start": Lower("period"), "end": Upper("period")}
    visits = shown_visits(clinic, bounds, now).annotate(
        seats=ArraySubquery(claims.filter(role=ClaimRole.SEAT).values("resource_id")),
        nursing=ArraySubquery(
            claims.filter(role__in=NURSING).values(json=JSONObject(nurse="resource_id", role="role", **spans))
        ),
        parts=ArraySubquery(phases.values(json=JSONObject(name="name", **spans))),
    )
    read = with_stops(with_prerequisites(visits)).select_related("patient", "visit_type", "order__current_version")
    return list(read.order_by("period", "pk"))


def seats_of(visit: Appointment) -> list[int]:
    """Ids of the chairs a visit read by `read_day` takes, first one first; none for one without a chair."""
    seats: list[int] = visit.seats  # type: ignore[attr-defined]  # annotated in _visits
    return seats


def nursing_of(visit: Appointment) -> list[Nursing]:
    """Which nurses have a visit read by `read_day`, in order of time."""
    rows: list[dict[str, str]] = visit.nursing  # type: ignore[attr-defined]  # as above
    return [Nursing(int(row["nurse"]), row["role"] == ClaimRole.ATTENTION, _interval(row)) for row in rows]


def parts_of(visit: Appointment) -> list[tuple[str, Interval]]:
    """Name and time of each phase of a visit read by `read_day`, without what comes after the patient has left."""
    parts = [(part["name"], _interval(part)) for part in visit.parts]  # type: ignore[attr-defined]  # as above
    return [(name, period) for name, period in parts if period.start < visit.period.upper]


def read_parts(visit: Appointment) -> list[tuple[str, Interval]]:
    """The same of one visit that was read otherwise. One query."""
    phases = AppointmentPhase.objects.filter(appointment=visit, period__startswith__lt=visit.period.upper)
    rows = phases.order_by("position").values_list("name", "period")
    return [(name, Interval(period.lower, period.upper)) for name, period in rows]


def _interval(span: dict[str, str]) -> Interval:
    return Interval(datetime.fromisoformat(span["start"]), datetime.fromisoformat(span["end"]))
