"""What the downtime sheet holds: the visits of today and of the clinic's next day, with the numbers to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from notifications.models import PatientAddress, RideHome
from scheduling.clinic_time import ClinicTime
from scheduling.models import GONE, PATIENT_IS_THERE, Appointment, Clinic, Status
from scheduling.step_demands import demands_of
from web.frontdesk.board_blocks import Block, blocks_of
from web.frontdesk.board_grid import Grid
from web.frontdesk.board_rows import DayRows, opening_on, read_day
from web.frontdesk.calls import numbers_of
from web.frontdesk.day_frame import read_frame
from web.frontdesk.nurse_strip import NurseNow, nurses_of

# The next day with visits or opening hours is looked for so far ahead: past a long holiday.
FURTHEST = 14


@dataclass(frozen=True, slots=True)
class Line:
    """One visit: where the patient is called, who drives, and for one who is here since when (`since`)."""

    block: Block
    numbers: tuple[PatientAddress, ...]
    ride: RideHome | None
    needs_ride: bool
    since: datetime | None


@dataclass(frozen=True, slots=True)
class SheetDay:
    """One day of the sheet, in order of time."""

    day: date
    lines: tuple[Line, ...]
    nurses: tuple[NurseNow, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Two days as they stood at `at`."""

    clinic: Clinic
    at: datetime
    days: tuple[SheetDay, ...]


def sheet_of(clinic: Clinic, *, now: datetime) -> Sheet:
    """The sheet as of now."""
    clock = ClinicTime(clinic.time_zone)
    today = clock.local_day(now)
    days = (today, next_day(clinic, today, now))
    return Sheet(clinic, now, tuple(_day(read_day(clinic=clinic, day=day, now=now), now) for day in days))


def next_day(clinic: Clinic, today: date, now: datetime) -> date:
    """The next day on which the clinic is open or has a visit; tomorrow where none is near."""
    clock = ClinicTime(clinic.time_zone)
    for ahead in range(1, FURTHEST + 1):
        day = today + timedelta(days=ahead)
        frame = read_frame(clinic, day, now)
        if frame.visits.get(day) or opening_on(day, clock, frame):
            return day
    return today + timedelta(days=1)


def _day(day: DayRows, now: datetime) -> SheetDay:
    blocks = blocks_of(day, Grid(day.bounds), by_initials=False, now=now)
    shown = [block for block in blocks if block.visit.status not in (*GONE, Status.HELD)]
    numbers, _only = numbers_of({block.visit.patient_id for block in shown})
    rides = {ride.visit_id: ride for ride in RideHome.objects.filter(visit__in=[block.visit.pk for block in shown])}
    return SheetDay(
        day=day.day,
        lines=tuple(
            Line(
                block=block,
                numbers=tuple(numbers[block.visit.patient_id]),
                ride=rides.get(block.visit.pk),
                needs_ride=demands_of(block.visit).ride,
                since=_since(block.visit),
            )
            for block in shown
        ),
        nurses=nurses_of(day, now=now),
    )


def _since(visit: Appointment) -> datetime | None:
    """Since when a patient who is here is where they are: the latest time that was said."""
    if visit.status not in PATIENT_IS_THERE:
        return None
    times = (visit.arrived_at, visit.seated_at, visit.given_at, visit.finished_at)
    return max((at for at in times if at), default=None)
