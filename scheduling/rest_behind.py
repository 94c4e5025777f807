"""How the rest of a series would follow an infusion that moves. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from scheduling.checking import check_series
from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.intervals import Interval
from scheduling.models import Appointment, Order, Status
from scheduling.openings_to_move import Look
from scheduling.picks import AnyPick, BookingRefused, Pick, ReviewPick, pick_of
from scheduling.problems import out_of_time
from scheduling.series import read_series
from scheduling.series_terms import Wish


def rest_behind(*, appointment: Appointment, start: datetime, now: datetime) -> tuple[AnyPick, ...]:
    """Where all later booked infusions, and the reviews between, would be once this infusion is at `start`: as far from
    it as now where that can be had, else at the best starts about its time of day. This one is among them.

    What `move_rest` takes, checked as it checks. Empty where nothing is booked behind it, and where the rest can't
    follow.
    """
    order = appointment.order
    rows = _later(appointment) if order is not None and not out_of_time(start, now=now) else []
    if order is None or not any(row.dose_number for row in rows):
        return ()
    moving = [appointment.pk, *(row.pk for row in rows)]
    for picks in (_shifted(appointment, start, rows), _best(order, appointment, start, rows, moving, now)):
        if picks and _can_be_had(order, appointment, picks, moving, now):
            return tuple(picks)
    return ()


def _later(appointment: Appointment) -> list[Appointment]:
    """The infusions booked behind this one, and the reviews between."""
    number = appointment.dose_number or 0
    behind = Q(dose_number__gt=number) | Q(review_after__gte=number)
    return list(Appointment.objects.filter(behind, order=appointment.order, status=Status.BOOKED).order_by("period"))


def _shifted(appointment: Appointment, start: datetime, rows: Sequence[Appointment]) -> list[AnyPick]:
    """All of them as many days and as much of the day later as this one, by the clinic's wall clock; none where that is
    a time that the clocks skip."""
    clock = ClinicTime(appointment.time_zone)
    was, then = clock.local(appointment.period.lower), clock.local(start)
    shift = then.replace(tzinfo=None) - was.replace(tzinfo=None)
    picks = [pick_of(appointment, start)]
    try:
        for row in rows:
            wall = clock.local(row.period.lower).replace(tzinfo=None) + shift
            picks.append(pick_of(row, clock.at_wall(wall.date(), wall.time(), which="first")))
    except NonexistentTime:
        return []
    return picks


def _best(
    order: Order,
    appointment: Appointment,
    start: datetime,
    rows: Sequence[Appointment],
    moving: Collection[int],
    now: datetime,
) -> list[AnyPick]:
    """The best starts of the rest about the time of day of this one; none where there are none."""
    number = appointment.dose_number or 0
    later = sorted(row.dose_number for row in rows if row.dose_number is not None)
    series = read_series(order, now=now, without=moving)
    series = replace(series, booked={**series.booked, number: start})
    look = Look(now, moving)
    itself = Interval(start, start + (appointment.period.upper - appointment.period.lower))
    times = look.patient_times(order.patient, [*series.kept_apart, itself])
    wish = Wish(ClinicTime(appointment.time_zone).local(start).time())
    found = look.find(appointment.clinic, series.search_terms(later), times, wish, 1, series, later)
    if not found.proposals:
        return []
    best = found.proposals[0]
    picks: list[AnyPick] = [Pick(number, start), *(Pick(visit.number, visit.start) for visit in best.visits)]
    return [*picks, *(ReviewPick(review.after, review.start) for review in best.reviews)]


def _can_be_had(
    order: Order, appointment: Appointment, picks: Sequence[AnyPick], moving: Collection[int], now: datetime
) -> bool:
    try:
        check_series(order=order, clinic=appointment.clinic, picks=picks, now=now, without=moving, adds=False)
    except BookingRefused:
        return False
    return True
