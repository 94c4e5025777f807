"""Where one visit may go on a day, why it may not go elsewhere, and how the rest could follow it. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from scheduling.checking import check_again, check_series
from scheduling.clinic_time import ClinicTime
from scheduling.intervals import Interval
from scheduling.models import Appointment, Status
from scheduling.openings_to_move import Look, openings_of
from scheduling.picks import AnyPick, BookingRefused, Pick, ReviewPick
from scheduling.problems import because, out_of_time
from scheduling.proposals import reasons_not_to_book
from scheduling.series import read_series
from scheduling.series_terms import ProposedVisit, Wish
from scheduling.visit_rows import NewVisit
from scheduling.why_not import WhyNot

# More than a day has starts, on any grid.
STARTS_OF_A_DAY = 288


@dataclass(frozen=True, slots=True)
class Following:
    """The rest of a series behind an infusion that moves: every start, the moved one first; or why there is none."""

    picks: tuple[AnyPick, ...] = ()
    problems: tuple[WhyNot, ...] = ()


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


def rest_behind(*, appointment: Appointment, start: datetime, now: datetime) -> Following:
    """The best starts of all later booked infusions, and of the reviews between, once this infusion is at `start`.

    What `move_rest` takes. Says why where there is none, and where nothing is booked behind it.
    """
    order, number = appointment.order, appointment.dose_number
    if order is None or number is None:
        return Following()
    if wrong := out_of_time(start, now=now):
        return Following(problems=(because(wrong, number),))
    if reasons := reasons_not_to_book(order, appointment.clinic):
        return Following(problems=tuple(reasons))
    later, moving = _later(appointment, number)
    if not later:
        return Following(problems=(because("not_the_rest", number + 1),))
    series = read_series(order, now=now, without=moving)
    series = replace(series, booked={**series.booked, number: start})
    look = Look(now, moving)
    itself = Interval(start, start + (appointment.period.upper - appointment.period.lower))
    times = look.patient_times(order.patient, [*series.kept_apart, itself])
    found = look.find(appointment.clinic, series.search_terms(later), times, Wish(), 1, series, later)
    if not found.proposals:
        return Following(problems=tuple(found.problems))
    best = found.proposals[0]
    picks: list[AnyPick] = [Pick(number, start), *(Pick(visit.number, visit.start) for visit in best.visits)]
    picks += [ReviewPick(review.after, review.start) for review in best.reviews]
    problems = _would_refuse(appointment, picks, moving, now)
    return Following(problems=problems) if problems else Following(picks=tuple(picks))


def _later(appointment: Appointment, number: int) -> tuple[list[int], list[int]]:
    """Numbers of the infusions booked behind this one, and ids of what moves: it, they and the reviews between."""
    booked = Appointment.objects.filter(order=appointment.order, status=Status.BOOKED)
    rows = list(booked.filter(dose_number__gt=number).values_list("dose_number", "pk"))
    reviews = booked.filter(review_after__gte=number).values_list("pk", flat=True)
    return sorted(one for one, _ in rows if one), [appointment.pk, *(pk for _, pk in rows), *reviews]


def _would_refuse(
    appointment: Appointment, picks: Sequence[AnyPick], moving: Sequence[int], now: datetime
) -> tuple[WhyNot, ...]:
    order = appointment.order
    assert order is not None  # noqa: S101 -- asked by rest_behind
    try:
        check_series(order=order, clinic=appointment.clinic, picks=picks, now=now, without=moving, adds=False)
    except BookingRefused as refusal:
        return tuple(refusal.problems)
    return ()
