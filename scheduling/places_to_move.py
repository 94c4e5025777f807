"""Where one visit may go on a day, and what a move would make of it or refuse it for. Reads only."""

from __future__ import annotations

from datetime import date, datetime

from scheduling.checking import check_again
from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Status
from scheduling.openings_to_move import Look, openings_of
from scheduling.picks import BookingRefused
from scheduling.problems import because, out_of_time
from scheduling.series_terms import ProposedVisit, Wish
from scheduling.visit_rows import NewVisit
from scheduling.why_not import WhyNot

# More than a day has starts, on any grid.
STARTS_OF_A_DAY = 288


def places_on(*, appointment: Appointment, day: date, now: datetime) -> list[ProposedVisit]:
    """The starts that a booked visit may take on a clinic-local day, itself left out of what is taken, in order of
    time; its present one is among them where it may stay. Empty unless it is booked, and where its order is not active.
    """
    if appointment.status != Status.BOOKED:
        return []
    clock = ClinicTime(appointment.clinic.time_zone)
    near = clock.day_bounds(day)
    if near.end <= now:
        return []
    found = openings_of(appointment, Wish(), STARTS_OF_A_DAY, Look(now, (appointment.pk,), near))
    visits = (proposal.visits[0] for proposal in found.proposals)
    return sorted((one for one in visits if clock.local_day(one.start) == day), key=lambda one: one.start)


def would_become(
    *, appointment: Appointment, start: datetime, now: datetime, repack: bool = False
) -> tuple[NewVisit | None, tuple[WhyNot, ...]]:
    """What `move` would make of a visit at this start now, or the problems with which it would refuse."""
    number = appointment.dose_number
    if wrong := out_of_time(start, now=now):
        return None, (because(wrong, number),)
    try:
        [visit] = check_again(
            [appointment], [start], order=appointment.order, clinic=appointment.clinic, now=now, repack=repack
        )
    except BookingRefused as refusal:
        return None, tuple(refusal.problems)
    return visit, ()
